/**
 * `pmmux permissions`
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import type { LoadedConfig } from "../config/load_config.ts";
import { suggest } from "../config/nearest.ts";
import { optionTable } from "../config/option_table.ts";
import { placeholderNames } from "../config/placeholders.ts";
import { messageOf } from "../routing/message_of.ts";
import { type Command, type CommandContext, EXIT_FAILURE, EXIT_OK } from "./command.ts";
import { everyFault, withoutForeignModules } from "./every_fault.ts";
import type { Permissions } from "./permissions_of.ts";
import { printErrors } from "./print_errors.ts";

const FORMATS = ["text", "flags", "deno.json", "json"] as const;
type Format = typeof FORMATS[number];

/** Shows what a configuration needs of Deno's permissions, and what for. */
export const permissionsCommand: Command = {
  name: "permissions",
  summary: "show which permissions the configuration needs and why, or what a recorded run used",
  usage: `[--format ${FORMATS.join("|")}] [--audit <path>] [options]`,
  configured: true,
  options: optionTable({
    format: {
      name: "format",
      kind: "choice",
      choices: FORMATS,
      default: "text",
      invocation: true,
      help: "how to show them",
      group: "Permissions",
    },
    audit: {
      name: "audit",
      kind: "string",
      placeholder: "path",
      invocation: true,
      help: "compare with a recorded run: DENO_AUDIT_PERMISSIONS=path records engines as path.engine1, …",
      group: "Permissions",
    },
  }),
  async run(given) {
    const context = withoutForeignModules(given);
    const { host } = context;
    const format = formatOption(context);
    if (format instanceof ConfigError) return printErrors([format], host);
    const loaded = await context.load();
    if (loaded.errors) return printErrors(await everyFault(loaded, context), host);
    const { permissionsOf } = await import("./permissions_of.ts");
    let permissions: Permissions;
    try {
      permissions = await permissionsOf(loaded.config);
    } catch (error) {
      const errors = await everyFault(loaded, context);
      const [first = new ConfigError(messageOf(error), { cause: error }), ...more] = errors;
      return printErrors([first, ...more], host);
    }
    const audit = context.option("audit");
    if (audit !== undefined) return await showAudit(audit, { context, permissions });
    const { formatPermissions } = await import("./permissions_format.ts");
    const { configFile } = context;
    const hasFile = context.fileRead() !== "";
    const options = { format, configFile, hasFile, variables: variablesOf(loaded) };
    host.out(formatPermissions(permissions, options));
    return EXIT_OK;
  },
};

function formatOption({ option }: CommandContext): Format | ConfigError {
  const text = option("format") ?? "text";
  const source = "command line: --format";
  return FORMATS.find((format) => format === text) ??
    new ConfigError(`"${text}" is unknown: ${suggest(text, FORMATS)}`, { source });
}

/** The environment variables that the configuration refers to. */
function variablesOf({ settings }: LoadedConfig): string[] {
  const written = settings.flatMap(({ given }) => given?.values ?? []).map((value) => value.written);
  const texts = written.flatMap((value) =>
    typeof value === "string"
      ? [value]
      : value.flatMap((segment) =>
        segment.kind === "identifier" ? [segment.text] : [...segment.properties].flat()
      )
  );
  return [...new Set(texts.flatMap(placeholderNames))];
}

interface AuditOptions {
  readonly context: CommandContext;
  readonly permissions: Permissions;
}

async function showAudit(
  path: string,
  { context: { host, configFile }, permissions: { engine, guests } }: AuditOptions,
): Promise<number> {
  const { auditLines } = await import("./permissions_audit.ts");
  try {
    const text = await host.readTextFile(path);
    const names = guests.map(({ name }) => name);
    const { lines, complete } = auditLines(text, { scope: engine, configFile, guests: names });
    host.out(lines.join("\n"));
    return complete ? EXIT_OK : EXIT_FAILURE;
  } catch (error) {
    const message = `cannot read the record "${path}": ${messageOf(error)}`;
    return printErrors([new ConfigError(message, { source: "command line: --audit", cause: error })], host);
  }
}
