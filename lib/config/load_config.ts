/**
 * From a command line, environment variables and a file to one frozen configuration, or to everything that is
 * wrong with them.
 *
 * @module
 */

import { parseArguments } from "./arguments_layer.ts";
import { configOf } from "./config_values.ts";
import { environmentLayer } from "./environment_layer.ts";
import { checkMetricsPort, uselessHealthChecks } from "./cross_checks.ts";
import { ConfigError, type ConfigNotice, type Report, type ReportAt } from "./errors.ts";
import { Expander } from "./expander.ts";
import type { ConfigFile } from "./file_format.ts";
import { fileLayer } from "./file_layer.ts";
import type { Given, Layer } from "./layers.ts";
import { type ListContext, readList } from "./list_value.ts";
import type { Option, OptionTable } from "./option_table.ts";
import { coreOptions, invocationOptions } from "./options.ts";
import {
  backendSubject,
  extensionSubject,
  healthCheckSubject,
  Origins,
  STRATEGY_SUBJECT,
} from "./origins.ts";
import type { Environment } from "./placeholders.ts";
import { defaultValue, readScalar } from "./scalar_value.ts";
import { maskSpec } from "./secrets.ts";
import type { BackendSpec, Config } from "./types.ts";

/** What a configuration is made of. */
export interface ConfigInput {
  /** The command line, without a command's name. */
  readonly args?: readonly string[];
  /** Environment variables, for `PMMUX__…` and for `{{env:NAME}}`. */
  readonly env?: Environment;
  /** The configuration file, if there is one. */
  readonly file?: ConfigFile;
  /** Why the configuration file cannot be read, if so: a fault like any other. */
  readonly unreadable?: ConfigError;
  /** All options there are; the core options unless given. */
  readonly table?: OptionTable;
  /** Whether the command line may have words that belong to no option; it may not unless given. */
  readonly operands?: boolean;
}

/** An option as it came out, and where it came from. */
export interface Setting {
  /** The option. */
  readonly option: Option;
  /** What the deciding layer gives; undefined where the default decides. */
  readonly given?: Given;
}

/** A configuration without faults. */
export interface LoadedConfig {
  /** The configuration, frozen. */
  readonly config: Config;
  /** Every option in the order of the table, as written. */
  readonly settings: readonly Setting[];
  /** What is worth knowing. */
  readonly notices: readonly ConfigNotice[];
  /** Where its parts were written. */
  readonly origins: Origins;
  /** There are none. */
  readonly errors?: undefined;
}

/** Why there is no configuration. */
export interface FailedConfig {
  /** Every fault in every layer. */
  readonly errors: readonly ConfigError[];
  /** What could be read, for finding further faults: anything faulty is left out of lists, or at its default. */
  readonly readable?: Config;
  /** What is worth knowing besides. */
  readonly notices: readonly ConfigNotice[];
  /** Where the parts of what could be read were written. */
  readonly origins: Origins;
  /** There is none. */
  readonly config?: undefined;
}

/**
 * Loads a configuration. The command line outranks the environment, the environment the file, and the file
 * the defaults, each option as a whole: a list in a higher layer replaces the list of a lower one. Values
 * that are outranked must be right all the same, except that their variables need not be set.
 *
 * @example
 * ```ts
 * import { loadConfig } from "./load_config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { config } = loadConfig({
 *   args: ["-p", "!:8080:tcp"],
 *   env: { PMMUX__VERBOSITY: "debug" },
 *   file: { name: "pmmux.toml", text: '[pmmux]\nbackends = ["web:pass:target.ip=127.0.0.1,target.port=80"]' },
 * });
 * assertEquals(config?.backends[0]?.name, "web");
 * assertEquals(config?.portBindings[0]?.localPort, 8080);
 * assertEquals(config?.verbosity, "debug");
 * ```
 */
