/**
 * Tells what this system lacks, or a client provokes, from what a backend does wrong.
 *
 * @module
 */

/** Descriptors of the process or of the system. */
const NO_DESCRIPTORS: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE"]);
/** These, buffers, memory, ports to dial from; and what is too long for the network, as only a client makes it. */
const LACKS: ReadonlySet<unknown> = new Set([
  ...NO_DESCRIPTORS,
  ...["ENOBUFS", "ENOMEM", "EADDRNOTAVAIL", "EMSGSIZE"],
]);

/** A backend did not go along with what a client had us ask of it, as any client can bring about. */
export class ProvokedFailure extends Error {}

/** Whether a dial failed because this system is out of something, or a client wanted it to: no backend is to blame. */
export function isOwnFault(error: unknown): boolean {
  return error instanceof ProvokedFailure || LACKS.has(codeOf(error));
}

/** Whether something failed because there are too many sockets. */
export function isLackOfDescriptors(error: unknown): boolean {
  return NO_DESCRIPTORS.has(codeOf(error));
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
