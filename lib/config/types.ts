/**
 * The configuration as the rest of the program sees it: plain frozen values, every default applied, every
 * number in its range. Durations are milliseconds, sizes are bytes, unless a name says otherwise.
 *
 * @module
 */

/**
 * The transport of a listener, a backend or a health check.
 *
 * @example
 * ```ts
 * import { type NetworkProtocol, parseBindingSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const transports: NetworkProtocol[] = parseBindingSpec("!:5353").map((binding) => binding.networkProtocol);
 * assertEquals(transports, ["tcp", "udp"]);
 * ```
 */
export type NetworkProtocol = "tcp" | "udp";

/**
 * One backend: `name:protocol:parameters`.
 *
 * @example
 * ```ts
 * import { type BackendSpec, parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const spec: BackendSpec = {
 *   name: "ssh",
 *   protocol: "pass",
 *   parameters: { "target.ip": "10.0.0.5", "target.port": "22", "detect": "ssh" },
 * };
 * assertEquals(parseBackendSpec("ssh:pass:target.ip=10.0.0.5,target.port=22,detect=ssh"), spec);
 * ```
 */
export interface BackendSpec {
  /** The name that logs, metrics and health checks use. Unique within a configuration. */
  readonly name: string;
  /** A short name (`pass`, `noop`) or the URL of a backend module. */
  readonly protocol: string;
  /** The parameters as written; every one may also be a matcher. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * One health check: what it applies to, its rhythm, and the parameters handed to the backend.
 *
 * @example
 * ```ts
 * import { type HealthCheckSpec, parseHealthCheckSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const spec: HealthCheckSpec = parseHealthCheckSpec("pass:web:interval=5000,timeout=1000");
 * assertEquals([spec.interval, spec.timeout, spec.failureThreshold], [5000, 1000, 3]);
 * ```
 */
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

/**
 * One port binding: a local listener, a mapping on the router, or both.
 *
 * @example
 * ```ts
 * import { type BindingSpec, parseBindingSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const [binding]: BindingSpec[] = parseBindingSpec("!:8080:tcp:bind-address=127.0.0.1");
 * assertEquals([binding?.localPort, binding?.bindAddress, binding?.publicPort], [8080, "127.0.0.1", undefined]);
 * ```
 */
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

/**
 * How much is logged, least severe first.
 *
 * @example
 * ```ts
 * import { Multiplexer, type Verbosity } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const verbosity: Verbosity = "warning";
 * assertEquals(new Multiplexer({ verbosity }).config.verbosity, "warning");
 * ```
 */
export type Verbosity = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";

/**
 * What an option comes to: a text, a number, yes or no, or the elements of a list.
 *
 * @example
 * ```ts
 * import type { OptionValue } from "@pmmux/cli/mod";
 *
 * const ports: OptionValue = [80, 443];
 * const limit: OptionValue = 100;
 * ```
 */
export type OptionValue = string | number | boolean | readonly unknown[];

/**
 * The values of options by key; what is not given and has no default is not there.
 *
 * @example
 * ```ts
 * import type { OptionValues } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const options: OptionValues = { limit: 100, clients: ["192.0.2.0/24"] };
 * assertEquals(options.limit, 100);
 * ```
 */
export type OptionValues = Readonly<Record<string, OptionValue>>;

/**
 * A whole configuration. The keys are the option names in camel case.
 *
 * @example
 * ```ts
 * import { type Config, Multiplexer } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const config: Config = new Multiplexer({ idleTimeout: 60_000 }).config;
 * assertEquals([config.idleTimeout, config.routingStrategy], [60_000, "first-available"]);
 * ```
 */
export interface Config {
  /** Where connections may go, in order. */
  readonly backends: readonly BackendSpec[];
  /** The ports to open. */
  readonly portBindings: readonly BindingSpec[];
  /** Which backends to check, and how. */
  readonly healthChecks: readonly HealthCheckSpec[];
  /** Extension modules to load. */
  readonly extensions: readonly string[];
  /** The values of the options that extensions add, by the extension's name. */
  readonly extensionOptions: Readonly<Record<string, OptionValues>>;
  /** How to choose among the backends that fit. */
  readonly routingStrategy: string;

  /** Which port mapping protocol to use; undefined tries all. */
  readonly portMapProtocol?: "upnp" | "pmp" | "pcp";
  /** The router's address; found automatically unless given. */
  readonly gateway?: string;
  /** The only network interface to look for a router on. */
  readonly networkInterface?: string;
  /** Seconds that a mapping lasts; undefined is the protocol's default. */
  readonly portMapLifetime?: number;
  /** Seconds before its end at which a mapping is renewed. */
  readonly portMapRenewalLead: number;
  /** How long finding the router and mapping the ports may take. */
  readonly bindTimeout: number;

  /** How long choosing a backend may take. */
  readonly selectionTimeout: number;
  /** How long to wait for a client's first byte. */
  readonly silenceTimeout: number;
  /** How much of a connection may be read to choose a backend. */
  readonly previewBufferLimit: number;
  /** How many connections may wait to be accepted. */
  readonly queueLength: number;
  /** How many connections are carried at once. */
  readonly maxConnections: number;
  /** How many of them one client address may have. */
  readonly maxConnectionsPerClient: number;
  /** How long connecting to a backend may take. */
  readonly connectTimeout: number;
  /** How long a connection may carry nothing; 0 for ever. */
  readonly idleTimeout: number;
  /** How long a connection may carry nothing once one side has closed; 0 for ever. */
  readonly halfCloseTimeout: number;
  /** How long connections may go on when pmmux or their backend stops. */
  readonly drainTimeout: number;
  /** How long a UDP session may be idle. */
  readonly udpSessionTimeout: number;
  /** How many UDP sessions are kept. */
  readonly maxUdpSessions: number;

  /** How much to log. */
  readonly verbosity: Verbosity;
  /** How log lines look on stderr. */
  readonly logFormat: "text" | "json";
  /** Where to write log files; none unless given. */
  readonly logDirectory?: string;
  /** Bytes at which a new log file begins; unlimited unless given. */
  readonly logFileMaxSize?: number;
  /** How many log files to keep; all unless given. */
  readonly logFileMaxRetain?: number;
  /** Whether metrics are written to the log. */
  readonly logMetrics: boolean;

  /** What to do when every candidate is unhealthy. */
  readonly panic: "route" | "reject";
  /** Port of the Prometheus endpoint; undefined for none. */
  readonly metricsPort?: number;
  /** The address that metrics are served on. */
  readonly metricsBindAddress: string;
  /** True to apply a changed configuration file without being asked. */
  readonly watch: boolean;
  /** True to carry traffic in processes of their own, each permitted only what the configuration needs. */
  readonly supervisor: boolean;
  /** Processes that share the TCP connections. */
  readonly workers: number;
}
