/**
 * The multiplexer as one object: how it starts and stops, and what it can be asked to change while it runs.
 *
 * @module
 */

import { isDeepStrictEqual as isEqual } from "node:util";
import { completeConfig } from "../config/complete_config.ts";
import type { BackendSpec, BindingSpec, Config, HealthCheckSpec } from "../config/types.ts";
import { InOrder } from "../net/in_order.ts";
import type { BackendStatus } from "../routing/routing_strategy.ts";
import type { ConnectionStatus } from "../routing/traffic.ts";
import type { BuiltBackend } from "./backend_set.ts";
import type { Events, ListenerInfo } from "./events.ts";
import type { MultiplexerConfig, MultiplexerOptions, RemoveOptions } from "./multiplexer_options.ts";
import { RunningParts } from "./running_parts.ts";

type State = "initial" | "starting" | "started" | "stopped";

/**
 * Accepts connections and datagrams, and hands each to the backend that wants it.
 *
 * @example
 * ```ts
 * import { Multiplexer, parseBackendSpec, parseBindingSpec } from "@pmmux/cli/mod";
 *
 * await using multiplexer = new Multiplexer({
 *   backends: [parseBackendSpec("nobody:noop:")],
 *   portBindings: parseBindingSpec("!:?:tcp:bind-address=127.0.0.1"),
 * });
 * await multiplexer.start();
 * console.log("listening on port", multiplexer.listeners[0]?.port);
 * ```
 */
export class Multiplexer implements AsyncDisposable {
  /** What happens while it runs. */
  readonly events: Events;
  readonly #parts: RunningParts;
  readonly #hurry = new AbortController();
  readonly #changes = new InOrder();
  #state: State = "initial";
  #end: Promise<void> | undefined;

  /**
   * A multiplexer that does nothing until it is started.
   *
   * @throws {ConfigError} for the user if the configuration has a key or a value that there is not.
   */
  constructor(config: MultiplexerConfig = {}, options: MultiplexerOptions = {}) {
    this.#parts = new RunningParts(completeConfig(config), options);
    this.events = this.#parts.events;
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#parts.config;
  }

  /** The listeners that are open. */
  get listeners(): readonly ListenerInfo[] {
    return this.#parts.listeners.open.map(({ info }) => info);
  }

  /** The backends, one status for each transport, in routing order; those that drain come last. */
  get backends(): readonly BackendStatus[] {
    return this.#parts.backends.statuses();
  }

