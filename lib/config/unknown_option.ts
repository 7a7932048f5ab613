/**
 * What to say about an option that does not exist where it was given.
 *
 * @module
 */

import { laterCapability } from "./later_capabilities.ts";
import { nearest } from "./nearest.ts";
import { findOption, type OptionTable } from "./option_table.ts";
import { coreOptions, invocationOptions } from "./options.ts";

/**
 * A message about a name that `table` does not have, or has for the command line only. `rightNames` are the
 * names as that place spells them.
 */
export function describeUnknownOption(
  name: string,
  { table, rightNames }: { readonly table: OptionTable; readonly rightNames: readonly string[] },
): string {
  const key = name.replace(/^pmmux__/i, "");
  const known = findOption(table, key);
  if (known?.invocation) return "is an option of the command line only";
  const elsewhere = findOption(coreOptions, key) ?? findOption(invocationOptions, key);
  if (known === undefined && elsewhere) return "does not go with this command";
  const capability = laterCapability(key);
  if (capability) return `this version of pmmux does not have ${capability} yet`;
  const right = nearest(name, rightNames);
  return right === undefined
    ? "is no option; pmmux --help lists them"
    : `is no option; did you mean ${right}?`;
}
