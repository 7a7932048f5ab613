/**
 * What the guest program does to its own surroundings before a module is loaded.
 *
 * In a process of its own this is a matter of order: lines on the console become attributed log lines. In a
 * Worker it also takes away what would reach beyond the Worker; it is a fence, not a wall, which is why
 * `isolation=process` is the default.
 *
 * @module
 */

import type { LogLevel } from "../routing/logger.ts";
import type { GuestLogger } from "./guest_context.ts";

const CONSOLE_LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: "trace",
  debug: "debug",
  log: "info",
  info: "info",
  dir: "info",
  table: "info",
  warn: "warn",
  error: "error",
  assert: "error",
};

/** Makes what a module writes on the console lines of its log. */
export function redirectConsole(logger: GuestLogger): void {
  for (const [name, level] of Object.entries(CONSOLE_LEVELS)) {
    Reflect.set(console, name, (...values: unknown[]) => logger.write(level, format(values)));
  }
}

/** Reports what a module leaves uncaught, instead of ending with it. */
export function reportUncaught(logger: GuestLogger): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    logger.error("unhandled rejection", { reason: event.reason });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    logger.error("uncaught error", { reason: event.error ?? event.message });
  });
}

/** What reaches the whole process from a Worker, or ends the Worker without a word. */
const FENCED_OFF: readonly (readonly [string, readonly string[]])[] = [
  ["Deno", ["kill", "addSignalListener", "removeSignalListener", "stdin", "stdout", "stderr"]],
  ["process", ["kill", "abort", "stdin", "stdout", "stderr"]],
  // The globals of another Worker would have all of this again.
  ["globalThis", ["Worker"]],
  // Files of any size, for which Deno asks for no permission.
  ["globalThis", ["caches"]],
  // A Worker that ends by itself tells nobody.
  ["Deno", ["exit"]],
  ["process", ["exit", "reallyExit"]],
  ["globalThis", ["close"]],
];

/** Takes away what a module in a Worker could reach the whole process with. */
export function fenceWorker(): void {
  for (const [owner, names] of FENCED_OFF) {
    const object = owner === "globalThis" ? globalThis : Reflect.get(globalThis, owner);
    for (const name of names) {
      Reflect.defineProperty(object, name, {
        get: () => {
          throw new Error(`${owner}.${name} is not there for a guest in a Worker`);
        },
      });
    }
  }
  // The command line of pmmux is nothing for a guest.
  Reflect.defineProperty(Deno, "args", { value: Object.freeze([]) });
  Reflect.defineProperty(Reflect.get(globalThis, "process"), "argv", { value: [] });
}

function format(values: readonly unknown[]): string {
  return values.map((value) => typeof value === "string" ? value : Deno.inspect(value)).join(" ");
}
