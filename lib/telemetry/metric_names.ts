/**
 * The metrics that pmmux reports: one table, from which logs, exporters and types all take what they need.
 *
 * No metric names a client: addresses and ports have no bound. Every label has a bounded set of values.
 *
 * @module
 */

/**
 * Counters only grow, gauges go up and down, durations are histograms.
 *
 * @example
 * ```ts
 * import type { MetricType } from "@pmmux/cli/mod";
 *
 * const isTotal = (type: MetricType) => type !== "gauge";
 * console.log(isTotal("counter"));
 * ```
 */
export type MetricType = "counter" | "gauge" | "duration";

/**
 * What one metric is.
 *
 * @example
 * ```ts
 * import type { MetricDefinition } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const header = ({ name, help }: Pick<MetricDefinition, "name" | "help">) => `# ${name}: ${help}`;
 * assertEquals(header({ name: "connections.total", help: "connections" }), "# connections.total: connections");
 * ```
 */
export interface MetricDefinition {
  /** The name, in dotted form. */
  readonly name: string;
  /** Which instrument reports it. */
  readonly type: MetricType;
  /** The part of the program that reports it. */
  readonly category: string;
  /** What it counts or measures, in one sentence without a full stop. */
  readonly help: string;
  /** What the values are; durations are recorded in milliseconds. */
  readonly unit: "1" | "bytes" | "milliseconds";
  /** The names of its labels. */
  readonly labels: readonly string[];
}

const multiplexer = { category: "multiplexer", unit: "1" } as const;
const counter = { type: "counter", ...multiplexer } as const;
const bytes = { type: "counter", category: "multiplexer", unit: "bytes" } as const;
const gauge = { type: "gauge", ...multiplexer } as const;
const duration = { type: "duration", category: "multiplexer", unit: "milliseconds" } as const;
const portmapCounter = { type: "counter", category: "port-warden", unit: "1" } as const;
const portmapDuration = { type: "duration", category: "port-warden", unit: "milliseconds" } as const;

const BACKEND = ["backend", "protocol", "network_protocol"] as const;
const PORTMAP = ["protocol", "local_port", "public_port"] as const;

