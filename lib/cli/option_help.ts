/**
 * The text of help about one option.
 *
 * @module
 */

import { environmentName, fileKey, type Option, spellings } from "../config/option_table.ts";
import { describeRange } from "../config/whole_number.ts";

/** What an option is called everywhere, what it may be, and what it is unless given. */
export function optionHelp(option: Option): string {
  const isList = option.kind === "list";
  const flags = spellings(option).map((name) => name.length === 1 ? `-${name}` : `--${name}`);
  const environment = environmentName(option);
  const rows = [
    ["options", flags.join(", ")],
    ["value", valueText(option)],
    ["default", defaultText(option)],
    ...option.invocation ? [["file", "of the command line only"]] : [
      ["file", isList ? `${fileKey(option)} = […]` : `${fileKey(option)} = …`],
      ["environment", isList ? `${environment}, or ${environment}__0, ${environment}__1, …` : environment],
    ],
  ];
  return [
    `pmmux --${option.name}: ${option.help}`,
    "",
    ...rows.map(([label, text]) => `  ${label!.padEnd(13)}${text}`),
  ].join("\n");
}

function valueText(option: Option): string {
  switch (option.kind) {
    case "integer":
      return `a whole number ${describeRange(option.range)}${option.unit ? ` (${option.unit})` : ""}`;
    case "choice":
      return option.choices.join(", ");
    case "flag":
      return "true or false";
    case "address":
      return "an IP address";
    case "string":
      return option.placeholder ?? "a text";
    case "list":
      return `${option.placeholder ?? "a text"}, as often as needed`;
  }
}

function defaultText(option: Option): string {
  if (option.kind === "list") return "none";
  return String(option.default ?? (option.kind === "flag" ? false : "none"));
}
