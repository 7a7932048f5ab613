/**
 * What is different in another configuration, in the few words of a log line.
 *
 * @module
 */

import { isDeepStrictEqual as isEqual } from "node:util";
import { hostAndPort } from "../config/address.ts";
import { configValue } from "../config/config_values.ts";
import { fileKey, type OptionTable } from "../config/option_table.ts";
import { coreOptions } from "../config/options.ts";
import type { BackendSpec, BindingSpec, Config, HealthCheckSpec } from "../config/types.ts";

/** Options that are read when a process starts, and not again. */
const AT_START: ReadonlySet<string> = new Set([
  "logFormat",
  "logDirectory",
  "logFileMaxSize",
  "logFileMaxRetain",
  "supervisor",
]);

/** Lists whose elements are named. */
const TOLD_APART: ReadonlySet<string> = new Set(["backends", "portBindings", "healthChecks"]);

/**
 * The differences by option: what came (`+`), went (`-`) or is not the same (`~`). Options with one value are
 * named only, apart by whether they count at once.
 *
 * @example
 * ```ts
 * import { configChanges } from "./config_changes.ts";
 * import { loadConfig } from "../config/load_config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [before, after] = [["-b", "a:noop"], ["-b", "b:noop", "-q", "7"]].map((args) => loadConfig({ args }).config!);
 * assertEquals(configChanges(before!, after!), { backends: "+b -a", options: "queue-length" });
 * ```
 */
export function configChanges(
  before: Config,
  after: Config,
  { table = coreOptions }: { readonly table?: OptionTable } = {},
): Readonly<Record<string, string>> {
  const other = table.filter((option) =>
    !TOLD_APART.has(option.key) && !isEqual(configValue(before, option), configValue(after, option))
  );
  const [late, atOnce] = [true, false].map((isLate) =>
    other.filter(({ key }) => AT_START.has(key) === isLate).map(fileKey).join(" ")
  );
  const changes = {
    backends: differences(before.backends, after.backends, nameOf),
    "port-bindings": differences(bindingsOf(before), bindingsOf(after), addressOf),
    "health-checks": differences(before.healthChecks, after.healthChecks, targetOf),
    options: atOnce!,
    "at-next-start": late!,
  };
  return Object.fromEntries(Object.entries(changes).filter(([, text]) => text !== ""));
}

function differences<T>(before: readonly T[], after: readonly T[], identify: (item: T) => string): string {
  const [old, now] = [before, after].map((items) => Map.groupBy(items, identify));
  return [
    ...[...now!.keys()].filter((name) => !old!.has(name)).map((name) => `+${name}`),
    ...[...old!.keys()].filter((name) => !now!.has(name)).map((name) => `-${name}`),
    ...[...now!].filter(([name, items]) => old!.has(name) && !isEqual(items, old!.get(name)))
      .map(([name]) => `~${name}`),
  ].join(" ");
}

function nameOf({ name }: BackendSpec): string {
  return name;
}

/** The bindings, wherever in the list they stand. */
function bindingsOf({ portBindings }: Config): readonly Omit<BindingSpec, "index">[] {
  return portBindings.map(({ index: _, ...binding }) => binding);
}

function addressOf({ networkProtocol, bindAddress, localPort }: Omit<BindingSpec, "index">): string {
  return `${networkProtocol}://${hostAndPort(bindAddress, localPort)}`;
}

function targetOf({ protocol = "", backend }: HealthCheckSpec): string {
  return backend === undefined ? protocol || "all" : `${protocol}:${backend}`;
}
