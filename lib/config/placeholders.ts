/**
 * Environment variables inside configuration values: `{{env:NAME}}` and `{{env:NAME:-default}}`.
 *
 * A placeholder is replaced after the compact grammar has taken a spec apart, so whatever the variable
 * holds is one value: a colon, comma or quote in a password changes nothing but the password.
 *
 * @module
 */

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PLACEHOLDER = /\{\{env:(.+?)\}\}/gs;
const PLACEHOLDER_HERE = new RegExp(PLACEHOLDER.source, "sy");

/** The length of the placeholder that starts at `index`, or 0 if none does. */
export function placeholderLength(text: string, index: number): number {
  PLACEHOLDER_HERE.lastIndex = index;
  return PLACEHOLDER_HERE.exec(text)?.[0].length ?? 0;
}

/** Whether a text is one placeholder and nothing else. */
export function isPlaceholder(text: string): boolean {
  const trimmed = text.trim();
  return trimmed !== "" && placeholderLength(trimmed, 0) === trimmed.length;
}

/** The text with something else in the place of every placeholder. */
export function replacePlaceholders(text: string, replacement: (placeholder: string) => string): string {
  return text.replace(PLACEHOLDER, replacement);
}

/** The names of the variables that a text refers to, in order of appearance. */
export function placeholderNames(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, reference]) => splitReference(reference!).name);
}

/**
 * Puts the variables' values in the place of their placeholders. As in a shell, the default of
 * `{{env:NAME:-default}}` also stands in for a variable that is empty. What a variable holds is not looked
 * at again. A variable without value and default is handed to `onMissing`, and what a placeholder comes to,
 * to `onValue`.
 *
 * @example
 * ```ts
 * import { expandPlaceholders } from "./placeholders.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const options = { onMissing: (name: string) => { throw new Error(name); } };
 * assertEquals(expandPlaceholders("{{env:HOST:-localhost}}:{{env:PORT}}", { PORT: "80" }, options), "localhost:80");
 * ```
 */
export function expandPlaceholders(
  text: string,
  environment: Environment,
  { onMissing, onValue }: {
    readonly onMissing: (name: string) => void;
    readonly onValue?: (value: string, placeholder: string) => void;
  },
): string {
  return text.replace(PLACEHOLDER, (placeholder, reference: string) => {
    const { name, fallback } = splitReference(reference);
    const given = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (given === undefined && fallback === undefined) onMissing(name);
    const value = (fallback === undefined ? given : given || fallback) ?? "";
    onValue?.(value, placeholder);
    return value;
  });
}

function splitReference(reference: string): { name: string; fallback?: string } {
  const at = reference.indexOf(":-");
  return at < 0 ? { name: reference } : { name: reference.slice(0, at), fallback: reference.slice(at + 2) };
}
