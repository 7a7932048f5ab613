/**
 * Backend modules that somebody else wrote: each of their backends runs in a guest, with the permissions of
 * its line of the configuration and nothing more.
 *
 * @module
 */

import { priorityTier } from "../backends/parameters.ts";
import type { BackendSpec } from "../config/types.ts";
import type { Backend } from "../routing/backend.ts";
import type { BackendContext, BackendModule } from "../routing/backend_module.ts";
import type { ClientWriterFactory } from "../routing/client.ts";
import { LOG_LEVELS } from "../routing/logger.ts";
import { importModule } from "./guest_import.ts";
import { GUEST_PARAMETERS, type GuestSettings, guestSettings, moduleSpec } from "./guest_permissions.ts";
import { guestModuleUrl, guestRequest } from "./guest_request.ts";
import { guestBackend, type GuestDescription, readDescription } from "./host_backend.ts";
import type { GuestCalls } from "./host_calls.ts";
import { DialGuard, type Resolve } from "./host_dial.ts";
import { Guest } from "./host_guest.ts";
import { GuestKeeper, type RestartPauses } from "./host_keeper.ts";
import { GuestReports } from "./host_reports.ts";
import { LocalStarter } from "./launch_process.ts";
import { SocketLauncher } from "./launch_socket.ts";
import { WorkerLauncher } from "./launch_worker.ts";
import type { GuestLauncher, GuestTransport } from "./launcher.ts";
import { pinnedSource, type ReadModule } from "./module_source.ts";
import { CHUNK_BYTES } from "./wire.ts";

/** What {@linkcode createGuestModule} works with. */
export interface GuestModuleOptions {
  /** The absolute path that relative URLs, paths and tasks are relative to. */
  readonly directory: string;
  /** Starts guests that are processes; this process itself unless given. */
  readonly processes?: GuestLauncher;
  /** Starts guests that are Workers; this process itself unless given. */
  readonly workers?: GuestLauncher;
  /** The deno.json for the imports of modules, with its lockfile, for guests that this process starts. */
  readonly config?: string;
  /** Finds the addresses of names that guests dial; the system's way unless given. */
  readonly resolve?: Resolve;
  /** Gives the source of pinned modules; reads or fetches it unless given. */
  readonly readModule?: ReadModule;
  /** Throws an error for the user if a spec has a parameter that its module does not know. */
  readonly checkParameters?: (spec: BackendSpec, module: Pick<BackendModule, "parameters">) => void;
  /** Milliseconds in which a guest must have built its backend; 30,000 unless given. */
  readonly startTimeout?: number;
  /** Milliseconds without a sign of life after which a guest is ended; 5,000 unless given. */
  readonly silence?: number;
  /** Pauses before a guest is started again. */
  readonly pauses?: RestartPauses;
}

const START_MS = 30_000;
const SILENCE_MS = 5000;

/**
 * A backend module whose backends run in guests. The spec of each says how it is kept apart and what it may
 * do, see {@linkcode guestSettings}.
 *
 * @example A module beside the configuration
 * ```ts ignore
 * const loader = new BackendLoader({ base: "file:///srv/" });
 * loader.register("./echo.ts", createGuestModule("./echo.ts", { directory: "/srv" }));
 * ```
 */
export function createGuestModule(protocol: string, options: GuestModuleOptions): BackendModule {
  const url = guestModuleUrl(protocol, options.directory);
  const module: BackendModule = {
    protocol,
    createBackend(spec, context) {
      const settings = guestSettings(spec, options);
      const build = { spec, context, options, onModule };
      if (settings.isolation === "none") return createInProcess(url, build);
      return new GuestBuilder(url, { ...build, settings }).build();
    },
  };
  // What a module says of itself is not known before it runs.
  const onModule: BuildOptions["onModule"] = ({ matchers, healthCheckParameters, validateHealthCheck }) =>
    Object.assign(module, { matchers, healthCheckParameters, validateHealthCheck });
  return module;
}

interface BuildOptions {
  readonly spec: BackendSpec;
  readonly context: BackendContext;
  readonly options: GuestModuleOptions;
  /** Told what the module says of itself. */
  readonly onModule: (
    module: Pick<BackendModule, "matchers" | "healthCheckParameters" | "validateHealthCheck">,
  ) => void;
}

/** Builds one backend and the guest behind it. */
class GuestBuilder {
  readonly #url: string;
  readonly #spec: BackendSpec;
  readonly #context: BackendContext;
  readonly #options: GuestModuleOptions;
  readonly #settings: GuestSettings;
  readonly #onModule: BuildOptions["onModule"];
  readonly #reports: GuestReports;
  #source: Uint8Array | undefined;
  #description: GuestDescription | undefined;
  #writers: ClientWriterFactory | undefined;