  /** The connections and sessions that are being carried, oldest first. Each can be closed. */
  get connections(): readonly ConnectionStatus[] {
    return [...this.#parts.connections].sort((one, other) => one.id - other.id);
  }

  /** The health checks in force. */
  get healthChecks(): readonly HealthCheckSpec[] {
    return this.config.healthChecks;
  }

  /**
   * Builds the backends and opens the listeners.
   *
   * @throws {Error} for the user when anything of it is impossible; nothing is left half-started.
   *
   * @example
   * ```ts
   * import { Multiplexer, parseBindingSpec } from "@pmmux/cli/mod";
   * import { assertRejects } from "@std/assert";
   *
   * const portBindings = parseBindingSpec("!:?:tcp:bind-address=192.0.2.1");
   * await assertRejects(() => new Multiplexer({ portBindings }).start(), Error, "192.0.2.1");
   * ```
   */
  async start(): Promise<void> {
    if (this.#state !== "initial") throw new Error(`Cannot start a multiplexer that is ${this.#state}`);
    this.#state = "starting";
    await this.#changes.run(async () => {
      try {
        await this.#parts.change(this.config);
        if (this.#state === "starting") this.#state = "started";
      } catch (error) {
        if (this.#state === "starting") this.#state = "initial";
        throw error;
      }
    });
  }

  /**
   * Stops listening, lets connections finish for `drainTimeout`, and closes what is left. The signal ends
   * the wait, also that of an earlier call.
   *
   * @example
   * ```ts
   * import { Multiplexer } from "@pmmux/cli/mod";
   *
   * const multiplexer = new Multiplexer({ drainTimeout: 60_000 });
   * await multiplexer.start();
   * await multiplexer.stop({ signal: AbortSignal.timeout(5000) });
   * ```
   */
  async stop({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const hurry = () => this.#hurry.abort();
    if (signal?.aborted) hurry();
    signal?.addEventListener("abort", hurry, { once: true });
    this.#state = "stopped";
    this.#end ??= this.#changes.run(() => this.#parts.shutDown(this.#hurry.signal));
    await this.#end;
    signal?.removeEventListener("abort", hurry);
  }

  /** Stops, giving connections no time. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop({ signal: AbortSignal.abort() });
  }

  /**
   * Makes a new configuration the one in force: backends and listeners that stay keep their connections,
   * counts and sockets; the others are built before anything is taken away.
   *
   * @throws {Error} for the user when a part of it is impossible; the old configuration then stays in force.
   *
   * @example
   * ```ts
   * import { Multiplexer, parseBackendSpec } from "@pmmux/cli/mod";
   * import { assertEquals } from "@std/assert";
   *
   * await using multiplexer = new Multiplexer();
   * await multiplexer.start();
   * await multiplexer.apply({ backends: [parseBackendSpec("nobody:noop:")], idleTimeout: 60_000 });
   * assertEquals(multiplexer.config.idleTimeout, 60_000);
   * ```
   */
  async apply(config: MultiplexerConfig): Promise<void> {
    await this.#exclusive(() => this.#parts.change(completeConfig(config)));
  }

  /**
   * Adds a backend, last in order.
   *
   * @example
   * ```ts
   * import { Multiplexer, parseBackendSpec } from "@pmmux/cli/mod";
   * import { assertEquals } from "@std/assert";
   *
   * await using multiplexer = new Multiplexer();
   * await multiplexer.start();
   * await multiplexer.addBackend(parseBackendSpec("web:pass:target.ip=127.0.0.1,target.port=3000"));
   * assertEquals(multiplexer.backends[0]?.spec.name, "web");
   * ```
   */
  async addBackend(spec: BackendSpec): Promise<void> {
    await this.#exclusive(async () => {
      if (this.#parts.backends.find(spec.name) !== undefined) {
        throw new Error(`Cannot add backend "${spec.name}": there is one of that name`);
      }
      await this.#parts.change({ ...this.config, backends: [...this.config.backends, spec] });
    });
  }

  /**
   * Replaces the backend of the same name, in its place; the old one drains once the new one works.
   *
   * @example
   * ```ts
   * import { Multiplexer, parseBackendSpec } from "@pmmux/cli/mod";
   * import { assertEquals } from "@std/assert";
   *
   * await using multiplexer = new Multiplexer({
   *   backends: [parseBackendSpec("web:pass:target.ip=127.0.0.1,target.port=3000")],
   * });
   * await multiplexer.start();
   * await multiplexer.replaceBackend(parseBackendSpec("web:pass:target.ip=127.0.0.1,target.port=3001"));
   * assertEquals(multiplexer.backends[0]?.spec.parameters["target.port"], "3001");
   * ```
   */
  async replaceBackend(spec: BackendSpec): Promise<void> {
    await this.#exclusive(async () => {
      this.#known(spec.name);
      const backends = this.config.backends.map((old) => old.name === spec.name ? spec : old);
      await this.#parts.change({ ...this.config, backends });
    });
  }

  /**
   * Removes a backend; resolves when its connections have ended or were closed.
   *
   * @example
   * ```ts
   * import { Multiplexer, parseBackendSpec } from "@pmmux/cli/mod";
   *
   * await using multiplexer = new Multiplexer({ backends: [parseBackendSpec("nobody:noop:")] });
   * await multiplexer.start();
   * await multiplexer.removeBackend("nobody", { force: true });
   * ```
   */
  async removeBackend(name: string, options: RemoveOptions = {}): Promise<void> {
    const drain = await this.#exclusive(() => {
      const done = this.#parts.removeBackend(this.#known(name), options);
      return Promise.resolve({ done });
    });
    await drain.done;
  }

  /**
   * Opens a listener; answers it with its real port.
   *
   * @example
   * ```ts
   * import { Multiplexer, parseBindingSpec } from "@pmmux/cli/mod";
   *
   * await using multiplexer = new Multiplexer();
   * await multiplexer.start();
   * for (const binding of parseBindingSpec("!:?:tcp:bind-address=127.0.0.1")) {
   *   console.log("listening on port", (await multiplexer.addListener(binding)).port);
   * }
   * ```
   */
  async addListener(binding: BindingSpec): Promise<ListenerInfo> {
    return await this.#exclusive(() => {
      if (!binding.listen) throw new Error("Cannot listen for a port binding that says listen=false");
      return Promise.resolve(this.#parts.addListener(binding));
    });
  }

  /**
   * Closes the listener of a transport and port (and address, where several have that port); false if none is open.
   *
   * @example
   * ```ts
   * import { Multiplexer, parseBindingSpec } from "@pmmux/cli/mod";
   * import { assertEquals } from "@std/assert";
   *
   * await using multiplexer = new Multiplexer({ portBindings: parseBindingSpec("!:?:tcp:bind-address=127.0.0.1") });
   * await multiplexer.start();
   * assertEquals(await multiplexer.removeListener(multiplexer.listeners[0]!), true);
   * ```
   */
  async removeListener(
    where: Pick<ListenerInfo, "networkProtocol" | "port"> & { address?: string },
  ): Promise<boolean> {
    return await this.#exclusive(async () => {
      const listener = this.#parts.listeners.open.find(({ info }) =>
        info.networkProtocol === where.networkProtocol && info.port === where.port &&
        (where.address === undefined || where.address === info.address)
      );
      if (listener === undefined) return false;
      await this.#parts.removeListener(listener);
      return true;
    });
  }

  /**
   * Adds a health check; false if an equal one is there.
   *
   * @example
   * ```ts
   * import { Multiplexer, parseHealthCheckSpec } from "@pmmux/cli/mod";
   * import { assertEquals } from "@std/assert";
   *
   * await using multiplexer = new Multiplexer();
   * await multiplexer.start();
   * const check = parseHealthCheckSpec("pass:interval=5000");
   * assertEquals([await multiplexer.addHealthCheck(check), await multiplexer.addHealthCheck(check)], [true, false]);
   * ```
   */
  async addHealthCheck(spec: HealthCheckSpec): Promise<boolean> {
    return await this.#exclusive(async () => {
      const { healthChecks } = this.config;
      if (healthChecks.some((other) => isEqual(other, spec))) return false;
      await this.#parts.change({ ...this.config, healthChecks: [...healthChecks, spec] });
      return true;
    });
  }

  /**
   * Removes the health check that is equal; false if there is none.
   *
   * @example
   * ```ts
   * import { Multiplexer, parseHealthCheckSpec } from "@pmmux/cli/mod";
   * import { assertEquals } from "@std/assert";
   *
   * const check = parseHealthCheckSpec("pass:interval=5000");
   * await using multiplexer = new Multiplexer({ healthChecks: [check] });
   * await multiplexer.start();
   * assertEquals(await multiplexer.removeHealthCheck(check), true);
   * ```
   */
  async removeHealthCheck(spec: HealthCheckSpec): Promise<boolean> {
    return await this.#exclusive(async () => {
      const { healthChecks } = this.config;
      const others = healthChecks.filter((other) => !isEqual(other, spec));
      if (others.length === healthChecks.length) return false;
      await this.#parts.change({ ...this.config, healthChecks: others });
      return true;
    });
  }

  /**
   * Changes the routing strategy.
   *
   * @example
   * ```ts
   * import { Multiplexer } from "@pmmux/cli/mod";
   * import { assertEquals } from "@std/assert";
   *
   * await using multiplexer = new Multiplexer();
   * await multiplexer.start();
   * await multiplexer.setRoutingStrategy("round-robin");
   * assertEquals(multiplexer.config.routingStrategy, "round-robin");
   * ```
   */
  async setRoutingStrategy(name: string): Promise<void> {
    await this.#exclusive(() => this.#parts.change({ ...this.config, routingStrategy: name }));
  }

  #known(name: string): BuiltBackend {
    const built = this.#parts.backends.find(name);
    if (built === undefined) throw new Error(`There is no backend "${name}"`);
    return built;
  }

  /** One change at a time, and only while it runs. */
  #exclusive<T>(change: () => Promise<T>): Promise<T> {
    return this.#changes.run(() => {
      if (this.#state === "started") return change();
      const state = this.#state === "stopped" ? "has stopped" : "was not started";
      throw new Error(`Cannot change a multiplexer that ${state}`);
    });
  }
}
