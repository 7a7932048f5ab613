/**
 * The configuration as the rest of the program sees it: plain frozen values, every default applied, every
 * number in its range. Durations are milliseconds, sizes are bytes, unless a name says otherwise.
 *
 * @module
 */

/** The transport of a listener, a backend or a health check. */
export type NetworkProtocol = "tcp" | "udp";

/** One backend: `name:protocol:parameters`. */
export interface BackendSpec {
  /** The name that logs, metrics and health checks use. Unique within a configuration. */
  readonly name: string;
  /** A short name (`pass`, `noop`) or the URL of a backend module. */
  readonly protocol: string;
  /** The parameters as written; every one may also be a matcher. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One health check: what it applies to, its rhythm, and the parameters handed to the backend. */
export interface HealthCheckSpec {
  /** The backend protocol it applies to, or undefined for every protocol. */
  readonly protocol?: string;
  /** The backend name it applies to, or undefined for every backend. */
  readonly backend?: string;
  /** Milliseconds before the first check. */
  readonly initialDelay: number;
  /** Milliseconds between the end of a check and the next one. */
  readonly interval: number;
  /** Milliseconds a check may take. */
  readonly timeout: number;
  /** Consecutive failures that make a backend unhealthy. */
  readonly failureThreshold: number;
  /** Consecutive successes that make it healthy again. */
  readonly recoveryThreshold: number;
  /** All parameters as written, the timings among them. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One port binding: a local listener, a mapping on the router, or both. */
export interface BindingSpec {
  /** Position of the binding in the configuration; a spec without a protocol gives two of the same index. */
  readonly index: number;
  /** The transport. */
  readonly networkProtocol: NetworkProtocol;
  /** The port asked of the router: a number, `"auto"` (`?`), or undefined (`!`) for no mapping. */
  readonly publicPort?: number | "auto";
  /** The local port: a number, or `"auto"` (`?`) for one chosen by the router or the operating system. */
  readonly localPort: number | "auto";
  /** The address to listen on; 0.0.0.0 unless given. */
  readonly bindAddress: string;
  /** False for a mapping without a listener. */
  readonly listen: boolean;
  /** What else the binding was given (`proxy-protocol`, …), validated against the known names. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** How much is logged, least severe first. */
export type Verbosity = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";

/** A whole configuration. The keys are the option names in camel case. */
export interface Config {
  readonly backends: readonly BackendSpec[];
  readonly portBindings: readonly BindingSpec[];
  readonly healthChecks: readonly HealthCheckSpec[];
  readonly extensions: readonly string[];
  readonly routingStrategy: string;

  /** Which port mapping protocol to use; undefined tries all. */
  readonly portMapProtocol?: "upnp" | "pmp" | "pcp";
  readonly gateway?: string;
  readonly networkInterface?: string;
  /** Seconds; undefined is the protocol's default. */
  readonly portMapLifetime?: number;
  /** Seconds. */
  readonly portMapRenewalLead: number;
  readonly bindTimeout: number;

  readonly selectionTimeout: number;
  readonly silenceTimeout: number;
  readonly previewBufferLimit: number;
  readonly queueLength: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerClient: number;
  readonly connectTimeout: number;
  /** 0 for none. */
  readonly idleTimeout: number;
  readonly drainTimeout: number;
  readonly udpSessionTimeout: number;
  readonly maxUdpSessions: number;

  readonly verbosity: Verbosity;
  readonly logFormat: "text" | "json";
  readonly logDirectory?: string;
  readonly logFileMaxSize?: number;
  readonly logFileMaxRetain?: number;
  readonly logMetrics: boolean;

  /** What to do when every candidate is unhealthy. */
  readonly panic: "route" | "reject";
  /** Port of the Prometheus endpoint; undefined for none. */
  readonly metricsPort?: number;
  readonly metricsBindAddress: string;
  /** True to apply a changed configuration file without being asked. */
  readonly watch: boolean;
}
