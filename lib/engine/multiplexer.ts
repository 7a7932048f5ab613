/**
 * The multiplexer as one object: what is configured, what runs, and how to change it while it runs.
 *
 * @module
 */

import { isDeepStrictEqual as isEqual } from "node:util";
import { completeConfig } from "../config/complete_config.ts";
import { ConfigError } from "../config/errors.ts";
import { suggest } from "../config/nearest.ts";
import { STRATEGY_SUBJECT } from "../config/origins.ts";
import type { BackendSpec, BindingSpec, Config, HealthCheckSpec, NetworkProtocol } from "../config/types.ts";
import { backendNetwork } from "../net/backend_network.ts";
import { ConnectionTable } from "../net/connection_table.ts";
import { restDeadlines } from "../net/deadlines.ts";
import { datagramBuffers } from "../net/datagram_buffers.ts";
import { InOrder } from "../net/in_order.ts";
import { MessageServer } from "../net/message_server.ts";
import { PreviewNegotiator } from "../net/preview_negotiator.ts";
import { silentObserver } from "../net/observer.ts";
import { TcpServer } from "../net/tcp_server.ts";
import type { BackendStatus, RoutingStrategy } from "../routing/contracts.ts";
import { type Logger, silentLogger } from "../routing/logger.ts";
import { Router } from "../routing/router.ts";
import { strategies } from "../routing/strategies.ts";
import type { ConnectionStatus } from "../routing/traffic.ts";
import { BackendSet, type BuiltBackend } from "./backend_set.ts";
import { Events, type ListenerInfo } from "./events.ts";
import { guardObserver } from "./guarded_observer.ts";
import { IdleWatch } from "./idle_watch.ts";
import { ListenerSet } from "./listener_set.ts";
import type { MultiplexerConfig, MultiplexerOptions, RemoveOptions } from "./multiplexer_options.ts";
import { prepareChange } from "./prepare_change.ts";
import { BackendLoader, workingDirectory } from "./loader.ts";
import { HealthMonitor } from "./monitor.ts";

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
  readonly #logger: Logger;
  readonly #options: MultiplexerOptions;
  readonly #router: Router;
  readonly #connections = new ConnectionTable();
  readonly #tcp: TcpServer;
  readonly #udp: MessageServer;
  readonly #loader: BackendLoader;
  readonly #backends: BackendSet;
  readonly #listeners: ListenerSet;
  readonly #monitor: HealthMonitor;
  readonly #idle: IdleWatch;
  readonly #drains = new Set<Promise<void>>();
  readonly #hurry = new AbortController();
  readonly #changes = new InOrder();
  #config: Config;
  #state: State = "initial";
  #transports: readonly NetworkProtocol[] = [];
  #end: Promise<void> | undefined;

  /**
   * A multiplexer that does nothing until it is started.
   *
   * @throws {ConfigError} for the user if the configuration has a key or a value that there is not.
   */
  constructor(config: MultiplexerConfig = {}, options: MultiplexerOptions = {}) {
    this.#config = completeConfig(config);
    this.#options = options;
    const { logger = silentLogger, reusePort = false } = options;
    this.#logger = logger.child("multiplexer");
    const observer = options.observer === undefined
      ? silentObserver
      : guardObserver(options.observer, this.#logger);
    this.events = options.events ?? new Events(this.#logger);
    this.#router = new Router({
      strategy: this.#strategy(this.#config.routingStrategy),
      panic: this.#config.panic,
      logger: logger.child("router"),
      onProbe: options.observer?.measured === undefined
        ? undefined
        : (entry, milliseconds) => observer.measured?.("probe", milliseconds, entry),
    });
    const shared = { router: this.#router, table: this.#connections, observer, limits: this.#config };
    this.#tcp = new TcpServer({ ...shared, onLackOfDescriptors: () => this.#udp.makeRoom() });
    this.#udp = new MessageServer(shared);
    this.#loader = options.loader ?? new BackendLoader({ base: workingDirectory() });
    this.#backends = new BackendSet({
      loader: this.#loader,
      router: this.#router,
      connections: this.#connections,
      events: this.events,
      logger,
      context: { net: backendNetwork, buffers: datagramBuffers },
      metrics: options.backendMetrics,
      clientWriterFactory: (client) => this.#udp.writer(client),
    });
    this.#listeners = new ListenerSet({
      tcp: this.#tcp,
      udp: this.#udp,
      observer,
      events: this.events,
      negotiators: (options.negotiators ?? []).toReversed().map((negotiator) =>
        new PreviewNegotiator(negotiator, { timeout: () => this.#config.selectionTimeout })
      ),
      queueLength: () => this.#config.queueLength,
      reusePort,
    });
    this.#monitor = new HealthMonitor({
      logger: logger.child("backend-monitor"),
      random: options.random,
      onCheck: (entry, result) => this.events.emit("healthChecked", { backend: entry, ...result }),
    });
    this.#idle = new IdleWatch(this.#connections);
    this.events.on("healthChanged", ({ backend, before }) => {
      const ejected = backend.health.ejectedBy !== undefined && before.ejectedBy === undefined;
      if (ejected) this.#udp.endSessions(backend, "backend unhealthy");
    });
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  /** The listeners that are open. */
  get listeners(): readonly ListenerInfo[] {
    return this.#listeners.open.map(({ info }) => info);
  }

  /** The backends, one status for each transport, in routing order; those that drain come last. */
  get backends(): readonly BackendStatus[] {
    return this.#backends.statuses();
  }

  /** The connections and sessions that are being carried, oldest first. Each can be closed. */
  get connections(): readonly ConnectionStatus[] {
    return [...this.#connections].sort((one, other) => one.id - other.id);
  }

  /** The health checks in force. */
  get healthChecks(): readonly HealthCheckSpec[] {
    return this.#config.healthChecks;
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
        await this.#change(this.#config);
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
    this.#end ??= this.#changes.run(() => this.#shutDown());
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
    await this.#exclusive(() => this.#change(completeConfig(config)));
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
      if (this.#backends.find(spec.name) !== undefined) {
        throw new Error(`Cannot add backend "${spec.name}": there is one of that name`);
      }
      await this.#change({ ...this.#config, backends: [...this.#config.backends, spec] });
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
      const backends = this.#config.backends.map((old) => old.name === spec.name ? spec : old);
      await this.#change({ ...this.#config, backends });
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
      const built = this.#known(name);
      this.#config = {
        ...this.#config,
        backends: this.#config.backends.filter((spec) => spec.name !== name),
      };
      this.#backends.replace(this.#backends.current.filter((other) => other !== built));
      this.#watch();
      return Promise.resolve({ done: this.#drain(built, options) });
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
      const own = { ...binding };
      const { info } = this.#listeners.add(own);
      this.#config = { ...this.#config, portBindings: [...this.#config.portBindings, own] };
      this.#watch();
      return Promise.resolve(info);
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
      const listener = this.#listeners.open.find(({ info }) =>
        info.networkProtocol === where.networkProtocol && info.port === where.port &&
        (where.address === undefined || where.address === info.address)
      );
      if (listener === undefined) return false;
      const portBindings = this.#config.portBindings.filter((binding) =>
        !this.#listeners.serves(listener, binding)
      );
      this.#config = { ...this.#config, portBindings };
      this.#watch();
      await this.#listeners.remove(listener);
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
      const { healthChecks } = this.#config;
      if (includes(healthChecks, spec)) return false;
      await this.#change({ ...this.#config, healthChecks: [...healthChecks, spec] });
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
      const { healthChecks } = this.#config;
      if (!includes(healthChecks, spec)) return false;
      await this.#change({
        ...this.#config,
        healthChecks: healthChecks.filter((other) => !isEqual(other, spec)),
      });
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
    await this.#exclusive(() => this.#change({ ...this.#config, routingStrategy: name }));
  }

  async #shutDown(): Promise<void> {
    const sessionsOver = this.#udp[Symbol.asyncDispose]();
    await Promise.all(this.#listeners.open.map((listener) => this.#listeners.remove(listener)));
    await sessionsOver;
    const closeAll = () => this.#connections.close(() => true, "shutdown");
    const { signal } = this.#hurry;
    signal.addEventListener("abort", closeAll, { once: true });
    if (!signal.aborted) await this.#connections.drained(() => true, this.#config.drainTimeout);
    await closeAll();
    this.#monitor.update([], []);
    for (const left of this.#backends.replace([])) this.#drain(left, { force: true });
    await Promise.all(this.#drains);
    this.#idle.stop();
    restDeadlines();
  }

  /** Performs the difference between what runs and a configuration. Everything that can fail comes first. */
  async #change(next: Config): Promise<void> {
    const strategy = this.#strategy(next.routingStrategy);
    const change = await prepareChange(next, {
      backends: this.#backends,
      listeners: this.#listeners,
      loader: this.#loader,
    });
    const { healthChecks } = this.#config;
    this.#config = next;
    this.#router.strategy = strategy;
    this.#router.panic = next.panic;
    this.#tcp.limits = next;
    this.#udp.limits = next;
    this.#idle.limits = next;
    if (change.backends.some((built) => !this.#backends.current.includes(built))) strategy.reset?.();
    const left = this.#backends.replace(change.backends);
    this.#watch();
    for (const old of left) this.#drain(old, {});
    await change.closeListeners();
    for (const spec of healthChecks) {
      if (!includes(next.healthChecks, spec)) this.events.emit("healthCheckRemoved", spec);
    }
    for (const spec of next.healthChecks) {
      if (!includes(healthChecks, spec)) this.events.emit("healthCheckAdded", spec);
    }
  }

  #drain(built: BuiltBackend, { force = false, deadline }: RemoveOptions): Promise<void> {
    const milliseconds = force ? 0 : deadline ?? this.#config.drainTimeout;
    for (const entry of built.entries) this.#udp.endSessions(entry, "backend removed");
    const drain = this.#backends.drain(built, { milliseconds });
    this.#drains.add(drain);
    drain.finally(() => this.#drains.delete(drain));
    return drain;
  }

  /** Checks what clients can reach. One that has closed all its listeners still checks for its connections. */
  #watch(): void {
    const { healthChecks, portBindings } = this.#config;
    const listening = portBindings.filter(({ listen }) => listen);
    if (listening.length > 0) this.#transports = listening.map(({ networkProtocol }) => networkProtocol);
    this.#monitor.update(healthChecks, this.#backends.current, { transports: this.#transports });
  }

  #known(name: string): BuiltBackend {
    const built = this.#backends.find(name);
    if (built === undefined) throw new Error(`There is no backend "${name}"`);
    return built;
  }

  #strategy(name: string): RoutingStrategy {
    if (this.#router?.strategy.name === name) return this.#router.strategy;
    const known = this.#options.strategies?.find((strategy) => strategy.name === name) ??
      strategies.get(name)?.(this.#options.random ?? Math.random);
    if (known !== undefined) return known;
    const names = [...strategies.keys(), ...(this.#options.strategies ?? []).map((it) => it.name)];
    throw new ConfigError(`Unknown routing strategy "${name}", ${suggest(name, names)}`, {
      subject: STRATEGY_SUBJECT,
    });
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

function includes(healthChecks: readonly HealthCheckSpec[], spec: HealthCheckSpec): boolean {
  return healthChecks.some((other) => isEqual(other, spec));
}
