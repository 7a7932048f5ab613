/**
 * Meets guest processes on a Unix socket in a directory that nobody else can enter. One connection is
 * accepted, and then the socket is gone.
 *
 * @module
 */

import { messageOf } from "../routing/message_of.ts";
import type { GuestProcess, ProcessStarter } from "./launch_process.ts";
import type { GuestLauncher, GuestRequest, GuestTransport, OutputListener } from "./launcher.ts";
import { SocketWire } from "./wire_transport.ts";

/** What a {@linkcode SocketLauncher} works with. */
export interface SocketLauncherOptions {
  /** Starts the processes. */
  readonly starter: ProcessStarter;
  /**
   * The directory for the sockets, which only this user may enter and only this process uses; one is made
   * for each socket unless given.
   */
  readonly directory?: string;
}

/** How long a process may take to connect, before any module is loaded. */
const CONNECT_MS = 10_000;
/** Names are cut, because the path of a socket has 107 bytes at most. */
const MAX_NAME = 40;

/** The path of the socket on which the guest of a backend is met, in a directory for sockets. */
export function guestSocket(directory: string, backend: string): string {
  return `${directory}/${encodeURIComponent(backend).slice(0, MAX_NAME)}.sock`;
}

/** Starts guests as processes. */
export class SocketLauncher implements GuestLauncher {
  readonly #options: SocketLauncherOptions;

  /** Starts them with the starter. */
  constructor(options: SocketLauncherOptions) {
    this.#options = options;
  }

  /** Starts one and waits until it has connected. */
  async start(request: GuestRequest, onOutput: OutputListener): Promise<GuestTransport> {
    const { starter, directory } = this.#options;
    const place = directory ?? await makePlace(request);
    const socket = guestSocket(place, request.backend);
    try {
      await removeIfThere(socket);
      using listener = Deno.listen({ transport: "unix", path: socket });
      const process = await starter.start({ ...request, socket }, onOutput);
      try {
        return new ProcessTransport(await acceptOne(listener, process), process);
      } catch (error) {
        process.kill();
        await process.ended;
        throw failure(request, messageOf(error) + taskHint(request));
      }
    } finally {
      await removeIfThere(directory === undefined ? place : socket);
    }
  }
}

async function makePlace(request: GuestRequest): Promise<string> {
  try {
    return await Deno.makeTempDir({ prefix: "pmmux-" });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw failure(
      request,
      "this process may not make a directory to meet it in (it takes --allow-read, --allow-write and " +
        "--allow-run); let pmmux start its supervisor (-A), or use isolation=worker",
    );
  }
}

function failure({ backend }: GuestRequest, reason: string): Error {
  return new Error(`Cannot start the guest of backend "${backend}": ${reason}`);
}

function taskHint({ isolation }: GuestRequest): string {
  return isolation.startsWith("task:") ? " (pmmux permissions --format deno.json writes such a task)" : "";
}

/** A process and the socket to it. */
class ProcessTransport extends SocketWire implements GuestTransport {
  readonly ended: Promise<string>;
  readonly #process: GuestProcess;

  constructor(conn: Deno.UnixConn, process: GuestProcess) {
    super(conn);
    this.#process = process;
    this.ended = process.ended.finally(() => this.close());
  }

  kill(): void {
    this.close();
    this.#process.kill();
  }
}

async function acceptOne(listener: Deno.UnixListener, process: GuestProcess): Promise<Deno.UnixConn> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not connect within ${CONNECT_MS} ms`)), CONNECT_MS);
  });
  const over = process.ended.then((reason) => Promise.reject(new Error(reason)));
  over.catch(() => {});
  try {
    return await Promise.race([listener.accept(), over, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
