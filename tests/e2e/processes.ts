/**
 * What Linux tells about processes of others.
 *
 * @module
 */

/** The processes that a process started, and those that they started, parents first. */
export function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** True while a process runs. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Bytes of memory that a process occupies. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) * 1024;
}

/** How many of a process's descriptors are listening TCP sockets, in its own network namespace. */
export function countListeningSockets(pid: number): number {
  const listening = new Set(
    ["tcp", "tcp6"].flatMap((table) => listeningInodes(Deno.readTextFileSync(`/proc/${pid}/net/${table}`))),
  );
  return openSockets(pid).filter((inode) => listening.has(inode)).length;
}

function childrenOf(pid: number): number[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).split(" ").filter((it) => it !== "").map(
      Number,
    )
  );
}

/** Rows of /proc/net/tcp end in …, inode; the fourth column is the state, of which 0A is LISTEN. */
function listeningInodes(table: string): string[] {
  const rows = table.split("\n").slice(1).map((row) => row.trim().split(/\s+/));
  return rows.filter(([, , , state]) => state === "0A").map((row) => row[9]!);
}

function openSockets(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/${pid}/fd/${name}`))?.[1] ?? [];
    } catch (error) {
      // Closed since the directory was read.
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}

/** How many descriptors a process of this machine, started by this one, may have open. */
export function descriptorLimit(): number {
  const [, limit] = /^Max open files\s+\d+\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits")) ?? [];
  return Number(limit ?? 1024);
}
