/**
 * Tells what this system lacks, or a client provokes, from what a backend does wrong.
 *
 * @module
 */

/** Descriptors of the process or of the system, buffers, memory, ports to dial from. */
const LACKS: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);

/** A backend did not go along with what a client had us ask of it, as any client can bring about. */
export class ProvokedFailure extends Error {}

/** Whether a dial failed because this system is out of something, or a client wanted it to: no backend is to blame. */
export function isOwnFault(error: unknown): boolean {
  if (error instanceof ProvokedFailure) return true;
  return error instanceof Error && "code" in error && LACKS.has(error.code);
}
