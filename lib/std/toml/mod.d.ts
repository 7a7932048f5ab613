/**
 * The public types of `@std/toml` 1.x.
 *
 * @module
 */

/** Options for {@linkcode stringify}. */
export interface FormatOptions {
  /** True aligns the `=` of all keys. */
  keyAlignment?: boolean;
}

/**
 * Parses a TOML document.
 *
 * @throws {SyntaxError} with the line and column in its message.
 */
export declare function parse(tomlString: string): Record<string, unknown>;

/** Writes an object as a TOML document. */
export declare function stringify(obj: Record<string, unknown>, options?: FormatOptions): string;
