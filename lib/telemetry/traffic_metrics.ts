/**
 * What metrics say about traffic. The data path counts in plain fields of its connections; they are added to
 * the metrics when a connection ends, and whenever the metrics are read.
 *
 * @module
 */

import { maskUrls } from "../config/secrets.ts";
import type { BackendStatus } from "../routing/routing_strategy.ts";
import type { ConnectionStatus, TrafficObserver } from "../routing/traffic.ts";
import type { Counter, Duration } from "./instruments.ts";
import type { MetricsReporter } from "./metrics.ts";

/** What the metrics of traffic are made from. */
export interface TrafficMetricsOptions {
  readonly reporter: MetricsReporter;
  /** The name of the strategy in force. */
  readonly strategy: () => string;
}

/** The counters of one half of a backend: of connections, or of datagrams. */
interface BackendCounters {
  readonly routed: Counter;
  readonly accepted: Counter;
  /** By the protocol that was detected, as far as it ever was. */
  readonly detected: Map<string, Counter>;
  readonly bytesIn: Counter;
  /** The part of the bytes that was read before the backend was chosen; of streams only. */
  readonly previewed?: Counter;
  /** Time of judging a client, and of handling a datagram. */
  readonly probe: Duration;
  readonly handling?: Duration;
  readonly bytesOut: Counter;
  readonly closed?: Readonly<Record<"client" | "backend" | "pmmux", Counter>>;
  readonly messagesOut?: Counter;
}

type Counts = Pick<ConnectionStatus, "bytesIn" | "bytesOut" | "messagesIn" | "messagesOut">;

const NOTHING: Counts = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };

/** Counts traffic. */
export class TrafficMetrics implements TrafficObserver {
  readonly #options: TrafficMetricsOptions;
  #backends = new WeakMap<BackendStatus, BackendCounters>();
  /** What of a connection was counted while it lived: of the few that were there when metrics were read. */
  readonly #counted = new WeakMap<ConnectionStatus, Counts>();
  #strategy = "";
  #accepted!: Counter;
  #selection!: Duration;
  readonly #sessions: Counter;
  readonly #messages: Counter;
  readonly #messageBytes: Counter;
  readonly #sessionSelection: Duration;

  /** Counts into a reporter. */
  constructor(options: TrafficMetricsOptions) {
    this.#options = options;
    this.#sessions = options.reporter.counter("router.session.total", {});
    this.#messages = options.reporter.counter("router.message.total", {});
    this.#messageBytes = options.reporter.counter("router.message.bytes", {});
    this.#sessionSelection = options.reporter.duration("router.message.selection.duration", {});
  }

  /** See {@linkcode TrafficObserver.accepted}. */
  accepted({ networkProtocol }: ConnectionStatus): void {
    if (networkProtocol === "udp") return this.#sessions.add();
    this.#useStrategy();
    this.#accepted.add();
  }

  /** See {@linkcode TrafficObserver.routed}. */
  routed(connection: ConnectionStatus, selectionMs: number): void {
    const counters = this.#countersOf(connection.backend!);
    const { detected } = connection.learnt;
    if (detected !== undefined) this.#detectedCounter(connection.backend!, detected).add();
    if (connection.networkProtocol === "udp") return this.#sessionSelection.record(selectionMs);
    counters.routed.add();
    counters.accepted.add();
    this.#selection.record(selectionMs);
  }

  /** See {@linkcode TrafficObserver.dialFailed}. */
  dialFailed(_connection: ConnectionStatus, entry: BackendStatus, error: unknown): void {
    const { reporter } = this.#options;
    const reason = error instanceof Error ? error.name : "Error";
    if (entry.networkProtocol === "tcp") {
      reporter.event("backend.connection.failed", { ...labelsOf(entry), reason });
    } else {
      reporter.event("backend.message.dropped", { backend: entry.spec.name, reason });
    }
  }

  /** See {@linkcode TrafficObserver.refused}. */
  refused({ networkProtocol }: ConnectionStatus, reason: string): void {
    const { reporter, strategy } = this.#options;
    if (networkProtocol === "tcp") {
      return reporter.event("router.connection.failed", { strategy: strategy(), reason });
    }
    this.#messages.add();
    reporter.event("router.message.failed", { reason });
  }

  /** See {@linkcode TrafficObserver.closed}. */
  closed(connection: ConnectionStatus): void {
    this.#count(connection);
    const { backend, end } = connection;
    const initiator = end?.startsWith("client") ? "client" : end?.startsWith("backend") ? "backend" : "pmmux";
    this.#countersOf(backend!).closed?.[initiator].add();
  }

  /** See {@linkcode TrafficObserver.messagesDropped}. */
  messagesDropped(count: number, reason: string): void {
    this.#options.reporter.counter("backend.message.dropped", { backend: "", reason }).add(count);
  }

  /** See {@linkcode TrafficObserver.sessionEvicted}. */
  sessionEvicted(): void {
    this.#options.reporter.event("router.session.evicted", {});
  }

