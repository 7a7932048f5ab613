/**
 * pmmux as a library: a TCP and UDP port multiplexer.
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
 *
 * @module
 */

export * from "./lib/config/types.ts";
export type { ExtensionOption } from "./lib/config/extension_options.ts";
export type {
  ChoiceOption,
  FlagOption,
  IntegerOption,
  ListElement,
  ListOption,
  OptionBase,
  TextOption,
} from "./lib/config/option_table.ts";
export type { Range } from "./lib/config/whole_number.ts";
export { parseBackendSpec } from "./lib/config/backend_spec.ts";
export { parseBindingSpec } from "./lib/config/binding_spec.ts";
export { parseHealthCheckSpec } from "./lib/config/health_check_spec.ts";
export { ConfigError, type ConfigErrorOptions } from "./lib/config/errors.ts";
export type { Detector, DetectorTransport, Facts, Verdict } from "./lib/protocol/detector.ts";
export * from "./lib/routing/client.ts";
export * from "./lib/routing/backend.ts";
export * from "./lib/routing/backend_module.ts";
export * from "./lib/routing/routing_strategy.ts";
export * from "./lib/routing/traffic.ts";
export * from "./lib/routing/negotiator.ts";
export { type Health, HEALTH_STATE_NUMBERS, type HealthState } from "./lib/routing/health.ts";
export {
  type LazyLogFields,
  LOG_LEVELS,
  type LogFields,
  type Logger,
  type LogLevel,
  silentLogger,
} from "./lib/routing/logger.ts";
export { PASS_PARAMETERS, PassthroughBackend } from "./lib/backends/pass.ts";
export { NoopBackend } from "./lib/backends/noop.ts";
export { Events, type ListenerInfo, type MultiplexerEvents } from "./lib/engine/events.ts";
export {
  BackendLoader,
  type BackendLoaderOptions,
  type ForeignModules,
  type ImportModule,
} from "./lib/engine/loader.ts";
export type * from "./lib/engine/extension.ts";
export { Multiplexer } from "./lib/engine/multiplexer.ts";
export type {
  MultiplexerConfig,
  MultiplexerOptions,
  RemoveOptions,
} from "./lib/engine/multiplexer_options.ts";
export { trafficLog } from "./lib/telemetry/traffic_log.ts";
export type { Distribution } from "./lib/telemetry/instruments.ts";
export type { MetricDefinition, MetricType } from "./lib/telemetry/metric_names.ts";
export type * from "./lib/telemetry/metric_sink.ts";
