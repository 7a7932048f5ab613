/**
 * The options of pmmux itself.
 *
 * @module
 */

import { type OptionDefinition, type OptionTable, optionTable } from "./option_table.ts";
import type { Config } from "./types.ts";
import { MAX_MILLISECONDS, PORT_RANGE } from "./whole_number.ts";

const ROUTING = "Routing";
const MAPPING = "Port mapping on the router (not in this version yet: checked, and kept)";
const LIMITS = "Limits and timeouts";
const LOGS = "Logs and metrics";
const PROGRAM = "Program";

/** A lifetime travels in 32 bits (RFC 6886, RFC 6887, UPnP IGD). */
const MAX_LIFETIME_SECONDS = 4_294_967_295;
const MAX_RENEWAL_LEAD_SECONDS = 2_147_483;
const MAX_PREVIEW_BYTES = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 1_000_000;
const MAX_WORKERS = 64;
/** The backlog of listen(2) is cut to net.core.somaxconn, which is 16 bits wide in older kernels. */
const MAX_QUEUE_LENGTH = 65_535;
const MAX_LOG_FILE_BYTES = 2 ** 40;

const DURATION = { kind: "integer", unit: "ms", range: { min: 1, max: MAX_MILLISECONDS } } as const;
const DURATION_OR_NONE = { ...DURATION, range: { min: 0, max: MAX_MILLISECONDS } } as const;

