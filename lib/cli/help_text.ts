/**
 * The text of help: made of the tables of commands and options, so that it cannot lack one.
 *
 * @module
 */

import { extendTable, type Option, type OptionTable } from "../config/option_table.ts";
import { coreOptions, invocationOptions } from "../config/options.ts";
import { type Command, optionsOf } from "./command.ts";

/** Where the explanations begin, and where lines end. */
const COLUMN = 34;
const WIDTH = 100;

/** A command line, and what it does. */
export interface Example {
  /** What it does. */
  readonly says: string;
  /** Its options, each with its value; a flag has an empty one. */
  readonly options: readonly (readonly [name: string, value: string])[];
}

/** Command lines to learn from; each is valid as it stands. */
export const EXAMPLES: readonly Example[] = [
  {
    says: "Hand every connection to port 8080 to a web server on port 3000:",
    options: [["-b", "web:pass:target.ip=127.0.0.1,target.port=3000"], ["-p", "!:8080:tcp"]],
  },
  {
    says: "Share one port between SSH and a web server; the first backend that fits gets the connection:",
    options: [
      ["-b", "ssh:pass:detect=ssh,target.ip=127.0.0.1,target.port=22"],
      ["-b", "web:pass:target.ip=127.0.0.1,target.port=3000"],
      ["-p", "!:443:tcp"],
    ],
  },
  {
    says: "Serve only private networks, on IPv6 too, and check the database every second:",
    options: [
      ["-b", 'db:pass:target.ip=10.0.0.5,target.port=5432,remote-ip="10.0.0.0/8;fd00::/8"'],
      ["-p", '!:5432:tcp:bind-address="::"'],
      ["-z", "pass:db:interval=1000"],
    ],
  },
  {
    says: "Do what a file says, and what it says whenever it changes:",
    options: [["-c", "/etc/pmmux/pmmux.toml"], ["--watch", ""]],
  },
];

const CONFIGURATION =
  `Every option may also be in the configuration file, under "pmmux", or in the environment:
  --queue-length 50       queue-length = 50                  PMMUX__QUEUE_LENGTH=50
  -p '!:80' -p '!:443'    port-bindings = ["!:80", "!:443"]  PMMUX__PORT_BINDINGS__0='!:80' …
pmmux help queue-length shows how that option is called everywhere, and what it may be. The command
line outranks the environment, the environment the file. {{env:NAME}} and {{env:NAME:-default}} in a
value stand for an environment variable. pmmux check shows the result.`;

const EXIT_STATUS = `  0  it did what it was asked
  1  it failed while running
  2  the command line, the environment or the configuration file is wrong`;

/** How text is shown. */
export interface HelpStyle {
  /** Whether headings are bold. */
  readonly colour: boolean;
}

/** What help is made of, beside commands. */
export interface HelpOptions extends HelpStyle {
  /** The options that end up in the configuration; those of pmmux itself unless given. */
  readonly options?: OptionTable;
}

/** The help of pmmux as a whole. */
export function generalHelp(commands: readonly Command[], style: HelpOptions): string {
  const heading = headingOf(style);
  const rows = commands.map(({ name, usage, summary }) => row(`  ${name} ${usage}`.trimEnd(), summary));
  return [
    "pmmux puts many services behind one port: it looks at who calls and at the first bytes, and hands",
    "each connection or datagram to the backend that wants it.",
    "",
    heading("Usage"),
    "  pmmux [command] [options]",
    "",
    heading("Examples"),
    ...EXAMPLES.flatMap((example) => [`  # ${example.says}`, `  ${shellLine(example)}`, ""]),
    heading("Commands"),
    ...rows,
    "",
    ...optionGroups(extendTable(style.options ?? coreOptions, invocationOptions), style),
    heading("Configuration"),
    CONFIGURATION,
    "",
    heading("Exit status"),
    EXIT_STATUS,
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(command: Command, style: HelpOptions): string {
  const { name, summary, usage } = command;
  const table = optionsOf(command, style.options ?? coreOptions);
  const shown = [...table.filter((option) => !ofInvocation(option)), ...table.filter(ofInvocation)];
  return [
    `pmmux ${name}: ${summary}`,
    "",
    headingOf(style)("Usage"),
    `  pmmux ${name} ${usage}`.trimEnd(),
    "",
    ...optionGroups(shown, style),
  ].join("\n").trimEnd();
}

/** What every command takes stands at the end. */
function ofInvocation({ key }: Option): boolean {
  return invocationOptions.some((option) => option.key === key);
}

function shellLine({ options }: Example): string {
  const quote = (text: string) => /^[\w.:,=/-]+$/.test(text) ? text : `'${text}'`;
  return ["pmmux", ...options.map(([name, value]) => value === "" ? name : `${name} ${quote(value)}`)]
    .join(" \\\n      ");
}

function headingOf({ colour }: HelpStyle): (text: string) => string {
  return (text) => colour ? `\x1b[1m${text}:\x1b[22m` : `${text}:`;
}

function optionGroups(options: OptionTable, style: HelpStyle): string[] {
  const heading = headingOf(style);
  const groups = Map.groupBy(options, ({ group }) => group);
  return [...groups].flatMap(([group, members]) => [
    heading(group),
    ...members.map((option) => row(`  ${optionLabel(option)}`, explain(option))),
    "",
  ]);
}

function optionLabel(option: Option): string {
  const letters = (option.aliases ?? []).filter((alias) => alias.length === 1).map((alias) => `-${alias}, `);
  const value = option.kind === "flag" ? "" : ` <${valueWord(option)}>`;
  return `${letters.join("").padStart(4)}--${option.name}${value}`;
}

/** The word that stands for an option's value. */
function valueWord(option: Option): string {
  if (option.placeholder !== undefined) return option.placeholder;
  switch (option.kind) {
    case "integer":
      return option.unit ?? "number";
    case "choice":
      return "word";
    default:
      return option.kind === "address" ? "address" : "text";
  }
}

function explain(option: Option): string {
  const choices = option.kind === "choice" ? `: ${option.choices.join(", ")}` : "";
  const fallback = option.kind === "list"
    ? undefined
    : option.kind === "flag"
    ? option.default && "on"
    : option.default;
  const note = option.kind === "list"
    ? " (repeatable)"
    : fallback === undefined
    ? ""
    : ` (default: ${fallback})`;
  return `${option.help}${choices}${note}`;
}

/** A label, and its explanation beside or, if the label is long, below it. */
function row(label: string, explanation: string): string {
  const indent = " ".repeat(COLUMN);
  const [first = "", ...more] = wrap(explanation, WIDTH - COLUMN);
  const start = label.length < COLUMN ? label.padEnd(COLUMN) + first : `${label}\n${indent}${first}`;
  return [start, ...more.map((line) => indent + line)].join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
