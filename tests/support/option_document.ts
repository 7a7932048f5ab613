/**
 * The table of options in the documents.
 *
 * @module
 */

import type { Option, OptionTable } from "../../lib/config/option_table.ts";

const START = "<!-- options -->\n";
const END = "<!-- /options -->";

/** A document with the table of options between its marks. */
export function withOptions(document: string, options: OptionTable): string {
  const from = document.indexOf(START);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`The document has no marks ${START.trim()} and ${END}`);
  return document.slice(0, from + START.length) + table(options) + document.slice(to);
}

function table(options: OptionTable): string {
  const rows = options.map((option) => [nameOf(option), defaultOf(option), meaningOf(option)]);
  return aligned([["Option", "Default", "Meaning"], ...rows]);
}

/** The rows as `deno fmt` would have them. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const [head, ...body] = rows.map((row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |\n`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |\n`;
  return `\n${head}${rule}${body.join("")}\n`;
}

function nameOf({ name, aliases = [] }: Option): string {
  const letters = aliases.filter((alias) => alias.length === 1).map((alias) => `-${alias}`);
  return [...letters, `--${name}`].map((spelling) => `\`${spelling}\``).join(", ");
}

function defaultOf(option: Option): string {
  if (option.kind === "list") return "repeatable";
  if (option.kind === "flag") return option.default ? "on" : "off";
  if (option.default === undefined) return "";
  return `\`${option.default}\`${option.kind === "integer" && option.unit ? ` ${option.unit}` : ""}`;
}

function meaningOf(option: Option): string {
  const choices = option.kind === "choice" ? `: ${option.choices.map((it) => `\`${it}\``).join(", ")}` : "";
  const unit = option.kind === "integer" && option.unit && option.default === undefined
    ? `, in ${option.unit}`
    : "";
  return `${option.help}${unit}${choices}`.replaceAll("|", "\\|");
}