/** All metrics of the core. */
export const METRICS = [
  // TCP, before a backend is chosen.
  { name: "router.connection.total", ...counter, labels: ["strategy"], help: "Client connections accepted" },
  {
    name: "router.connection.failed",
    ...counter,
    labels: ["strategy", "reason"],
    help: "Client connections that reached no backend, by reason",
  },
  {
    name: "router.connection.routed",
    ...counter,
    labels: ["strategy", "backend"],
    help: "Client connections handed to a backend that was reached",
  },
  { name: "router.connections.active", ...gauge, labels: [], help: "Client connections open now" },
  { name: "router.negotiation.duration", ...duration, labels: ["strategy"], help: "Time of negotiation" },
  { name: "router.selection.duration", ...duration, labels: ["strategy"], help: "Time of backend selection" },

  // UDP, before a backend is chosen.
  { name: "router.message.total", ...counter, labels: [], help: "Datagrams received from clients" },
  { name: "router.message.bytes", ...bytes, labels: [], help: "Bytes of datagrams received from clients" },
  {
    name: "router.message.failed",
    ...counter,
    labels: ["reason"],
    help: "Datagrams that reached no backend, by reason",
  },
  { name: "router.message.routed", ...counter, labels: ["backend"], help: "Datagrams handed to a backend" },
  {
    name: "router.message.selection.duration",
    ...duration,
    labels: [],
    help: "Time of backend selection for the first datagram of a session",
  },
  { name: "router.session.total", ...counter, labels: [], help: "UDP sessions begun" },
  {
    name: "router.session.evicted",
    ...counter,
    labels: [],
    help: "UDP sessions ended early to make room for others",
  },
  { name: "router.sessions.active", ...gauge, labels: [], help: "UDP sessions open now" },

  // Both.
  {
    name: "router.client.detected",
    ...counter,
    labels: ["backend", "network_protocol", "detected"],
    help: "Connections and sessions routed, by the protocol that was detected where a backend asked for it",
  },

  // TCP backends.
  {
    name: "backend.probe.duration",
    ...duration,
    labels: BACKEND,
    help: "Time a backend took to say whether it wants a connection",
  },
  {
    name: "backend.connection.accepted",
    ...counter,
    labels: BACKEND,
    help: "Connections given to a backend",
  },
  {
    name: "backend.connection.failed",
    ...counter,
    labels: [...BACKEND, "reason"],
    help: "Connections that a backend could not be reached for, by reason",
  },
  {
    name: "backend.connection.closed",
    ...counter,
    labels: [...BACKEND, "initiator"],
    help: "Connections that ended, by the side that closed first",
  },
  {
    name: "backend.connections.active",
    ...gauge,
    labels: BACKEND,
    help: "Connections of a backend open now",
  },

  // UDP backends.
  {
    name: "backend.message.probe.duration",
    ...duration,
    labels: ["backend"],
    help: "Time a backend took to say whether it wants a session",
  },
  {
    name: "backend.message.handle.duration",
    ...duration,
    labels: ["backend"],
    help: "Time a backend took to handle a datagram",
  },
  { name: "backend.message.accepted", ...counter, labels: ["backend"], help: "Datagrams a backend took" },
  { name: "backend.message.bytes", ...bytes, labels: ["backend"], help: "Bytes of datagrams a backend took" },
  {
    name: "backend.message.dropped",
    ...counter,
    labels: ["backend", "reason"],
    help: "Datagrams to or from a backend that were dropped, by reason",
  },
  { name: "backend.reply.total", ...counter, labels: ["backend"], help: "Datagrams sent back to clients" },
  {
    name: "backend.reply.bytes",
    ...bytes,
    labels: ["backend"],
    help: "Bytes of datagrams sent back to clients",
  },

  // Health.
  { name: "backend.health_check.duration", ...duration, labels: BACKEND, help: "Time of health checks" },
  {
    name: "backend.health_check.total",
    ...counter,
    labels: [...BACKEND, "result"],
    help: "Health checks, by result",
  },
  {
    name: "backend.status",
    ...gauge,
    labels: BACKEND,
    help:
      "Health of a backend: 0 unknown, 1 healthy, 2 unhealthy, 3 degraded, 4 stabilizing, 5 draining, 6 stopped",
  },
  {
    name: "backend.health_check.consecutive_failures",
    ...gauge,
    labels: BACKEND,
    help: "Health checks failed since the last that succeeded",
  },
  {
    name: "backend.health_check.consecutive_successes",
    ...gauge,
    labels: BACKEND,
    help: "Health checks succeeded since the last that failed",
  },

  // Bytes of client connections.
  {
    name: "client.ingress.bytes",
    ...bytes,
    labels: ["backend", "source"],
    help: "Bytes from clients to backends, by whether they were read for selection or relayed",
  },
  { name: "client.egress.bytes", ...bytes, labels: ["backend"], help: "Bytes from backends to clients" },

  // Port mappings on the router.
  { name: "portmap.create.duration", ...portmapDuration, labels: PORTMAP, help: "Time to create a mapping" },
  { name: "portmap.created", ...portmapCounter, labels: PORTMAP, help: "Mappings created" },
  {
    name: "portmap.add.error",
    ...portmapCounter,
    labels: [...PORTMAP, "error"],
    help: "Mappings that could not be created, by error",
  },
  { name: "portmap.renew.duration", ...portmapDuration, labels: PORTMAP, help: "Time to renew a mapping" },
  { name: "portmap.renewed", ...portmapCounter, labels: PORTMAP, help: "Mappings renewed" },
  {
    name: "portmap.renew.error",
    ...portmapCounter,
    labels: [...PORTMAP, "error"],
    help: "Mappings that could not be renewed, by error",
  },
  {
    name: "portmap.delete.duration",
    ...portmapDuration,
    labels: ["protocol"],
    help: "Time to delete a mapping",
  },
  { name: "portmap.deleted", ...portmapCounter, labels: ["protocol"], help: "Mappings deleted" },
  {
    name: "portmap.delete.error",
    ...portmapCounter,
    labels: ["protocol", "error"],
    help: "Mappings that could not be deleted, by error",
  },
] as const satisfies readonly MetricDefinition[];

/** A definition in {@linkcode METRICS}. */
export type CoreMetric = typeof METRICS[number];

/** The names in {@linkcode METRICS} of one type of metric, or of all. */
export type MetricName<T extends MetricType = MetricType> = Extract<CoreMetric, { type: T }>["name"];

/** The labels that a metric takes, by its name or definition: exactly those of its definition. */
export type LabelsOf<M extends MetricName | MetricDefinition> = Readonly<
  Record<(M extends MetricDefinition ? M : Extract<CoreMetric, { name: M }>)["labels"][number], string>
>;

const byName: ReadonlyMap<string, MetricDefinition> = new Map(METRICS.map((metric) => [metric.name, metric]));

/** The definition of a metric of {@linkcode METRICS}. */
export function metricDefinition(name: MetricName): MetricDefinition {
  return byName.get(name)!;
}
