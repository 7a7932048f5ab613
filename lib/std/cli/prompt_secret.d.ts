/**
 * The public types of `@std/cli/prompt-secret` 1.x.
 *
 * @module
 */

/** Options for {@linkcode promptSecret}. */
export interface PromptSecretOptions {
  /** The character shown for each one typed; `*` unless given, empty for none. */
  mask?: string;
  /** True clears the line after the answer. */
  clear?: boolean;
}

/** Asks on the terminal and gives the answer, or null where standard input is no terminal. */
export declare function promptSecret(message?: string, options?: PromptSecretOptions): string | null;
