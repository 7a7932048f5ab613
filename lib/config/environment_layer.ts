/**
 * Environment variables as a layer: `PMMUX__VERBOSITY`, `PMMUX__PORT_BINDINGS__0`.
 *
 * @module
 */

import type { ReportAt } from "./errors.ts";
import type { Given, Layer } from "./layers.ts";
import { environmentName, findOption, type Option, type OptionTable } from "./option_table.ts";
import type { Environment } from "./placeholders.ts";
import { describeUnknownOption } from "./unknown_option.ts";

interface Variable {
  readonly name: string;
  readonly value: string;
  /** How this variable names the option: an option is named in one way only. */
  readonly spelling: string;
  /** The place in a list; undefined for a value on its own. */
  readonly index: number | undefined;
}

/**
 * Reads every variable that begins with `PMMUX__`, in any case, with hyphens or underscores between the
 * words of an option's name. An empty variable counts as not set. Another variable that begins with `PMMUX_` is
 * somebody else's, unless it could be meant to be one of these.
 *
 * @example
 * ```ts
 * import { environmentLayer } from "./environment_layer.ts";
 * import { coreOptions } from "./options.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = environmentLayer({ PMMUX__QUEUE_LENGTH: "50" }, {
 *   table: coreOptions,
 *   reportAt: () => (message) => { throw new Error(message); },
 * });
 * assertEquals(layer.get("queueLength")?.values[0]?.written, "50");
 * ```
 */
export function environmentLayer(
  environment: Environment,
  { table, reportAt }: { readonly table: OptionTable; readonly reportAt: ReportAt },
): Layer {
  const settable = table.filter((option) => !option.invocation);
  const found = new Map<Option, Variable[]>();
  for (const [name, value] of Object.entries(environment)) {
    if (!value || !/^pmmux_/i.test(name)) continue;
    if (!/^pmmux__/i.test(name)) {
      const meant = findOption(settable, /^pmmux_(.{2,}?)(_+\d+)?$/i.exec(name)?.[1] ?? "");
      if (meant) reportAt(sourceOf(name))(`is not how ${meant.name} is given; that is ${namesOf(meant)}`);
      continue;
    }
    const [spelling = "", index, ...deeper] = name.slice("pmmux__".length).split("__");
    const option = findOption(settable, spelling);
    const report = reportAt(sourceOf(name));
    if (!option) {
      report(describeUnknownOption(name, { table, rightNames: settable.map(environmentName) }));
    } else if (
      deeper.length > 0 || (index !== undefined && (option.kind !== "list" || !/^\d+$/.test(index)))
    ) {
      report(`is not how ${option.name} is given; that is ${namesOf(option)}`);
    } else {
      const variable = { name, value, spelling, index: index === undefined ? undefined : Number(index) };
      found.set(option, [...found.get(option) ?? [], variable]);
    }
  }
  const layer = new Map<string, Given>();
  for (const [option, variables] of found) {
    const given = combine(option, variables, reportAt);
    if (given) layer.set(option.key, given);
  }
  return layer;
}

function combine(option: Option, variables: Variable[], reportAt: ReportAt): Given | undefined {
  const [first, ...more] = variables.toSorted((a, b) => (a.index ?? -1) - (b.index ?? -1));
  let previous = first!;
  for (const variable of more) {
    const indexed = previous.index !== undefined && variable.index !== undefined;
    if (variable.spelling !== first!.spelling || !indexed || variable.index === previous.index) {
      reportAt(sourceOf(variable.name))(`gives ${option.name} a second time, after ${previous.name}`);
      return undefined;
    }
    previous = variable;
  }
  return {
    option,
    source: sourceOf(first!.name),
    values: [first!, ...more].map(({ name, value }) => ({ source: sourceOf(name), written: value })),
  };
}

function sourceOf(name: string): string {
  return `environment ${name}`;
}

function namesOf(option: Option): string {
  const name = environmentName(option);
  return option.kind === "list" ? `${name}__0, ${name}__1 and so on` : name;
}
