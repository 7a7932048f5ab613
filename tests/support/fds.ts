/**
 * File descriptors of this process or another, for tests that nothing is left open. Linux only.
 *
 * @module
 */

/** How many file descriptors the process has open. */
export function countFds(pid: number = Deno.pid): number {
  // Reading the directory of one's own descriptors needs one.
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length - (pid === Deno.pid ? 1 : 0);
}

/** How many sockets the process has open. */
export function countSockets(pid: number = Deno.pid): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].filter(({ name }) => isSocket(`/proc/${pid}/fd/${name}`))
    .length;
}

function isSocket(path: string): boolean {
  try {
    return Deno.readLinkSync(path).startsWith("socket:");
  } catch (error) {
    // Closed since the directory was read.
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
