/**
 * `@std/cli`: command line tools.
 *
 * @module
 */

export * from "./parse_args.ts";
