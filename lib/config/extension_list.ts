/**
 * Which extensions a command line, an environment and a file name: known before the options are that the
 * extensions add.
 *
 * @module
 */

import { parseArguments } from "./arguments_layer.ts";
import { environmentLayer } from "./environment_layer.ts";
import type { ReportAt } from "./errors.ts";
import { Expander } from "./expander.ts";
import { fileLayer } from "./file_layer.ts";
import type { ConfigInput } from "./load_config.ts";
import { readList } from "./list_value.ts";
import type { ListOption } from "./option_table.ts";
import { coreOptions, invocationOptions } from "./options.ts";
import { extensionSubject, Origins } from "./origins.ts";

/** Nothing is wrong yet: what is unknown now may be an extension's. */
const tolerate: ReportAt = () => () => {};

/**
 * The extensions, in their order, of everything that {@linkcode loadConfig} would be given. Takes no offence at
 * anything; what is wrong is told when the configuration is loaded. Where each stands is added to the origins.
 *
 * @example
 * ```ts
 * import { extensionList } from "./extension_list.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(extensionList({ args: ["--limit", "5", "-x", "./limit.ts"] }), ["./limit.ts"]);
 * ```
 */
export function extensionList(input: ConfigInput, origins: Origins = new Origins()): readonly string[] {
  const { args = [], env = {}, file, table = [...invocationOptions, ...coreOptions] } = input;
  const context = { table, reportAt: tolerate };
  const layers = [
    parseArguments(args, context).given,
    environmentLayer(env, context),
    ...(file ? [fileLayer(file, context)] : []),
  ];
  const given = layers.flatMap((layer) => layer.get("extensions") ?? [])[0];
  if (given === undefined) return [];
  return readList(given.option as ListOption, given.values, {
    expanderAt: (source) => new Expander(env, { source, onFault: () => {} }),
    noticeAt: tolerate,
    onText: (text, expander) => origins.add(extensionSubject(text), expander),
  }) as readonly string[];
}
