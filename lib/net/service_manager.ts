/**
 * Tells the service manager that started this process how far it is, as sd_notify(3) describes.
 *
 * @module
 */

import type { Logger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";

/** Where the service manager listens. */
export interface ServiceManagerOptions {
  /** The value of `NOTIFY_SOCKET`: the path of a datagram socket. Without it, nobody wants to be told. */
  readonly socket: string | undefined;
  /** Told why the service manager cannot be. */
  readonly logger: Logger;
}

/** How long a service manager that reads nothing is waited for: the end must not depend on it. */
const PATIENCE_MS = 1000;

const encoder = new TextEncoder();

/**
 * The service manager, if there is one. One that cannot be told something is told nothing more, and no traffic is lost.
 * Disposing waits until it was told.
 */
export class ServiceManager implements AsyncDisposable {
  #path: string | undefined;
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
    this.#telling = this.#telling.then(() => this.#send(state));
  }

  async #send(state: string): Promise<void> {
    const socket = this.#path;
    if (socket === undefined) return;
    try {
      await sendTo(socket, encoder.encode(state));
    } catch (error) {
      this.#path = undefined;
      this.#logger.warn("the service manager cannot be told", { state, socket, reason: messageOf(error) });
    }
  }
}

async function sendTo(path: string, message: Uint8Array): Promise<void> {
  if (!path.startsWith("/")) throw new Error("only a socket with a path can be reached");
  if (Deno.listenDatagram === undefined) throw new Error("Deno needs --unstable-net for it");
  // A socket without a name of its own takes all permissions there are.
  const directory = await Deno.makeTempDir({ prefix: "pmmux-notify-" });
  try {
    const socket = Deno.listenDatagram({ transport: "unixpacket", path: `${directory}/socket` });
    // Closing the socket would not end a send that waits for room.
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error("it reads nothing")), PATIENCE_MS);
    try {
      await Promise.race([socket.send(message, { transport: "unixpacket", path }), late]);
    } finally {
      clearTimeout(timer);
      socket.close();
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
