/**
 * `pmmux check`
 *
 * @module
 */

import type { ConfigError } from "../config/errors.ts";
import { type EffectiveOption, effectiveOptions, formatEffectiveYaml } from "../config/effective.ts";
import type { LoadedConfig } from "../config/load_config.ts";
import { optionTable } from "../config/option_table.ts";
import { type Command, type CommandContext, EXIT_BAD_INPUT, EXIT_OK } from "./command.ts";
import { everyFault } from "./every_fault.ts";
import { printErrors, printNotices } from "./print_errors.ts";

/** Finds every fault of the configuration, or shows what it comes to. */
export const checkCommand: Command = {
  name: "check",
  summary: "show every fault of the configuration, or what it comes to, without secrets",
  usage: "[--json] [options]",
  configured: true,
  options: optionTable({
    json: { name: "json", kind: "flag", invocation: true, help: "print JSON", group: "Check" },
  }),
  showErrors,
  async run(context) {
    const loaded = await context.load();
    const errors = await everyFault(loaded, context);
    if (loaded.errors || errors.length > 0) return showErrors(errors, context);
    showEffective(loaded, context);
    return EXIT_OK;
  },
};

function isJson({ option }: CommandContext): boolean {
  return option("json") === "true";
}

function showErrors(errors: readonly ConfigError[], context: CommandContext): number {
  const { host } = context;
  if (!isJson(context)) return printErrors(errors, host);
  const shown = errors.map(({ source, message }) => ({ source, message }));
  host.out(JSON.stringify({ valid: false, errors: shown }, null, 2));
  return EXIT_BAD_INPUT;
}

function showEffective(loaded: LoadedConfig, context: CommandContext): void {
  const { host } = context;
  const options = effectiveOptions(loaded);
  if (!isJson(context)) {
    printNotices(loaded.notices, host);
    return host.out(formatEffectiveYaml(options).trimEnd());
  }
  const pmmux = Object.fromEntries(options.map((option) => [option.key, shownOf(option)]));
  const sources = Object.fromEntries(options.map((option) => [option.key, sourcesOf(option)]));
  host.out(JSON.stringify({ valid: true, pmmux, sources, notices: loaded.notices }, null, 2));
}

function shownOf(option: EffectiveOption): unknown {
  return "value" in option ? option.value.shown : option.elements.map(({ shown }) => shown);
}

function sourcesOf(option: EffectiveOption): unknown {
  return "value" in option ? option.value.source : option.elements.map(({ source }) => source);
}
