/**
 * How guests are started, whoever may do it: the engine itself, or a supervisor on its behalf.
 *
 * @module
 */

import type { GuestPermissions, Isolation } from "./guest_permissions.ts";
import type { Wire } from "./wire_transport.ts";

/** What is to be started. Plain values: it may travel to another process. */
export interface GuestRequest {
  /** The backend that the guest serves. */
  readonly backend: string;
  /** The URL of its module, for who decides whether to start it. */
  readonly module: string;
  /** How it is kept apart. */
  readonly isolation: Isolation;
  /** All that it may do. */
  readonly permissions: GuestPermissions;
  /** Bytes, of the heap and of the resident set each. */
  readonly memoryLimit: number;
}

/** A guest that runs, and the way to speak with it. */
export interface GuestTransport extends Wire {
  /** Why it ended, once it has. */
  readonly ended: Promise<string>;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

/** Takes a line that a guest wrote to its standard output or error. */
export type OutputListener = (line: string) => void;

/** Starts guests. */
export interface GuestLauncher {
  /**
   * Starts one.
   *
   * @throws {Error} for the user if that is impossible: what is missing, or what the guest said.
   */
  start(request: GuestRequest, onOutput: OutputListener): Promise<GuestTransport>;
}

/** The program that runs in every guest. */
export const GUEST_PROGRAM: string = import.meta.resolve("./guest_main.ts");
