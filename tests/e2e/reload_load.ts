/**
 * Clients that go on calling while pmmux changes: some keep their connections, others open a new one for every
 * exchange.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { readExactly, writeAll } from "../support/conversation.ts";

/** How many clients there are. */
export interface LoadOptions {
  /** Clients whose connections are kept to the end. */
  readonly kept: number;
  /** Clients that open one connection after another. */
  readonly coming: number;
}

/** What happened so far. */
export interface LoadCounts {
  /** Exchanges on connections that are kept. */
  kept: number;
  /** Connections that were opened for one exchange. */
  coming: number;
  /** Why exchanges on kept connections failed. */
  readonly broken: unknown[];
  /** Why new connections did not get their answer. */
  readonly lost: unknown[];
}

/** Clients that call until they are told to stop. */
export interface Load {
  readonly counts: LoadCounts;
  /** Lets every exchange end. */
  stop(): Promise<void>;
}

const BYTES = 200;
/** So that those who keep their connections leave the processors to those who come. */
const PAUSE_MS = 5;
/** An answer that takes longer never comes. */
const PATIENCE_MS = 20_000;

/** Starts clients of a port behind which everything is echoed. */
export async function startLoad(port: number, { kept, coming }: LoadOptions): Promise<Load> {
  const counts: LoadCounts = { kept: 0, coming: 0, broken: [], lost: [] };
  let isOver = false;
  const connections = await Promise.all(Array.from({ length: kept }, () => connect(port)));
  const keep = async (connection: Deno.TcpConn) => {
    try {
      for (; !isOver; counts.kept++) {
        await echo(connection);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    } catch (error) {
      counts.broken.push(error);
    }
    connection.close();
  };
  const come = async () => {
    for (; !isOver; counts.coming++) {
      try {
        using connection = await connect(port);
        await echo(connection);
      } catch (error) {
        counts.lost.push(error);
      }
    }
  };
  const running = [...connections.map(keep), ...Array.from({ length: coming }, come)];
  return {
    counts,
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
  };
}

function connect(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

async function echo(connection: Deno.TcpConn): Promise<void> {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  const timer = setTimeout(() => connection.close(), PATIENCE_MS);
  try {
    await writeAll(connection, bytes);
    assertEquals(await readExactly(connection, BYTES), bytes);
  } finally {
    clearTimeout(timer);
  }
}
