/**
 * Watches the memory of processes, which Deno itself does not bound: buffers are not counted by the limit of
 * the heap.
 *
 * @module
 */

/** How often a process is looked at. A guest can fill about as much as memory is fast in this time. */
const LOOK_MS = 100;

/** What is watched. */
export interface MemoryWatchOptions {
  /** The process; its children are watched like it. */
  readonly pid: number;
  /** Bytes that the resident set of each may have. */
  readonly limit: number;
  /** Called once, with the bytes of the first that has more. */
  readonly onExceeded: (bytes: number) => void;
}

/**
 * Watches a process until it is gone or the watch is disposed. Does nothing where the system does not tell
 * (it takes Linux, and full permissions): then the limit of the heap alone holds.
 */
export function watchMemory({ pid, limit, onExceeded }: MemoryWatchOptions): Disposable {
  const timer = setInterval(() => {
    const largest = largestResidentSet(pid);
    if (largest === undefined) return clearInterval(timer);
    if (largest <= limit) return;
    clearInterval(timer);
    onExceeded(largest);
  }, LOOK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** The bytes of the largest among a process and its descendants; undefined if that cannot be known. */
function largestResidentSet(pid: number): number | undefined {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    return Math.max(own, ...childrenOf(pid).map((child) => largestResidentSet(child) ?? 0));
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  return text.split(" ").filter((word) => word !== "").map(Number);
}
