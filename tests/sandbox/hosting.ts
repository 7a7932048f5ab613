/**
 * A multiplexer whose backends are guests, for tests.
 *
 * @module
 */

import { denoJsonOf } from "../../lib/cli/permissions_deno_json.ts";
import { permissionsOf } from "../../lib/cli/permissions_of.ts";
import { loadConfig } from "../../lib/config/load_config.ts";
import { BackendLoader } from "../../lib/engine/loader.ts";
import type { TrafficObserver } from "../../lib/routing/traffic.ts";
import { Multiplexer, type MultiplexerConfig } from "../../mod.ts";
import type { BackendSpec, BindingSpec, HealthCheckSpec } from "../../lib/config/types.ts";
import { trafficLog } from "../../lib/telemetry/traffic_log.ts";
import { createGuestModule, type GuestModuleOptions } from "../../lib/sandbox/host.ts";
import { freePort } from "../support/ports.ts";
import { type RecordingLogger, recordingLogger } from "../telemetry/recording_logger.ts";

/** Every way to keep a guest apart, and none. The task is that of a backend with the name `hosted`. */
export const ISOLATIONS = ["process", "worker", "task:guest:hosted", "none"] as const;

/** A backend that is a guest, and the port that leads to it. */
export interface GuestBackendSpec {
  readonly name: string;
  /** The URL of the module. */
  readonly module: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly networkProtocol?: "tcp" | "udp";
}

/** What a test may set. */
export interface HostingOptions extends Partial<GuestModuleOptions> {
  readonly healthChecks?: readonly HealthCheckSpec[];
  readonly observer?: TrafficObserver;
  /** Anything else of the configuration. */
  readonly limits?: MultiplexerConfig;
  /** Backends of this package that run beside the guests, each behind a port of its own. */
  readonly others?: readonly BackendSpec[];
}

/** A running multiplexer. */
export interface Hosting extends AsyncDisposable {
  readonly multiplexer: Multiplexer;
  readonly logger: RecordingLogger;
  /** The port that leads to a backend. */
  port(name: string): number;
  /** What was logged so far, as lines. */
  log(): string[];
}

/** Milliseconds for a verdict on a machine that does other things, too. */
const PATIENCE = "2000";

/** Restarts that a test can wait for. */
export const QUICK_PAUSES = { first: 50, longest: 400, stable: 60_000 };

/** Runs backends, each behind a port of its own. */
export async function hostGuests(
  specs: readonly GuestBackendSpec[],
  { healthChecks = [], others = [], limits, ...options }: HostingOptions = {},
): Promise<Hosting> {
  const logger = recordingLogger();
  const observer = options.observer ?? trafficLog(logger);
  const loader = new BackendLoader({ base: import.meta.url });
  for (const module of new Set(specs.map((spec) => spec.module))) {
    loader.register(module, createGuestModule(module, { directory: "/", pauses: QUICK_PAUSES, ...options }));
  }
  const ports = new Map<string, number>();
  const portBindings: BindingSpec[] = [];
  const backends: BackendSpec[] = [];
  const all: (BackendSpec & Pick<GuestBackendSpec, "networkProtocol">)[] = [
    ...specs.map((spec) => ({
      ...spec,
      protocol: spec.module,
      parameters: { "guest-timeout": PATIENCE, ...spec.parameters },
    })),
    ...others,
  ];
  for (const { name, protocol, parameters, networkProtocol = "tcp" } of all) {
    const port = freePort(networkProtocol);
    ports.set(name, port);
    portBindings.push({
      index: portBindings.length,
      networkProtocol,
      localPort: port,
      bindAddress: "127.0.0.1",
      listen: true,
      parameters: {},
    });
    backends.push({ name, protocol, parameters: { ...parameters, "local-port": String(port) } });
  }
  const multiplexer = new Multiplexer({ ...limits, backends, portBindings, healthChecks }, {
    loader,
    logger,
    observer,
  });
  await multiplexer.start();
  return {
    multiplexer,
    logger,
    port: (name) => ports.get(name)!,
    log: () =>
      logger.records.map(({ level, message, fields }) => `${level} ${message} ${JSON.stringify(fields)}`),
    async [Symbol.asyncDispose]() {
      await multiplexer[Symbol.asyncDispose]();
      await deadlinesPassed();
    },
  };
}

/** Waits for the timer that all deadlines share, which outlives the last of them by a moment. */
export async function deadlinesPassed(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
}

/** A directory whose deno.json has the task that `pmmux permissions` writes for a guest. */
export async function taskDirectory(
  { name, module, parameters: { isolation: _, ...parameters } }: GuestBackendSpec,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "pmmux-test-" });
  const backends = [{ name, protocol: module, parameters }];
  const permissions = await permissionsOf({ ...loadConfig({}).config!, backends }, { directory: path });
  const { tasks } = denoJsonOf(permissions, { configFile: "", variables: [] });
  await Deno.writeTextFile(`${path}/deno.json`, JSON.stringify({ tasks }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
