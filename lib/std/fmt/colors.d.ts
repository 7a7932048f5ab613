/**
 * The public types of the part of `@std/fmt/colors` 1.x that is re-exported here.
 *
 * @module
 */

/** Turns colours on or off for every call that follows; with `NO_COLOR` they stay off. */
export declare function setColorEnabled(value: boolean): void;

/** True if colours are on. */
export declare function getColorEnabled(): boolean;

/** Removes the ANSI escape codes from a text. */
export declare function stripAnsiCode(string: string): string;

/** The text in bold type. */
export declare function bold(str: string): string;

/** The text dimmed. */
export declare function dim(str: string): string;

/** The text in italics. */
export declare function italic(str: string): string;

/** The text underlined. */
export declare function underline(str: string): string;

/** The text in red. */
export declare function red(str: string): string;

/** The text in green. */
export declare function green(str: string): string;

/** The text in yellow. */
export declare function yellow(str: string): string;

/** The text in blue. */
export declare function blue(str: string): string;

/** The text in magenta. */
export declare function magenta(str: string): string;

/** The text in cyan. */
export declare function cyan(str: string): string;

/** The text in white. */
export declare function white(str: string): string;

/** The text in gray. */
export declare function gray(str: string): string;
