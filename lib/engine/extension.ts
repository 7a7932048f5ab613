/**
 * What an extension is: a trusted module that adds to what pmmux can do, in the process that carries traffic.
 *
 * @module
 */

import type { ExtensionOption } from "../config/extension_options.ts";
import type { Config, OptionValues } from "../config/types.ts";
import type { BackendModule, PermissionNeed } from "../routing/backend_module.ts";
import type { Awaitable } from "../routing/client.ts";
import type { Logger } from "../routing/logger.ts";
import type { ConnectionNegotiator } from "../routing/negotiator.ts";
import type { RoutingStrategy } from "../routing/routing_strategy.ts";
import type { MetricSink } from "../telemetry/metric_sink.ts";
import type { Events } from "./events.ts";
import type { Multiplexer } from "./multiplexer.ts";

/**
 * The default export of an extension module.
 *
 * @example An extension that closes connections from listed addresses
 * ```ts
 * import type { Extension } from "@pmmux/cli/mod";
 *
 * const extension: Extension = {
 *   name: "blocklist",
 *   options: {
 *     blocked: {
 *       name: "blocked-client",
 *       kind: "list",
 *       plural: "blocked-clients",
 *       element: "string",
 *       help: "addresses to turn away",
 *     },
 *   },
 *   register({ options, logger, negotiator, events }) {
 *     const blocked = new Set(options.blocked as string[]);
 *     negotiator({
 *       name: "blocklist",
 *       negotiate: ({ client }) =>
 *         blocked.has(client.remote.address)
 *           ? { outcome: "reject", reason: "the client is blocked" }
 *           : { outcome: "accept" },
 *     });
 *     events.on("listenerAdded", ({ port }) => logger.info(`guarding port ${port}`));
 *   },
 * };
 * export default extension;
 * ```
 */
export interface Extension {
  /** What logs and help call it; in lower case, with hyphens between words. */
  readonly name: string;
  /** What `pmmux version` shows beside it. */
  readonly version?: string;
  /**
   * Options that it adds to the command line, the environment and configuration files, by the key under which
   * `registry.options` has the value.
   */
  readonly options?: Readonly<Record<string, ExtensionOption>>;
  /** Subcommands that it adds. */
  readonly commands?: readonly ExtensionCommand[];
  /**
   * Adds to pmmux. Called whenever somebody has to know what there is, also where no traffic is carried (`pmmux check`,
   * the supervisor): it must do nothing but register. What has to run belongs in
   * {@linkcode ExtensionRegistry.onStart}. A throw is an error for the user.
   */
  register(registry: ExtensionRegistry): Awaitable<void>;
}

/**
 * Takes what an extension adds. Its functions need no `this`.
 *
 * @example
 * ```ts
 * import type { ExtensionRegistry } from "@pmmux/cli/mod";
 *
 * function register({ strategy, onStart, logger }: ExtensionRegistry): void {
 *   strategy({ name: "last", ranking: "tier", select: (_request, candidates) => candidates.at(-1)! });
 *   onStart(({ listeners }) => logger.info(`${listeners.length} listeners`));
 * }
 * ```
 */
export interface ExtensionRegistry {
  /** The values of the extension's options, by their keys. */
  readonly options: OptionValues;
  /** Logs in the extension's name. */
  readonly logger: Logger;
  /** What happens while pmmux runs. */
  readonly events: Pick<Events, "on">;
  /** Adds a backend protocol under a short name. */
  backendModule(protocol: string, module: BackendModule): void;
  /** Adds a routing strategy, for `--routing-strategy`. */
  strategy(strategy: RoutingStrategy): void;
  /**
   * Adds a step before a backend is chosen, for TCP connections. The one that was added last is asked first; all come
   * after the PROXY protocol of the listener.
   */
  negotiator(negotiator: ConnectionNegotiator): void;
  /** Adds somewhere for metrics to go. */
  metricSink(sink: MetricSink): void;
  /** Says what the extension needs of Deno's permissions, so that the engine is started with it. */
  permission(need: PermissionNeed): void;
  /** Has a function called with the multiplexer once that has started. */
  onStart(hook: StartHook): void;
}

/**
 * Called with a multiplexer that has started. What it returns is disposed of before the multiplexer stops.
 *
 * @example
 * ```ts
 * import type { StartHook } from "@pmmux/cli/mod";
 *
 * // Logs twice a minute how many clients there are.
 * const count: StartHook = (multiplexer) => {
 *   const timer = setInterval(() => console.log(multiplexer.connections.length), 30_000);
 *   return { [Symbol.dispose]: () => clearInterval(timer) };
 * };
 * ```
 */
export type StartHook = (multiplexer: Multiplexer) => Awaitable<AsyncDisposable | Disposable | void>;

/**
 * A subcommand. It takes all options of pmmux, and runs when they have no faults.
 *
 * @example
 * ```ts
 * import type { ExtensionCommand } from "@pmmux/cli/mod";
 *
 * const ports: ExtensionCommand = {
 *   name: "ports",
 *   summary: "show the local ports",
 *   run({ config, out }) {
 *     for (const { localPort, networkProtocol } of config.portBindings) out(`${localPort} ${networkProtocol}`);
 *     return 0;
 *   },
 * };
 * ```
 */
export interface ExtensionCommand {
  /** The word on the command line. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** What follows the name in help; `[options]` unless given. */
  readonly usage?: string;
  /** Words that may follow; an empty list allows any, and none may follow unless this is given. */
  readonly operands?: readonly string[];
  /** Runs it, and answers the exit status: 0 if it did what it was asked. */
  run(context: ExtensionCommandContext): Awaitable<number>;
}

/**
 * What a subcommand of an extension works with.
 *
 * @example
 * ```ts
 * import type { ExtensionCommandContext } from "@pmmux/cli/mod";
 *
 * // Says whether the operand is the name of a backend.
 * function run({ config, operands: [name], out, err }: ExtensionCommandContext): number {
 *   const known = config.backends.some((spec) => spec.name === name);
 *   if (known) out(`${name} is configured`);
 *   else err(`there is no backend ${name}`);
 *   return known ? 0 : 1;
 * }
 * ```
 */
export interface ExtensionCommandContext {
  /** The configuration. */
  readonly config: Config;
  /** The values of the extension's options, by their keys. */
  readonly options: OptionValues;
  /** The words of the command line that are neither options nor values. */
  readonly operands: readonly string[];
  /** Writes a line, or several, to standard output. */
  out(text: string): void;
  /** Writes a line, or several, to standard error. */
  err(text: string): void;
}