const core: Record<Exclude<keyof Config, "extensionOptions">, OptionDefinition> = {
  backends: {
    name: "backend",
    aliases: ["b"],
    kind: "list",
    plural: "backends",
    element: "backend",
    placeholder: "name:protocol:parameters",
    help: "where connections may go; the first that fits wins",
    group: ROUTING,
  },
  portBindings: {
    name: "port-binding",
    aliases: ["p"],
    kind: "list",
    plural: "port-bindings",
    element: "binding",
    placeholder: "public:local[:protocol][:parameters]",
    help: 'ports to open; public is a port on the router, "?" for any or "!" for none',
    group: ROUTING,
  },
  healthChecks: {
    name: "health-check",
    aliases: ["z"],
    kind: "list",
    plural: "health-checks",
    element: "health-check",
    placeholder: "[protocol[:backend]:]parameters",
    help: "which backends to check, how often and how",
    group: ROUTING,
  },
  routingStrategy: {
    name: "routing-strategy",
    aliases: ["r"],
    kind: "choice",
    choices: ["first-available", "least-requests", "round-robin", "random", "least-connections", "ip-hash"],
    default: "first-available",
    help: "how to choose among the backends that fit",
    group: ROUTING,
  },
  panic: {
    name: "panic",
    kind: "choice",
    choices: ["route", "reject"],
    default: "route",
    help: "what to do when every backend that fits is unhealthy",
    group: ROUTING,
  },
  extensions: {
    name: "extension",
    aliases: ["x"],
    kind: "list",
    plural: "extensions",
    element: "extension",
    placeholder: "module",
    help: "extension modules to load",
    group: ROUTING,
  },

  portMapProtocol: {
    name: "port-map-protocol",
    aliases: ["m"],
    kind: "choice",
    choices: ["upnp", "pmp", "pcp"],
    help: "the only port mapping protocol to use; all are tried unless given",
    group: MAPPING,
  },
  gateway: {
    name: "gateway",
    aliases: ["g"],
    kind: "address",
    help: "the router's address; found automatically unless given",
    group: MAPPING,
  },
  networkInterface: {
    name: "network-interface",
    aliases: ["i"],
    kind: "string",
    placeholder: "name",
    help: "the only network interface to look for a router on",
    group: MAPPING,
  },
  portMapLifetime: {
    name: "port-map-lifetime",
    kind: "integer",
    unit: "s",
    range: { min: 0, max: MAX_LIFETIME_SECONDS },
    help: "how long a mapping lasts unless renewed; the protocol's own default unless given",
    group: MAPPING,
  },
  portMapRenewalLead: {
    name: "port-map-renewal-lead",
    kind: "integer",
    unit: "s",
    range: { min: 0, max: MAX_RENEWAL_LEAD_SECONDS },
    default: 10,
    help: "how long before its end a mapping is renewed",
    group: MAPPING,
  },
  bindTimeout: {
    name: "bind-timeout",
    aliases: ["t"],
    ...DURATION,
    default: 30_000,
    help: "how long finding the router and mapping the ports may take",
    group: MAPPING,
  },

  selectionTimeout: {
    name: "selection-timeout",
    aliases: ["s"],
    ...DURATION,
    default: 5_000,
    help: "how long choosing a backend may take",
    group: LIMITS,
  },
  silenceTimeout: {
    name: "silence-timeout",
    ...DURATION,
    default: 1_000,
    help: "how long to wait for the first byte of a client",
    group: LIMITS,
  },
  previewBufferLimit: {
    name: "preview-buffer-limit",
    kind: "integer",
    unit: "bytes",
    range: { min: 1, max: MAX_PREVIEW_BYTES },
    default: 65_536,
    help: "how much of a connection may be read to choose a backend",
    group: LIMITS,
  },
  queueLength: {
    name: "queue-length",
    aliases: ["q"],
    kind: "integer",
    unit: "connections",
    range: { min: 1, max: MAX_QUEUE_LENGTH },
    default: 100,
    help: "how many connections may wait to be accepted",
    group: LIMITS,
  },
  maxConnections: {
    name: "max-connections",
    kind: "integer",
    range: { min: 1, max: MAX_CONNECTIONS },
    default: 10_000,
    help: "how many connections are carried at once",
    group: LIMITS,
  },
  maxConnectionsPerClient: {
    name: "max-connections-per-client",
    kind: "integer",
    range: { min: 1, max: MAX_CONNECTIONS },
    default: 5_000,
    help: "how many of them one client address may have",
    group: LIMITS,
  },
  connectTimeout: {
    name: "connect-timeout",
    ...DURATION,
    default: 5_000,
    help: "how long connecting to a backend may take",
    group: LIMITS,
  },
  idleTimeout: {
    name: "idle-timeout",
    ...DURATION_OR_NONE,
    default: 0,
    help: "how long a connection may carry nothing; 0 for ever",
    group: LIMITS,
  },
  halfCloseTimeout: {
    name: "half-close-timeout",
    ...DURATION_OR_NONE,
    default: 60_000,
    help: "the same once one side has closed and the other has not; 0 for ever",
    group: LIMITS,
  },
  drainTimeout: {
    name: "drain-timeout",
    ...DURATION_OR_NONE,
    default: 10_000,
    help: "how long connections may go on when pmmux or their backend stops",
    group: LIMITS,
  },
  udpSessionTimeout: {
    name: "udp-session-timeout",
    ...DURATION,
    default: 60_000,
    help: "how long a UDP session may be idle",
    group: LIMITS,
  },
  maxUdpSessions: {
    name: "max-udp-sessions",
    kind: "integer",
    range: { min: 1, max: MAX_CONNECTIONS },
    default: 10_000,
    help: "how many UDP sessions are kept; a new one replaces the longest idle",
    group: LIMITS,
  },

  verbosity: {
    name: "verbosity",
    aliases: ["v"],
    kind: "choice",
    choices: ["trace", "debug", "information", "warning", "error", "critical", "none"],
    numbered: true,
    default: "information",
    help: "how much to log",
    group: LOGS,
  },
  logFormat: {
    name: "log-format",
    kind: "choice",
    choices: ["text", "json"],
    default: "text",
    help: "how to write log lines on stderr",
    group: LOGS,
  },
  logDirectory: {
    name: "log-directory",
    aliases: ["d"],
    kind: "string",
    placeholder: "path",
    help: "where to write log files; none unless given",
    group: LOGS,
  },
  logFileMaxSize: {
    name: "log-file-max-size",
    kind: "integer",
    unit: "bytes",
    range: { min: 1, max: MAX_LOG_FILE_BYTES },
    help: "when to begin a new log file",
    group: LOGS,
  },
  logFileMaxRetain: {
    name: "log-file-max-retain",
    kind: "integer",
    range: { min: 1, max: 10_000 },
    help: "how many log files to keep",
    group: LOGS,
  },
  logMetrics: {
    name: "log-metrics",
    kind: "flag",
    help: "write metrics to the log",
    group: LOGS,
  },
  metricsPort: {
    name: "metrics-port",
    kind: "integer",
    range: PORT_RANGE,
    help: "serve metrics for Prometheus on this port; not served unless given",
    group: LOGS,
  },
  metricsBindAddress: {
    name: "metrics-bind-address",
    kind: "address",
    default: "127.0.0.1",
    help: "the address that metrics are served on",
    group: LOGS,
  },
  watch: {
    name: "watch",
    kind: "flag",
    help: "apply the configuration file whenever it changes",
    group: PROGRAM,
  },
  supervisor: {
    name: "supervisor",
    kind: "flag",
    default: true,
    help: "carry traffic in a process that is permitted only what the configuration needs; " +
      "--no-supervisor carries it in this one",
    group: PROGRAM,
  },
  workers: {
    name: "workers",
    kind: "integer",
    range: { min: 1, max: MAX_WORKERS },
    default: 1,
    help: "how many processes share the TCP connections; the first takes the datagrams, " +
      "and metrics are on as many ports in a row",
    group: PROGRAM,
  },
};

/** Every option that ends up in the configuration. */
export const coreOptions: OptionTable = optionTable(core);

/** What a command line says about the run itself. */
export const invocationOptions: OptionTable = optionTable({
  configFile: {
    name: "config-file",
    aliases: ["c"],
    kind: "string",
    placeholder: "path",
    default: "pmmux.toml",
    invocation: true,
    help: "the configuration file: .toml, .yaml, .yml or .json",
    group: PROGRAM,
  },
  help: {
    name: "help",
    aliases: ["h", "?"],
    kind: "flag",
    invocation: true,
    help: "show how pmmux, or the command before it, is used",
    group: PROGRAM,
  },
  version: {
    name: "version",
    kind: "flag",
    invocation: true,
    help: "show the version",
    group: PROGRAM,
  },
});