export function loadConfig(input: ConfigInput): LoadedConfig | FailedConfig {
  const { args = [], env = {}, file, unreadable, table = [...invocationOptions, ...coreOptions] } = input;
  const errors: ConfigError[] = unreadable ? [unreadable] : [];
  const notices: ConfigNotice[] = [];
  const reportAt = collectErrors(errors);
  const noticeAt: ReportAt = (source) => (message) => void notices.push({ source, message });

  const commandLine = parseArguments(args, { table, reportAt });
  if (!input.operands) commandLine.operands.forEach((operand) => reportOperand(operand, reportAt));
  const layers: Layer[] = [
    commandLine.given,
    environmentLayer(env, { table, reportAt }),
    file ? fileLayer(file, { table, reportAt }) : new Map(),
  ];
  const origins = new Origins();
  const values: [Option, unknown][] = [];
  const settings: Setting[] = [];
  // An option that is unknown may have been meant to be any.
  const faulty = new Set(errors.length > 0 ? table.map(({ key }) => key) : []);
  for (const option of table.filter((option) => !option.invocation)) {
    const [given, ...outranked] = layers.flatMap((layer) => layer.get(option.key) ?? []);
    const context = { env, errors, noticeAt, origins };
    const before = errors.length;
    const value = given ? readGiven(given, { ...context, outranked: false }) : undefined;
    values.push([option, value ?? defaultValue(option)]);
    for (const lower of outranked) readGiven(lower, { ...context, outranked: true });
    settings.push({ option, ...(given && { given }) });
    if (errors.length > before) faulty.add(option.key);
  }
  const config = configOf(values);
  crossCheck(config, { layers, faulty, errors, noticeAt, origins });
  if (errors.length > 0) return { errors, notices, origins, readable: config };
  return { config, settings, notices, origins };
}

interface CrossCheckContext {
  readonly layers: readonly Layer[];
  /** The keys of the options of which something is missing. */
  readonly faulty: ReadonlySet<string>;
  readonly errors: ConfigError[];
  readonly noticeAt: ReportAt;
  readonly origins: Origins;
}

/** A layer that replaces the backends of another is not to blame for the other's health checks. */
function crossCheck(
  config: Config,
  { layers, faulty, errors, noticeAt, origins }: CrossCheckContext,
): void {
  const layerOf = (key: keyof Config) => layers.find((layer) => layer.has(key));
  const [backendsLayer, checksLayer] = (["backends", "healthChecks"] as const).map((key) =>
    layers.findIndex((layer) => layer.has(key))
  );
  const knowsBackends = checksLayer! <= backendsLayer!;
  for (const { position, message, isFault } of faulty.has("backends") ? [] : uselessHealthChecks(config)) {
    const error = origins.locate(new ConfigError(message, { subject: healthCheckSubject(position) }));
    if (isFault && knowsBackends) errors.push(error);
    else noticeAt(error.source!)(error.message);
  }
  const source = layerOf("metricsPort")?.get("metricsPort")?.source ?? "";
  checkMetricsPort(config, collectErrors(errors)(source));
}

function reportOperand(operand: string, reportAt: ReportAt): void {
  const hint = "every value needs its option's name before it, as in -b one -b two";
  reportAt("command line")(`found "${maskSpec(operand)}", which belongs to no option; ${hint}`);
}

interface ReadContext {
  readonly env: Environment;
  readonly errors: ConfigError[];
  readonly noticeAt: ReportAt;
  readonly origins: Origins;
  /** Whether a higher layer gives the option too: a value that is not used needs no variables. */
  readonly outranked: boolean;
}

function readGiven(given: Given, { env, errors, noticeAt, origins, outranked }: ReadContext): unknown {
  const onFault = (fault: ConfigError) => void errors.push(fault);
  const expanderAt = (source: string) =>
    new Expander(env, { source, onFault, variablesMayBeMissing: outranked });
  const { option, values } = given;
  if (option.kind === "list" && outranked) {
    return readList(option, values, { expanderAt, noticeAt: () => () => {} });
  }
  if (option.kind === "list") {
    const onSpec: ListContext["onSpec"] = (spec, position, expander) => {
      if (option.element === "backend") origins.add(backendSubject((spec as BackendSpec).name), expander);
      if (option.element === "health-check") origins.add(healthCheckSubject(position), expander);
    };
    const onText: ListContext["onText"] = (text, expander) => {
      if (option.element === "extension") origins.add(extensionSubject(text), expander);
    };
    return readList(option, values, { expanderAt, noticeAt, onSpec, onText });
  }
  const { source, written } = values[0]!;
  const expander = expanderAt(source);
  if (option.key === "routingStrategy") origins.add(STRATEGY_SUBJECT, expander);
  const text = expander.text(String(written));
  return expander.missing ? undefined : readScalar(option, { text, report: expander.report });
}

function collectErrors(errors: ConfigError[]): ReportAt {
  return (source: string): Report => (message) => void errors.push(new ConfigError(message, { source }));
}
