/**
 * `pass`: hands connections and datagrams to a target as they are.
 *
 *     web:pass:target.ip=127.0.0.1,target.port=3000
 *     db:pass:target.path=/run/postgresql/.s.PGSQL.5432,local-port=5432
 *
 * @module
 */

import type { BackendSpec, NetworkProtocol } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type {
  BackendInfo,
  ConnectionBackend,
  HealthCheckBackend,
  HealthCheckResult,
  MessageBackend,
} from "../routing/backend.ts";
import type { BackendContext, BackendModule, UpstreamSocket } from "../routing/backend_module.ts";
import type {
  ClientConnection,
  ClientInfo,
  ClientWriter,
  ClientWriterFactory,
  Dial,
  Preview,
  Properties,
} from "../routing/client.ts";
import { priorityTier, readEach } from "./parameters.ts";
import { proxyHeader, type ProxyVersion, proxyVersion } from "./proxy_header.ts";
import { describeTarget, TARGET_PARAMETERS, targetOf } from "./target.ts";
import { CHECK_PARAMETERS, checkDatagram, checkStream, validateCheck } from "./target_check.ts";
import { targetPermissions } from "./target_permissions.ts";

/**
 * The parameters that {@linkcode PassthroughBackend} reads.
 *
 * @example
 * ```ts
 * import { PASS_PARAMETERS } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(PASS_PARAMETERS.includes("target.host"), true);
 * ```
 */
export const PASS_PARAMETERS: readonly string[] = [...TARGET_PARAMETERS, "proxy-protocol"];

/**
 * Hands connections and datagrams to one target.
 *
 * @example
 * ```ts
 * import { type BackendModule, parseBackendSpec, PassthroughBackend } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * // Passes to a target, and marks what it passes in the list of backends.
 * const marked: BackendModule = {
 *   protocol: "marked",
 *   createBackend(spec, context) {
 *     const pass = new PassthroughBackend(spec, context);
 *     return Object.assign(pass, { info: { ...pass.info, properties: { mark: "blue" } } });
 *   },
 * };
 * const spec = parseBackendSpec("web:marked:target.ip=127.0.0.1,target.port=3000");
 * assertEquals(marked.protocol, spec.protocol);
 * ```
 */
export class PassthroughBackend implements ConnectionBackend, MessageBackend, HealthCheckBackend {
  /** What it is. */
  readonly info: BackendInfo;
  readonly #target: Dial;
  readonly #proxy: ProxyVersion | undefined;
  readonly #context: BackendContext;
  readonly #upstreams = new Map<ClientInfo, Promise<UpstreamSocket> | UpstreamSocket>();
  #writer: ClientWriterFactory | undefined;

  /** Reads the spec; throws an error for the user when it is wrong. */
  constructor(spec: BackendSpec, context: BackendContext) {
    const { target, proxy, tier } = readEach({
      target: () => targetOf(spec),
      proxy: () => proxyVersion(spec),
      tier: () => priorityTier(spec, "normal"),
    });
    this.#target = target;
    this.#proxy = proxy;
    this.#context = context;
    this.info = { spec, properties: describeTarget(target), priorityTier: tier };
  }

  /** Takes the way back to clients. */
  initialize(clientWriterFactory: ClientWriterFactory): void {
    this.#writer = clientWriterFactory;
  }

  /** Wants every connection that its matchers let through. */
  canHandleConnection(_preview: Preview, _signal: AbortSignal): Verdict {
    return "match";
  }

  /** Sends the client to the target. */
  connect(connection: ClientConnection, _signal: AbortSignal): Dial {
    if (this.#proxy === undefined) return this.#target;
    const { client, properties } = connection;
    return { ...this.#target, head: proxyHeader(this.#proxy, { client, properties, transport: "tcp" }) };
  }

  /** Wants every session that its matchers let through, unless the target is a Unix socket. */
  canHandleMessage(
    _client: ClientInfo,
    _metadata: Properties,
    _message: Uint8Array,
    _signal: AbortSignal,
  ): Verdict {
    return this.#target.transport === "unix" ? "mismatch" : "match";
  }

  /**
   * Forwards the datagram to the target from the session's own socket. Whatever the target answers goes
   * back through the client writer, until the signal ends the session.
   */
  handleMessage(
    client: ClientInfo,
    metadata: Properties,
    message: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const upstream = this.#upstreams.get(client) ?? this.#open(client, signal);
    const forwarded = this.#proxy === "v2" ? withHeader(client, metadata, message) : message;
    return upstream instanceof Promise
      ? upstream.then((socket) => socket.send(forwarded))
      : upstream.send(forwarded);
  }

  /** Whether the target accepts a connection, or gives the expected answer. */
  healthCheck(
    networkProtocol: NetworkProtocol,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HealthCheckResult> {
    const options = { net: this.#context.net, parameters, signal };
    return networkProtocol === "tcp"
      ? checkStream(this.#target, options)
      : checkDatagram(this.#target, options);
  }

  /** Closes what sessions hold. */
  async [Symbol.asyncDispose](): Promise<void> {
    const upstreams = await Promise.allSettled(this.#upstreams.values());
    for (const upstream of upstreams) if (upstream.status === "fulfilled") upstream.value.close();
    this.#upstreams.clear();
  }

  #open(client: ClientInfo, signal: AbortSignal): Promise<UpstreamSocket> {
    const opening = this.#connect(client, signal);
    this.#upstreams.set(client, opening);
    const end = () => {
      this.#upstreams.delete(client);
      opening.then((socket) => socket.close(), () => {});
    };
    signal.addEventListener("abort", end, { once: true });
    opening.then((socket) => {
      if (!signal.aborted) this.#upstreams.set(client, socket);
    }, () => {
      this.#upstreams.delete(client);
      signal.removeEventListener("abort", end);
    });
    return opening;
  }

  /** Opens a session's socket, which answers its client until it is closed. */
  async #connect(client: ClientInfo, signal: AbortSignal): Promise<UpstreamSocket> {
    signal.throwIfAborted();
    if (this.#writer === undefined) {
      throw new Error("Cannot handle a datagram: the backend was not initialized");
    }
    const writer = this.#writer(client);
    const { hostname, port } = this.#target;
    const socket = await this.#context.net.openDatagram({ hostname: hostname!, port: port! });
    if (signal.aborted) {
      socket.close();
      throw signal.reason;
    }
    this.#answer(socket, writer);
    return socket;
  }

  /** Carries the target's answers until the socket is closed. */
  async #answer(socket: UpstreamSocket, writer: ClientWriter): Promise<void> {
    const { buffers } = this.#context;
    const buffer = buffers.take();
    for (;;) {
      const message = await socket.receive(buffer);
      if (message === null) break;
      try {
        await writer.write(message);
      } catch {
        // Lost, as one that the network does not take.
      }
    }
    buffers.give(buffer);
  }
}

/** Every datagram has its own header: the target may not keep sessions. */
function withHeader(client: ClientInfo, properties: Properties, message: Uint8Array): Uint8Array {
  const header = proxyHeader("v2", { client, properties, transport: "udp" });
  const framed = new Uint8Array(header.length + message.length);
  framed.set(header);
  framed.set(message, header.length);
  return framed;
}

/** The backend module. */
const module: BackendModule = {
  protocol: "pass",
  parameters: PASS_PARAMETERS,
  healthCheckParameters: CHECK_PARAMETERS,
  validateHealthCheck: validateCheck,
  permissions: (spec) => targetPermissions(targetOf(spec)),
  createBackend: (spec, context) => new PassthroughBackend(spec, context),
};
export default module;