  /** See {@linkcode TrafficObserver.acceptFailed}. */
  acceptFailed(): void {
    this.#options.reporter.event("router.connection.failed", {
      strategy: this.#options.strategy(),
      reason: "accept_failed",
    });
  }

  /** See {@linkcode TrafficObserver.measured}. */
  measured(what: "negotiation" | "probe" | "handling", milliseconds: number, backend?: BackendStatus): void {
    if (backend !== undefined) {
      const { probe, handling } = this.#countersOf(backend);
      return (what === "probe" ? probe : handling)?.record(milliseconds);
    }
    const { reporter, strategy } = this.#options;
    reporter.duration("router.negotiation.duration", { strategy: strategy() }).record(milliseconds);
  }

  /** Adds what live connections have carried since the last call; to be called before metrics are read. */
  collect(live: Iterable<ConnectionStatus>): void {
    const active = { tcp: 0, udp: 0 };
    for (const connection of live) {
      if (connection.backend === undefined) continue;
      const { bytesIn, bytesOut, messagesIn, messagesOut } = connection;
      this.#count(connection);
      this.#counted.set(connection, { bytesIn, bytesOut, messagesIn, messagesOut });
      active[connection.networkProtocol]++;
    }
    this.#options.reporter.gauge("router.connections.active", {}).set(active.tcp);
    this.#options.reporter.gauge("router.sessions.active", {}).set(active.udp);
  }

  #count(connection: ConnectionStatus): void {
    const before = this.#counted.get(connection) ?? NOTHING;
    const { bytesIn, bytesOut, messagesIn, messagesOut } = connection;
    const counters = this.#countersOf(connection.backend!);
    const { previewed } = connection;
    const ahead = Math.min(bytesIn, previewed) - Math.min(before.bytesIn, previewed);
    counters.previewed?.add(ahead);
    counters.bytesIn.add(bytesIn - before.bytesIn - (counters.previewed === undefined ? 0 : ahead));
    counters.bytesOut.add(bytesOut - before.bytesOut);
    if (connection.networkProtocol === "udp") {
      const messages = messagesIn - before.messagesIn;
      for (const counter of [this.#messages, counters.routed, counters.accepted]) counter.add(messages);
      this.#messageBytes.add(bytesIn - before.bytesIn);
      counters.messagesOut?.add(messagesOut - before.messagesOut);
    }
  }

  #detectedCounter(entry: BackendStatus, detected: string): Counter {
    const own = this.#countersOf(entry).detected;
    let counter = own.get(detected);
    if (counter === undefined) {
      const { backend, network_protocol } = labelsOf(entry);
      const labels = { backend, network_protocol, detected };
      own.set(detected, counter = this.#options.reporter.counter("router.client.detected", labels));
    }
    return counter;
  }

  #countersOf(entry: BackendStatus): BackendCounters {
    let counters = this.#backends.get(entry);
    if (counters === undefined) this.#backends.set(entry, counters = this.#newCounters(entry));
    return counters;
  }

  #newCounters(entry: BackendStatus): BackendCounters {
    const { reporter, strategy } = this.#options;
    const backend = entry.spec.name;
    if (entry.networkProtocol === "udp") {
      return {
        detected: new Map(),
        routed: reporter.counter("router.message.routed", { backend }),
        accepted: reporter.counter("backend.message.accepted", { backend }),
        bytesIn: reporter.counter("backend.message.bytes", { backend }),
        probe: reporter.duration("backend.message.probe.duration", { backend }),
        handling: reporter.duration("backend.message.handle.duration", { backend }),
        bytesOut: reporter.counter("backend.reply.bytes", { backend }),
        messagesOut: reporter.counter("backend.reply.total", { backend }),
      };
    }
    const labels = labelsOf(entry);
    const closedBy = (initiator: string) =>
      reporter.counter("backend.connection.closed", { ...labels, initiator });
    return {
      closed: { client: closedBy("client"), backend: closedBy("backend"), pmmux: closedBy("pmmux") },
      detected: new Map(),
      routed: reporter.counter("router.connection.routed", { strategy: strategy(), backend }),
      accepted: reporter.counter("backend.connection.accepted", labels),
      bytesIn: reporter.counter("client.ingress.bytes", { backend, source: "stream" }),
      previewed: reporter.counter("client.ingress.bytes", { backend, source: "preview_buffer" }),
      probe: reporter.duration("backend.probe.duration", labels),
      bytesOut: reporter.counter("client.egress.bytes", { backend }),
    };
  }

  #useStrategy(): void {
    const strategy = this.#options.strategy();
    if (strategy === this.#strategy) return;
    this.#strategy = strategy;
    // Some of their labels name it, too.
    this.#backends = new WeakMap();
    this.#accepted = this.#options.reporter.counter("router.connection.total", { strategy });
    this.#selection = this.#options.reporter.duration("router.selection.duration", { strategy });
  }
}

/** The labels that MET-05 gives every metric of a backend. */
export function labelsOf(
  { spec, networkProtocol }: BackendStatus,
): { backend: string; protocol: string; network_protocol: string } {
  return {
    backend: spec.name,
    protocol: maskUrls(spec.protocol),
    network_protocol: networkProtocol === "tcp" ? "Tcp" : "Udp",
  };
}
