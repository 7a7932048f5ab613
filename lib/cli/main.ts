/**
 * The command line of pmmux: finds the command, takes its options apart, runs it.
 *
 * @module
 */

import { parseArguments } from "../config/arguments_layer.ts";
import { ConfigError, type ReportAt } from "../config/errors.ts";
import { insteadOfCommand } from "../config/later_capabilities.ts";
import { suggest } from "../config/nearest.ts";
import { messageOf } from "../routing/message_of.ts";
import { escapeInvisible } from "../telemetry/log_value.ts";
import {
  type Command,
  EXIT_BAD_INPUT,
  EXIT_FAILURE,
  EXIT_OK,
  optionsOf,
  type ValidateBackends,
} from "./command.ts";
import { commandContext } from "./context.ts";
import { commandHelp, generalHelp } from "./help_text.ts";
import { type Host, processHost } from "./host.ts";
import { printErrors } from "./print_errors.ts";
import { ownRepertoire, type Repertoire, repertoireOf } from "./repertoire.ts";
import { runCommand } from "./run_command.ts";
import { readSources } from "./sources.ts";
import { versionCommand } from "./version.ts";

/** What the command line is run with. */
export interface MainOptions {
  /** The process around it; the real one unless given. */
  readonly host?: Host;
  /** Looks for faults that only backend modules can see; finds none unless given. */
  readonly validateBackends?: ValidateBackends;
}

/**
 * Runs a command line, and answers the exit status: 0 it did what it was asked, 1 it failed while running,
 * 2 what it was given is wrong.
 *
 * @example
 * ```ts ignore
 * import { main } from "./main.ts";
 *
 * Deno.exit(await main(["check", "-c", "pmmux.toml"]));
 * ```
 */
export async function main(args: readonly string[], options: MainOptions = {}): Promise<number> {
  const { host = processHost, validateBackends = () => Promise.resolve([]) } = options;
  try {
    return await dispatch(args, { host, validateBackends });
  } catch (error) {
    host.err(escapeInvisible(`pmmux: ${messageOf(error)}`));
    return EXIT_FAILURE;
  }
}

async function dispatch(args: readonly string[], options: Required<MainOptions>): Promise<number> {
  const { host } = options;
  const named = args[0] !== undefined && !args[0].startsWith("-");
  const name = named ? args[0]! : "run";
  const given = args.slice(named ? 1 : 0);
  // `deno task demo -- --once` hands its own `--` on.
  const rest = given[0] === "--" ? given.slice(1) : given;
  const { repertoire, fault } = await survey(name, { args: rest, host });
  const { commands } = repertoire;
  const command = commands.find((candidate) => candidate.name === name);
  if (!command && fault) return printErrors([fault], host);
  if (!command) {
    const hint = insteadOfCommand(name) ?? suggest(name, commands.map((known) => known.name));
    host.err(escapeInvisible(`pmmux: "${name}" is no command; ${hint}`));
    return EXIT_BAD_INPUT;
  }
  const errors: ConfigError[] = [];
  const reportAt: ReportAt = (source) => (message) => void errors.push(new ConfigError(message, { source }));
  const table = optionsOf(command, repertoire.options);
  const parsed = parseArguments(rest, { table, reportAt });
  const context = commandContext({ command, repertoire, args: rest, parsed, table }, options);
  const isAskedFor = (name: string) => context.option(name) === "true";
  const isInformation = INFORMATION.some((word) => isAskedFor(word) || command.name === word);
  if (fault && !isInformation) {
    return command.showErrors?.([fault], context) ?? printErrors([fault], host);
  }
  if (fault) host.err(`note: ${fault}`);
  if (isAskedFor("version")) return versionCommand.run(context);
  const style = { colour: host.colour, options: repertoire.options };
  if (isAskedFor("help")) {
    host.out(named ? commandHelp(command, style) : generalHelp(commands, style));
    return EXIT_OK;
  }
  const late = named ? undefined : parsed.operands.find((word) => commands.some((it) => it.name === word));
  if (late !== undefined) {
    host.err(`pmmux: the command comes first, its options behind it: pmmux ${late} …`);
    return EXIT_BAD_INPUT;
  }
  checkOperands(command, { operands: parsed.operands, reportAt });
  // The configuration tells the faults of its options together with all its others.
  if (errors.length > 0 && !command.configured) return printErrors(errors, host);
  return await command.run(context);
}

/** Commands, and options of the others, that an extension at fault does not stop. */
const INFORMATION: readonly string[] = ["help", "version"];

/** What there is to say, or all that is certain while an extension is at fault. */
interface Survey {
  readonly repertoire: Repertoire;
  readonly fault?: ConfigError;
}

/** Finds the extensions before anything is taken for unknown. Help shall not have to ask for permissions. */
async function survey(
  name: string,
  { args, host }: { readonly args: readonly string[]; readonly host: Host },
): Promise<Survey> {
  const { commands, options } = ownRepertoire;
  const command = commands.find((candidate) => candidate.name === name) ?? runCommand;
  if (!command.configured && !command.extensible) return { repertoire: ownRepertoire };
  try {
    const table = optionsOf(command, options);
    const sources = await readSources(args, { table, host: { ...host, ...host.unasked } });
    const repertoire = await repertoireOf(sources);
    // Commands that read the configuration tell this with everything else.
    return command.configured || sources.unreadable === undefined
      ? { repertoire }
      : { repertoire, fault: sources.unreadable };
  } catch (error) {
    if (error instanceof ConfigError) return { repertoire: ownRepertoire, fault: error };
    throw error;
  }
}

function checkOperands(
  { configured, operands: known }: Command,
  { operands, reportAt }: { readonly operands: readonly string[]; readonly reportAt: ReportAt },
): void {
  for (const operand of operands) {
    if (known === undefined && !configured) {
      reportAt("command line")(`found "${operand}", which this command does not take`);
    }
    if (!known || known.length === 0 || known.includes(operand)) continue;
    reportAt("command line")(`"${operand}" is unknown; ${suggest(operand, known)}`);
  }
}
