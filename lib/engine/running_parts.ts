/**
 * What a multiplexer is made of, put together, and how all of it follows the configuration. One change at a time.
 *
 * @module
 */

import { isDeepStrictEqual as isEqual } from "node:util";
import { ConfigError } from "../config/errors.ts";
import { suggest } from "../config/nearest.ts";
import { STRATEGY_SUBJECT } from "../config/origins.ts";
import type { BindingSpec, Config, HealthCheckSpec, NetworkProtocol } from "../config/types.ts";
import { backendNetwork } from "../net/backend_network.ts";
import { ConnectionTable } from "../net/connection_table.ts";
import { restDeadlines } from "../net/deadlines.ts";
import { datagramBuffers } from "../net/datagram_buffers.ts";
import { MessageServer } from "../net/message_server.ts";
import { PreviewNegotiator } from "../net/preview_negotiator.ts";
import { silentObserver } from "../net/observer.ts";
import { TcpServer } from "../net/tcp_server.ts";
import { silentLogger } from "../routing/logger.ts";
import { Router } from "../routing/router.ts";
import type { RoutingStrategy } from "../routing/routing_strategy.ts";
import { strategies } from "../routing/strategies.ts";
import { BackendSet, type BuiltBackend } from "./backend_set.ts";
import { Events, type ListenerInfo } from "./events.ts";
import { guardObserver } from "./guarded_observer.ts";
import { IdleWatch } from "./idle_watch.ts";
import { ListenerSet, type OpenListener } from "./listener_set.ts";
import { BackendLoader } from "./loader.ts";
import { HealthMonitor } from "./monitor.ts";
import type { MultiplexerOptions, RemoveOptions } from "./multiplexer_options.ts";
import { prepareChange, type Running } from "./prepare_change.ts";

/** The parts of a multiplexer. */
export class RunningParts implements Running {
  readonly events: Events;
  readonly connections = new ConnectionTable();
  readonly loader: BackendLoader;
  readonly backends: BackendSet;
  readonly listeners: ListenerSet;
  readonly #options: MultiplexerOptions;
  readonly #router: Router;
  readonly #tcp: TcpServer;
  readonly #udp: MessageServer;
  readonly #monitor: HealthMonitor;
  readonly #idle: IdleWatch;
  readonly #drains = new Set<Promise<void>>();
  #config: Config;
  #transports: readonly NetworkProtocol[] = [];

  /** Parts that do nothing until {@linkcode RunningParts.change} gives them a configuration. */
  constructor(config: Config, options: MultiplexerOptions) {
    this.#config = config;
    this.#options = options;
    const { logger = silentLogger, reusePort = false } = options;
    const own = logger.child("multiplexer");
    const observer = options.observer === undefined ? silentObserver : guardObserver(options.observer, own);
    this.events = options.events ?? new Events(own);
    this.#router = new Router({
      strategy: this.#strategy(this.#config.routingStrategy),
      panic: this.#config.panic,
      logger: logger.child("router"),
      onProbe: options.observer?.measured === undefined
        ? undefined
        : (entry, milliseconds) => observer.measured?.("probe", milliseconds, entry),
    });
    const shared = { router: this.#router, table: this.connections, observer, limits: this.#config };
    this.#tcp = new TcpServer({ ...shared, onLackOfDescriptors: () => this.#udp.makeRoom() });
    this.#udp = new MessageServer(shared);
    this.loader = options.loader ?? new BackendLoader();
    this.backends = new BackendSet({
      loader: this.loader,
      router: this.#router,
      connections: this.connections,
      events: this.events,
      logger,
      context: { net: backendNetwork, buffers: datagramBuffers },
      metrics: options.backendMetrics,
      clientWriterFactory: (client) => this.#udp.writer(client),
    });
    this.listeners = new ListenerSet({
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
    this.#idle = new IdleWatch(this.connections);
    this.events.on("healthChanged", ({ backend, before }) => {
      const ejected = backend.health.ejectedBy !== undefined && before.ejectedBy === undefined;
      if (ejected) this.#udp.endSessions(backend, "backend unhealthy");
    });
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  /** Performs the difference between what runs and a configuration. Everything that can fail comes first. */
  async change(next: Config): Promise<void> {
    const strategy = this.#strategy(next.routingStrategy);
    const change = await prepareChange(next, this);
    const { healthChecks } = this.#config;
    this.#config = next;
    this.#router.strategy = strategy;
    this.#router.panic = next.panic;
    this.#tcp.limits = next;
    this.#udp.limits = next;
    this.#idle.limits = next;
    if (change.backends.some((built) => !this.backends.current.includes(built))) strategy.reset?.();
    const left = this.backends.replace(change.backends);
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

  /** Takes a backend out; resolves when its connections have ended or were closed. */
  removeBackend(built: BuiltBackend, options: RemoveOptions): Promise<void> {
    const backends = this.#config.backends.filter(({ name }) => name !== built.spec.name);
    this.#config = { ...this.#config, backends };
    this.backends.replace(this.backends.current.filter((other) => other !== built));
    this.#watch();
    return this.#drain(built, options);
  }

  /** Opens a listener. */
  addListener(binding: BindingSpec): ListenerInfo {
    const own = { ...binding };
    const { info } = this.listeners.add(own);
    this.#config = { ...this.#config, portBindings: [...this.#config.portBindings, own] };
    this.#watch();
    return info;
  }

  /** Closes a listener, and forgets the bindings that it serves. */
  async removeListener(listener: OpenListener): Promise<void> {
    const portBindings = this.#config.portBindings.filter((binding) =>
      !this.listeners.serves(listener, binding)
    );
    this.#config = { ...this.#config, portBindings };
    this.#watch();
    await this.listeners.remove(listener);
  }

  /** Lets connections finish for the `drainTimeout`, unless in a hurry, and closes what is left. */
  async shutDown(hurry: AbortSignal): Promise<void> {
    const sessionsOver = this.#udp[Symbol.asyncDispose]();
    await Promise.all(this.listeners.open.map((listener) => this.listeners.remove(listener)));
    await sessionsOver;
    const closeAll = () => this.connections.close(() => true, "shutdown");
    hurry.addEventListener("abort", closeAll, { once: true });
    if (!hurry.aborted) await this.connections.drained(() => true, this.#config.drainTimeout);
    await closeAll();
    this.#monitor.update([], []);
    for (const left of this.backends.replace([])) this.#drain(left, { force: true });
    await Promise.all(this.#drains);
    this.#idle.stop();
    restDeadlines();
  }

  #drain(built: BuiltBackend, { force = false, deadline }: RemoveOptions): Promise<void> {
    const milliseconds = force ? 0 : deadline ?? this.#config.drainTimeout;
    for (const entry of built.entries) this.#udp.endSessions(entry, "backend removed");
    const drain = this.backends.drain(built, { milliseconds });
    this.#drains.add(drain);
    drain.finally(() => this.#drains.delete(drain));
    return drain;
  }

  /** Checks what clients can reach. One that has closed all its listeners still checks for its connections. */
  #watch(): void {
    const { healthChecks, portBindings } = this.#config;
    const listening = portBindings.filter(({ listen }) => listen);
    if (listening.length > 0) this.#transports = listening.map(({ networkProtocol }) => networkProtocol);
    this.#monitor.update(healthChecks, this.backends.current, { transports: this.#transports });
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
}

function includes(healthChecks: readonly HealthCheckSpec[], spec: HealthCheckSpec): boolean {
  return healthChecks.some((other) => isEqual(other, spec));
}
