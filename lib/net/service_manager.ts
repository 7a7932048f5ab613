/**
 * Tells the service manager that started this process how far it is, as sd_notify(3) describes.
 *
 * @module
 */

import type { Logger } from "../routing/logger.ts";

/** Where the service manager listens. */
export interface ServiceManagerOptions {
  /** The value of `NOTIFY_SOCKET`: the path of a datagram socket. Without it, nobody wants to be told. */
  readonly socket: string | undefined;
  /** Told why the service manager cannot be. */
  readonly logger: Logger;
}

const encoder = new TextEncoder();

/** The service manager, if there is one. What it cannot be told costs no traffic. Disposing waits until it was told. */
export class ServiceManager implements AsyncDisposable {
  readonly #path: string | undefined;
  readonly #logger: Logger;
  #telling: Promise<void> = Promise.resolve();

  /** Tells nothing yet. */
  constructor({ socket, logger }: ServiceManagerOptions) {
    this.#path = socket;
    this.#logger = logger;
  }

  /** Says that the start is complete. */
  ready(): void {
    this.#tell("READY=1");
  }

  /** Says that the end has begun. */
  stopping(): void {
    this.#tell("STOPPING=1");
  }

  /** Waits until all was told. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#telling;
  }

  #tell(state: string): void {
    const path = this.#path;
    if (path === undefined) return;
    this.#telling = this.#telling.then(() => sendTo(path, encoder.encode(state))).catch((error) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.warn("the service manager cannot be told", { state, socket: path, reason });
    });
  }
}

async function sendTo(path: string, message: Uint8Array): Promise<void> {
  if (!path.startsWith("/")) throw new Error("only a socket with a path can be reached");
  if (Deno.listenDatagram === undefined) throw new Error("Deno needs --unstable-net for it");
  // A socket without a name of its own takes all permissions there are.
  const directory = await Deno.makeTempDir({ prefix: "pmmux-notify-" });
  try {
    const socket = Deno.listenDatagram({ transport: "unixpacket", path: `${directory}/socket` });
    try {
      await socket.send(message, { transport: "unixpacket", path });
    } finally {
      socket.close();
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
