/**
 * The values of options that are no lists.
 *
 * @module
 */

import { parseAddress } from "./address.ts";
import type { Report } from "./errors.ts";
import { suggest } from "./nearest.ts";
import type { ChoiceOption, IntegerOption, ListOption, Option } from "./option_table.ts";
import { describeRange, parseWholeNumber } from "./whole_number.ts";

/** An option with one value. */
export type ScalarOption = Exclude<Option, ListOption>;

/** Makes an option's value of its text, or reports what is allowed. */
export function readScalar(
  option: ScalarOption,
  { text, report }: { readonly text: string; readonly report: Report },
): string | number | boolean | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return void report("needs a value");
  switch (option.kind) {
    case "string":
      return text;
    case "address":
      return parseAddress(trimmed) ?? void report(`"${text}" is not an IP address`);
    case "integer":
      return readInteger(option, { text: trimmed, report });
    case "choice":
      return readChoice(option, { text: trimmed, report });
    case "flag":
      if (/^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === "true";
      return void report(`"${text}" is not true or false`);
  }
}

/** What an option is unless given; undefined if that is nothing. */
export function defaultValue(option: Option): string | number | boolean | readonly never[] | undefined {
  if (option.kind === "list") return [];
  return option.kind === "flag" ? option.default ?? false : option.default;
}

function readInteger(
  option: IntegerOption,
  { text, report }: { readonly text: string; readonly report: Report },
): number | undefined {
  const value = parseWholeNumber(text, option.range);
  if (value === undefined) {
    const unit = option.unit ? ` (${option.unit})` : "";
    report(`"${text}" is not a whole number ${describeRange(option.range)}${unit}`);
  }
  return value;
}

function readChoice(
  option: ChoiceOption,
  { text, report }: { readonly text: string; readonly report: Report },
): string | undefined {
  const word = text.toLowerCase();
  const numbered = option.numbered && /^\d+$/.test(word) ? option.choices[Number(word)] : undefined;
  const choice = numbered ?? option.choices.find((known) => known.toLowerCase() === word);
  if (choice === undefined && option.open) return word;
  if (choice === undefined) report(`"${text}" is unknown: ${suggest(text, option.choices)}`);
  return choice;
}
