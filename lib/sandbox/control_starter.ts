/**
 * Has the supervisor start guests, because the engine may not.
 *
 * @module
 */

import type { EngineReport, GuestCommand } from "./control.ts";
import type { GuestProcess, ProcessStarter } from "./launch_process.ts";
import type { OutputListener } from "./launcher.ts";

interface AskedGuest {
  readonly started: PromiseWithResolvers<GuestProcess>;
  readonly ended: PromiseWithResolvers<string>;
  readonly onOutput: OutputListener;
}

/** Starts guests by asking for them. */
export class ControlStarter implements ProcessStarter {
  readonly #report: (report: EngineReport) => void;
  readonly #guests = new Map<number, AskedGuest>();
  #lastId = 0;

  /** Asks through the reports of the engine. */
  constructor(report: (report: EngineReport) => void) {
    this.#report = report;
  }

  /** Asks for the guest of a backend; the supervisor knows from the configuration what it is. */
  start({ backend }: { readonly backend: string }, onOutput: OutputListener): Promise<GuestProcess> {
    const id = ++this.#lastId;
    const guest: AskedGuest = { started: Promise.withResolvers(), ended: Promise.withResolvers(), onOutput };
    this.#guests.set(id, guest);
    this.#report({ type: "guest-start", id, backend });
    return guest.started.promise;
  }

  /** Takes what the supervisor says about a guest. */
  receive(command: GuestCommand): void {
    const { id } = command;
    const guest = this.#guests.get(id);
    switch (command.type) {
      case "guest-started":
        return guest?.started.resolve({
          ended: guest.ended.promise,
          kill: () => this.#report({ type: "guest-kill", id }),
        });
      case "guest-output":
        return guest?.onOutput(command.line);
      case "guest-refused":
        guest?.started.reject(new Error(command.message));
        break;
      case "guest-ended":
        guest?.ended.resolve(command.reason);
    }
    this.#guests.delete(id);
  }
}
