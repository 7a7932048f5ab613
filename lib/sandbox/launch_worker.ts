/**
 * Starts guests as Workers of this process.
 *
 * What Deno refuses a Worker, it cannot do. But it shares the process: it can use up the memory that all of
 * it has, write to its standard output, and, with enough effort, send it a signal.
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

class WorkerTransport extends MessageWire implements GuestTransport {
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #end: (reason: string) => void;

  constructor(worker: Worker) {
    super(worker, { onAbuse: (what) => this.#over(`it sent ${what}`) });
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.#end = resolve;
    this.#worker = worker;
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#over(event.message);
    });
    worker.addEventListener("messageerror", () => this.#over("it sent what cannot be read"));
  }

  kill(): void {
    this.#over("it was ended");
  }

  #over(reason: string): void {
    this.#worker.terminate();
    this.close();
    this.#end(reason);
  }
}
