/**
 * What a layer is: the options that one place gives, before anything is made of them.
 *
 * @module
 */

import type { Segment } from "./compact.ts";
import type { Option } from "./option_table.ts";

/** One value as written: a text, or the segments of a spec written in structured form. */
export interface GivenValue {
  /** The place of this value: `pmmux.toml: backends[2]`. */
  readonly source: string;
  /** The text or the segments, placeholders not yet replaced. */
  readonly written: string | readonly Segment[];
}

/** An option as one layer gives it: one value, or the elements of a list. */
export interface Given {
  /** The option. */
  readonly option: Option;
  /** The place of the option: `pmmux.toml: backends`. */
  readonly source: string;
  /** The values. An option that is no list has exactly one. */
  readonly values: readonly GivenValue[];
}

/** The options that one place gives, by configuration key. */
export type Layer = ReadonlyMap<string, Given>;
