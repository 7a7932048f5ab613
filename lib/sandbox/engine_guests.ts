/**
 * The guests that a supervisor starts for one engine: those that the configuration names, with what it permits them,
 * whatever the engine says.
 *
 * @module
 */

import type { Config } from "../config/types.ts";
import { messageOf } from "../routing/message_of.ts";
import type { GuestCommand, GuestReport } from "./control.ts";
import { processGuests } from "./foreign_scope.ts";
import { guestRequest } from "./guest_request.ts";
import { Budget } from "./budget.ts";
import type { GuestProcess, ProcessStarter } from "./launch_process.ts";
import { guestSocket } from "./launch_socket.ts";

/** What the guests of an engine are started with. */
export interface EngineGuestsOptions {
  /** The configuration that names them. */
  readonly config: Config;
  /** The absolute path that relative paths are relative to. */
  readonly directory: string;
  /** The directory for the sockets on which the engine meets them. */
  readonly sockets: string;
  readonly starter: ProcessStarter;
  /** Tells the engine. */
  readonly send: (command: GuestCommand) => void;
}

/** The guest of a backend that is replaced may live on while its connections do. */
const MOST_GUESTS_PER_BACKEND = 4;
/** How often an engine may want a guest started: it waits longer and longer by itself, unless it is taken over. */
const STARTS = { burst: 500, perSecond: 5 };
/** Lines that a guest may write; the rest is dropped before it fills the memory of whoever reads it. */
const OUTPUT = { burst: 200, perSecond: 50 };

/** The guests of one engine. */
export class EngineGuests {
  /** The configuration that names them. May be changed. */
  config: Config;
  readonly #options: EngineGuestsOptions;
  /** The backends of guests that run or start, by the ids that the engine has given them. */
  readonly #backends = new Map<number, string>();
  readonly #processes = new Map<number, GuestProcess>();
  readonly #starts = new Budget(STARTS);
  #isOver = false;

  /** Starts none yet. */
  constructor(options: EngineGuestsOptions) {
    this.#options = options;
    this.config = options.config;
  }

  /** Does what the engine wants, as far as it may want it. */
  receive(report: GuestReport): void {
    const { id } = report;
    if (report.type === "guest-kill") return this.#processes.get(id)?.kill();
    if (this.#backends.has(id)) return this.#refuse(id, "there is a guest of that id");
    if (!this.#starts.spend()) return this.#refuse(id, "too many guests were wanted");
    this.#backends.set(id, report.backend);
    this.#start(report).catch((error) => {
      this.#backends.delete(id);
      this.#refuse(id, messageOf(error));
    });
  }

  /** Ends them all, for good. */
  endAll(): void {
    this.#isOver = true;
    for (const process of this.#processes.values()) process.kill();
  }

  async #start({ id, backend }: GuestReport & { readonly type: "guest-start" }): Promise<void> {
    const { directory, sockets, starter, send } = this.#options;
    const spec = processGuests(this.config, { directory }).find(({ name }) => name === backend);
    if (spec === undefined) throw new Error(`the configuration names no guest "${backend}"`);
    const alike = [...this.#backends.values()].filter((other) => other === backend).length;
    if (alike > MOST_GUESTS_PER_BACKEND) {
      throw new Error(`backend "${backend}" has ${alike - 1} guests already`);
    }
    const output = new Budget(OUTPUT);
    const request = { ...guestRequest(spec, { directory }), socket: guestSocket(sockets, backend) };
    const process = await starter.start(request, (line) => {
      if (output.spend()) send({ type: "guest-output", id, line });
    });
    this.#processes.set(id, process);
    process.ended.then((reason) => {
      this.#processes.delete(id);
      this.#backends.delete(id);
      send({ type: "guest-ended", id, reason });
    });
    if (this.#isOver) process.kill();
    else send({ type: "guest-started", id });
  }

  #refuse(id: number, message: string): void {
    this.#options.send({ type: "guest-refused", id, message });
  }
}
