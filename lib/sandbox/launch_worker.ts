/**
 * Starts guests as Workers of this process.
 *
 * What Deno refuses a Worker, it cannot do. But it shares the process: it can use up its memory and so end all
 * of it, keep one of its processors busy for as long as it lives, and, with enough effort, write to its
 * standard output and send it a signal.
 *
 * @module
 */

import { workerPermissions } from "./guest_permissions.ts";
import { GUEST_PROGRAM, type GuestLauncher, type GuestRequest, type GuestTransport } from "./launcher.ts";
import { MessageWire } from "./wire_transport.ts";

/** Starts guests as Workers. This process must have every permission that the guest is granted. */
export class WorkerLauncher implements GuestLauncher {
  readonly #program: string;

  /** Runs the guest's program; this package's unless given. */
  constructor({ program = GUEST_PROGRAM }: { program?: string } = {}) {
    this.#program = program;
  }

  /** Starts one. */
  start({ backend, permissions }: GuestRequest): Promise<GuestTransport> {
    try {
      const worker = new Worker(this.#program, {
        type: "module",
        name: `guest ${backend}`,
        deno: { permissions: workerPermissions(permissions) },
      } as WorkerOptions);
      return Promise.resolve(new WorkerTransport(worker));
    } catch (error) {
      const { message } = error as Error;
      return Promise.reject(new Error(`Cannot start the guest of backend "${backend}": ${message}`));
    }
  }
}

/** How long the listener of a Worker that shall end may be busy, in milliseconds. */
const NOISE_MS = 2000;

/**
 * A Worker and the messages to and from it.
 *
 * Deno cannot end a Worker that never comes to rest (2.9.6: `terminate` leaves it running and only cuts it
 * off). So a Worker that shall end is asked for a sign of life first, on a way of its own, and has ended only
 * once it gave it. One that loops is never taken for ended; cut off it is only if it is noisy.
 */
class WorkerTransport extends MessageWire implements GuestTransport {
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #pulse: MessagePort;
  readonly #end: (reason: string) => void;
  #doomed: string | undefined;
  #isNoisy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(worker: Worker) {
    super(worker, { onAbuse: (what) => this.#doom(`it sent ${what}`) });
    const { promise, resolve } = Promise.withResolvers<string>();
    const { port1, port2 } = new MessageChannel();
    this.ended = promise;
    this.#end = resolve;
    this.#worker = worker;
    this.#pulse = port1;
    port1.onmessage = () => this.#over(this.#doomed!);
    worker.postMessage(port2, [port2]);
    worker.addEventListener("message", () => this.#isNoisy = true);
    worker.addEventListener("messageerror", () => this.#doom("it sent what cannot be read"));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#over(event.message);
    });
  }

  kill(): void {
    this.#doom("it was ended");
  }

  #doom(reason: string): void {
    if (this.#doomed !== undefined) return;
    this.#doomed = reason;
    this.#isNoisy = false;
    this.close();
    this.#pulse.postMessage("are you there?");
    this.#timer = setTimeout(() => this.#isNoisy && this.#worker.terminate(), NOISE_MS);
  }

  #over(reason: string): void {
    clearTimeout(this.#timer);
    this.#worker.terminate();
    this.#pulse.close();
    this.close();
    this.#end(reason);
  }
}
