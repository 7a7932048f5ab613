/**
 * The public types of `@std/cli/parse-args` 1.x, except that a name with a dot (`server.port`) is not
 * spread into nested objects.
 *
 * @module
 */

// deno-lint-ignore-file no-explicit-any

type BooleanNames = boolean | string | undefined;
type Names = string | undefined;
type Aliases = Readonly<Record<string, string | readonly string[]>>;
type Defaults = Record<string, unknown>;

/** What an argument is parsed to when it is given. */
type Value<K, B, S, C, N> =
  | (K extends C ? Array<K extends B ? boolean : K extends S ? string : unknown>
    : K extends B ? boolean
    : K extends S ? string
    : unknown)
  | (K extends N ? false : never);

/** The names that the result always has: booleans, collected ones, and those with a default. */
type Certain<B, S, C, D> = Extract<B | C, string> | Extract<keyof D & S, string>;

/** What an argument is parsed to, or its default. */
type ValueOrDefault<K, V, D> = K extends keyof D ? NonNullable<V> | D[K] : V;

type Named<B, S, C, N, D> =
  & { [K in Exclude<Extract<S, string>, Certain<B, S, C, D>>]?: Value<K, B, S, C, N> }
  & { [K in Certain<B, S, C, D>]: ValueOrDefault<K, Value<K, B, S, C, N>, D> };

type NameAndAliases<K, A> = K extends keyof A
  ? string extends A[K] ? K : K | (A[K] extends readonly string[] ? A[K][number] : A[K])
  : K;

type WithAliases<T, A> = {
  [K in keyof T as NameAndAliases<K, A> extends PropertyKey ? NameAndAliases<K, A> : never]: T[K];
};

/** The values by name; without a declared name, or with names known only at run time, nothing is known. */
type Values<B, S, C, N, D, A> = [Extract<B | S | C, string>] extends [never] ? Record<string, any>
  : string extends B | S | C ? Record<string, unknown>
  : Record<string, unknown> & WithAliases<Named<B, S, C, N, D>, A>;

/** The value that {@linkcode parseArgs} returns. */
export type Args<
  TArgs extends Record<string, unknown> = Record<string, any>,
  TDoubleDash extends boolean | undefined = undefined,
> =
  & TArgs
  & {
    /** The arguments that belong to no option. */
    _: Array<string | number>;
  }
  & (TDoubleDash extends true ? {
      /** The arguments after `--`. */
      "--": string[];
    }
    : unknown);

/** Options for {@linkcode parseArgs}. */
export interface ParseOptions<
  TBooleans extends BooleanNames = BooleanNames,
  TStrings extends Names = Names,
  TCollectable extends Names = Names,
  TNegatable extends Names = Names,
  TDefault extends Defaults | undefined = Defaults | undefined,
  TAliases extends Aliases | undefined = Aliases | undefined,
  TDoubleDash extends boolean | undefined = boolean | undefined,
> {
  /** True puts what follows `--` into the result's `--` instead of `_`. */
  "--"?: TDoubleDash;
  /** Other names of an argument, by its name. */
  alias?: TAliases;
  /** The arguments that are flags, or true for every `--name` without a value; false unless given. */
  boolean?: TBooleans | ReadonlyArray<Extract<TBooleans, string>>;
  /** Values for arguments that are not given. */
  default?: TDefault;
  /** True puts everything after the first argument without a name into `_`. */
  stopEarly?: boolean;
  /** The arguments whose value is a text, also when it looks like a number. */
  string?: TStrings | ReadonlyArray<Extract<TStrings, string>>;
  /** The arguments that may be repeated; their values are collected into an array. */
  collect?: TCollectable | ReadonlyArray<Extract<TCollectable, string>>;
  /** The arguments that `--no-name` sets to false. */
  negatable?: TNegatable | ReadonlyArray<Extract<TNegatable, string>>;
  /** Called with every argument that is not declared; false keeps it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Parses command line arguments into an object of their values by name. */
export declare function parseArgs<
  TArgs extends Values<TBooleans, TStrings, TCollectable, TNegatable, TDefaults, TAliases>,
  TDoubleDash extends boolean | undefined = undefined,
  TBooleans extends BooleanNames = undefined,
  TStrings extends Names = undefined,
  TCollectable extends Names = undefined,
  TNegatable extends Names = undefined,
  TDefaults extends Defaults | undefined = undefined,
  const TAliases extends Aliases | undefined = undefined,
>(
  args: string[],
  options?: ParseOptions<
    TBooleans,
    TStrings,
    TCollectable,
    TNegatable,
    TDefaults,
    TAliases,
    TDoubleDash
  >,
): Args<TArgs, TDoubleDash>;
