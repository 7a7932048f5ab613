/**
 * Tells what this system lacks from what a backend does wrong.
 *
 * @module
 */

/** Descriptors of the process or of the system, buffers, memory, ports to dial from. */
const LACKS: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);

/** Whether a dial failed because this system is out of something: no backend is to blame for that. */
export function isOwnFault(error: unknown): boolean {
  return error instanceof Error && "code" in error && LACKS.has(error.code);
}
