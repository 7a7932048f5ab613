/**
 * The public types of `@std/yaml` 1.x.
 *
 * @module
 */

/** A set of YAML types: `default` is `core` plus binary, omap, pairs, set, timestamps and `<<`. */
export type SchemaType = "failsafe" | "json" | "core" | "default" | "extended";

/** How a scalar of a type is written. */
export type StyleVariant =
  | "lowercase"
  | "uppercase"
  | "camelcase"
  | "decimal"
  | "binary"
  | "octal"
  | "hexadecimal";

/** Options for {@linkcode parse} and {@linkcode parseAll}. */
export interface ParseOptions {
  /** The types to know; `default` unless given. */
  schema?: SchemaType;
  /** True lets the last one of several equal keys count; an error unless given. */
  allowDuplicateKeys?: boolean;
  /** Called with each warning. */
  onWarning?(error: Error): void;
}

/** Options for {@linkcode stringify}. */
export interface StringifyOptions {
  /** Spaces per level; 2 unless given. */
  indent?: number;
  /** False writes the elements of a list at the column of its key. */
  arrayIndent?: boolean;
  /** True leaves out what YAML cannot express (functions, undefined) instead of throwing. */
  skipInvalid?: boolean;
  /** The level from which on the flow style is used; -1, the default, for never. */
  flowLevel?: number;
  /** Styles by tag. */
  styles?: Record<string, StyleVariant>;
  /** The types to know; `default` unless given. */
  schema?: SchemaType;
  /** True sorts keys, a function says how. */
  sortKeys?: boolean | ((a: string, b: string) => number);
  /** Columns before a text is folded; 80 unless given, -1 for never. */
  lineWidth?: number;
  /** False writes a value that occurs twice two times, instead of a reference. */
  useAnchors?: boolean;
  /** False leaves `yes`, `no` and the like unquoted, which YAML 1.1 would read as booleans. */
  compatMode?: boolean;
  /** True leaves out the spaces of the flow style. */
  condenseFlow?: boolean;
}

/**
 * Parses one YAML document.
 *
 * @throws {SyntaxError} with the line and column in its message.
 */
export declare function parse(content: string, options?: ParseOptions): unknown;

/**
 * Parses every document of a YAML text.
 *
 * @throws {SyntaxError} with the line and column in its message.
 */
export declare function parseAll(content: string, options?: ParseOptions): unknown;

/**
 * Writes a value as a YAML document.
 *
 * @throws {TypeError} for what YAML cannot express.
 */
export declare function stringify(data: unknown, options?: StringifyOptions): string;
