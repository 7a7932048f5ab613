/**
 * `@std/fmt/colors`: ANSI colours for a terminal, off when `NO_COLOR` is set; the sixteen-colour part.
 *
 * @module
 */

// @ts-types="./colors.d.ts"
export {
  blue,
  bold,
  cyan,
  dim,
  getColorEnabled,
  gray,
  green,
  italic,
  magenta,
  red,
  setColorEnabled,
  stripAnsiCode,
  underline,
  white,
  yellow,
} from "npm:deno-std@1.4.0/fmt/colors.js";
