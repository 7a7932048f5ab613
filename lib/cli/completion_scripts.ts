/**
 * Completion scripts for shells, made of the tables of commands and options.
 *
 * @module
 */

import type { Completable } from "./completable.ts";
import { bashScript } from "./completion_bash.ts";
import { fishScript } from "./completion_fish.ts";
import { zshScript } from "./completion_zsh.ts";

/** The shells that scripts can be made for. */
export type Shell = "bash" | "zsh" | "fish";

/** The makers of scripts by shell. */
export const completionScripts: Readonly<Record<Shell, (completable: Completable) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