  constructor(
    url: string,
    { spec, context, options, settings, onModule }: BuildOptions & { settings: GuestSettings },
  ) {
    this.#url = url;
    this.#onModule = onModule;
    this.#spec = spec;
    this.#context = context;
    this.#options = options;
    this.#settings = settings;
    this.#reports = new GuestReports(context);
  }

  async build(): Promise<Backend> {
    const { integrity, isolation, permissions, timeout } = this.#settings;
    const { resolve, readModule, pauses } = this.#options;
    const { net: network, logger, availability } = this.#context;
    // Whatever can be wrong with the spec is found before anything runs.
    const guard = new DialGuard({ net: permissions.net, network, resolve });
    priorityTier(this.#spec, "normal");
    if (isolation === "worker") logger.warn(WORKER_NOTICE);
    if (integrity !== undefined) {
      this.#source = await pinnedSource(this.#spec, { url: this.#url, integrity, readModule });
    }
    const launch = () => this.#launch();
    const keeper = new GuestKeeper({ launch, logger, availability, pauses });
    await keeper.start();
    return guestBackend({
      spec: this.#spec,
      description: this.#description!,
      keeper,
      guard,
      reports: this.#reports,
      timeout,
      onInitialize: (factory) => this.#writers = factory,
    });
  }

  /** Starts the guest and has it build the backend. */
  async #launch(): Promise<Guest> {
    const guest = new Guest(await this.#start(), {
      reports: this.#reports,
      writers: () => this.#writers!,
      silence: this.#options.silence ?? SILENCE_MS,
    });
    const { startTimeout = START_MS } = this.#options;
    const late = () => guest.end(`it was not ready within ${startTimeout} ms`);
    const timer = setTimeout(late, startTimeout);
    try {
      await guest.ready;
      this.#accept(await this.#create(guest.calls));
      guest.watch();
      return guest;
    } catch (error) {
      const { message } = error as Error;
      await guest.dismiss(message);
      throw new Error(`Cannot use backend "${this.#spec.name}": ${message}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #start(): Promise<GuestTransport> {
    const { directory, config, workers, processes } = this.#options;
    const launcher = this.#settings.isolation === "worker"
      ? workers ?? new WorkerLauncher()
      : processes ?? new SocketLauncher({ starter: new LocalStarter({ directory, config }) });
    return launcher.start(guestRequest(this.#spec, { directory }), (line) => this.#reports.output(line));
  }

  async #create(calls: GuestCalls): Promise<GuestDescription> {
    const source = this.#source ?? new Uint8Array(0);
    for (let at = 0; at < source.length; at += CHUNK_BYTES) {
      calls.send("source", { bytes: source.subarray(at, at + CHUNK_BYTES) });
    }
    const { logger } = this.#context;
    const { name, protocol, parameters } = moduleSpec(this.#spec);
    return await calls.call("create", {
      id: calls.nextId(),
      head: {
        module: this.#url,
        name,
        protocol,
        parameters,
        level: LOG_LEVELS.find((level) => logger.enabled(level)) ?? "critical",
      },
      answers: { created: readDescription },
    });
  }

  /** The core knows the backend by its first life; a later one must be able to do the same. */
  #accept(description: GuestDescription): void {
    const first = this.#description;
    if (first === undefined) {
      if (!description.takesConnections && !description.takesMessages) {
        throw new Error("its guest takes neither connections nor messages");
      }
      const { parameters } = description;
      const known = parameters && [...parameters, ...GUEST_PARAMETERS];
      this.#options.checkParameters?.(moduleSpec(this.#spec), { parameters: known });
      this.#onModule(description);
      this.#description = description;
    } else if (
      first.takesConnections && !description.takesConnections ||
      first.takesMessages && !description.takesMessages ||
      first.checksHealth && !description.checksHealth
    ) {
      throw new Error("its guest can no longer do what it could when it was started first");
    }
  }
}

const WORKER_NOTICE =
  "guest runs as a Worker: one that loops cannot be ended, one that eats memory ends pmmux, " +
  "and one that means harm can write to its output and send it signals (isolation=process prevents that)";
const IN_PROCESS_NOTICE = "module runs inside pmmux, without isolation: it may do everything that pmmux may";

async function createInProcess(
  url: string,
  { spec, context, options, onModule }: BuildOptions,
): Promise<Backend> {
  context.logger.warn(IN_PROCESS_NOTICE, { module: url });
  const module = await importModule(url, []);
  const own = moduleSpec(spec);
  options.checkParameters?.(own, module);
  onModule(module);
  return await module.createBackend(own, context);
}
