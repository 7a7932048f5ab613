import { type ConfigInput, loadConfig, type LoadedConfig } from "../../lib/config/load_config.ts";

/** Loads a configuration that must be without faults. */
export function load(input: ConfigInput): LoadedConfig {
  const loaded = loadConfig(input);
  if (loaded.errors) throw new Error(loaded.errors.join("\n"));
  return loaded;
}

/** Loads a configuration that must have faults, and answers them as the user sees them. */
export function faults(input: ConfigInput): string[] {
  const loaded = loadConfig(input);
  if (!loaded.errors) throw new Error(`no fault was found, but ${JSON.stringify(loaded.config)}`);
  return loaded.errors.map(String);
}

/** A file of a format, by its content. */
export function toml(text: string): ConfigInput {
  return { file: { name: "pmmux.toml", text } };
}

/** The same for YAML. */
export function yaml(text: string): ConfigInput {
  return { file: { name: "pmmux.yaml", text } };
}

/** The same for JSON. */
export function json(content: unknown): ConfigInput {
  return { file: { name: "pmmux.json", text: JSON.stringify(content) } };
}
