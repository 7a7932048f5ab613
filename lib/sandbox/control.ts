/**
 * What the supervisor and its engines say to each other: lines of JSON, commands on the engine's standard input,
 * reports on its standard output. The end of its input tells an engine that there is no supervisor any more.
 *
 * @module
 */

import { ConfigError, type ConfigNotice } from "../config/errors.ts";
import type { BindingSpec, Config } from "../config/types.ts";
import type { LogFields, LogLevel } from "../routing/logger.ts";

/** What the supervisor tells an engine. */
export type EngineCommand =
  | StartCommand
  | ApplyCommand
  | StopCommand
  | LeaveCommand
  | LogCommand
  | GuestCommand;

/** Start; the first command, and only that. */
export interface StartCommand {
  readonly type: "start";
  readonly config: Config;
  /** What loading the configuration found worth knowing. */
  readonly notices: readonly ConfigNotice[];
  /** Whose ports are an error if any other process listens on them, even where it would share them. */
  readonly exclusive: readonly BindingSpec[];
  /** Whether to show on one screen what has started. */
  readonly announce: boolean;
  /** Whether pmmux goes on as it is if this cannot start: then that is for the supervisor to tell. */
  readonly tentative: boolean;
  /** The directory for the sockets on which it meets its guests; undefined if it has none. */
  readonly sockets?: string;
}

/** Make another configuration the one in force. */
export interface ApplyCommand {
  readonly type: "apply";
  readonly config: Config;
  /** As of {@linkcode StartCommand}. */
  readonly exclusive: readonly BindingSpec[];
}

/** Stop; `quick` gives connections no time. May come a second time to say so. */
export interface StopCommand {
  readonly type: "stop";
  readonly quick: boolean;
}

/** Another engine has taken over: close the listeners at once, and stop when the connections have finished. */
export interface LeaveCommand {
  readonly type: "leave";
}

/** Log a message of the supervisor, so that one process writes the log. */
export interface LogCommand {
  readonly type: "log";
  readonly level: LogLevel;
  readonly category: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** What became of a guest that the engine has asked for. */
export type GuestCommand =
  /** It runs, and will connect. */
  | { readonly type: "guest-started"; readonly id: number }
  /** It was not started. */
  | { readonly type: "guest-refused"; readonly id: number; readonly message: string }
  /** It wrote a line. */
  | { readonly type: "guest-output"; readonly id: number; readonly line: string }
  /** It has ended. */
  | { readonly type: "guest-ended"; readonly id: number; readonly reason: string };

/** What an engine reports. */
export type EngineReport = ReadyReport | FailedReport | AppliedReport | LeftReport | GuestReport;

/** It accepts connections. */
export interface ReadyReport {
  readonly type: "ready";
  /** The real ports of the listeners, in the order of the bindings. */
  readonly ports: readonly number[];
}

/** It cannot start. */
export interface FailedReport {
  readonly type: "failed";
  /** The faults of the configuration, where that is why. */
  readonly faults: readonly Fault[];
  /** What to tell the user; undefined if that was logged. */
  readonly message?: string;
}

/** The answer to an `apply`. */
export interface AppliedReport {
  readonly type: "applied";
  /** Why it was not applied; none if it was. */
  readonly faults: readonly Fault[];
}

/** It listens no more. */
export interface LeftReport {
  readonly type: "left";
}

/** What an engine, which may start no process, wants of its guests. The ids are its own. */
export type GuestReport =
  /** Start the guest of a backend. */
  | { readonly type: "guest-start"; readonly id: number; readonly backend: string }
  /** End it. */
  | { readonly type: "guest-kill"; readonly id: number };

/** A fault of a configuration. */
export interface Fault {
  readonly message: string;
  readonly subject?: string;
}

/** Faults as they are reported. */
export function faultsOf(errors: readonly ConfigError[]): Fault[] {
  return errors.map(({ message, subject }) => ({ message, subject }));
}

/** What was reported, as errors for the user. */
export function errorsOf(faults: readonly Fault[]): ConfigError[] {
  return faults.map(({ message, subject }) => new ConfigError(message, { subject }));
}

/**
 * Reads a report. An engine faces the internet, so what it says is not believed to be well-formed; undefined if
 * it is not.
 */
export function parseReport(line: string): EngineReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  switch (value.type) {
    case "ready":
      return isList(value.ports, isPort) ? { type: "ready", ports: value.ports } : undefined;
    case "failed":
      if (!isList(value.faults, isFault) || !isOptionalText(value.message)) return undefined;
      return { type: "failed", faults: value.faults, message: value.message };
    case "applied":
      return isList(value.faults, isFault) ? { type: "applied", faults: value.faults } : undefined;
    case "left":
      return { type: "left" };
    case "guest-start":
      if (!isId(value.id) || typeof value.backend !== "string") return undefined;
      return { type: "guest-start", id: value.id, backend: value.backend };
    case "guest-kill":
      return isId(value.id) ? { type: "guest-kill", id: value.id } : undefined;
    default:
      return undefined;
  }
}

type JsonRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList<T>(value: unknown, isElement: (element: unknown) => element is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isElement);
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535;
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isFault(value: unknown): value is Fault {
  return isRecord(value) && typeof value.message === "string" && isOptionalText(value.subject);
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}
