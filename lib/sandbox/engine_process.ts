/**
 * An engine as its supervisor sees it: a child process that is told what to do and reports what it did.
 *
 * @module
 */

import type { Config } from "../config/types.ts";
import type { LogEntry } from "../telemetry/log_format.ts";
import {
  type ApplyCommand,
  type EngineCommand,
  type Fault,
  type GuestCommand,
  parseReport,
  type StartCommand,
} from "./control.ts";
import { type CacheView, cacheView } from "./cache_view.ts";
import { engineArguments, engineEnvironment, type EngineLaunch } from "./engine_command.ts";
import { EngineGuests } from "./engine_guests.ts";
import { processGuests, socketGrants } from "./foreign_scope.ts";
import type { Scope } from "./grant.ts";
import type { ProcessStarter } from "./launch_process.ts";
import { isWithin } from "./scope_cover.ts";
import { jsonLine, readLines } from "./text_lines.ts";

const LOCKFILE = new URL("../../deno.lock", import.meta.url);

/** An engine that could not start, and need not be tried again. */
export class EngineStartError extends Error {
  override readonly name = "EngineStartError";
  /** The faults of the configuration, where that is why. */
  readonly faults: readonly Fault[];

  /** Tells why; an empty message was logged already. */
  constructor(message: string, faults: readonly Fault[] = []) {
    super(message);
    this.faults = faults;
  }
}

/** What an engine process works with. */
export interface EngineProcessOptions extends EngineLaunch {
  /** What it is told first. */
  readonly start: Omit<StartCommand, "type" | "sockets">;
  /** Tells it from the others of its supervisor. */
  readonly number: number;
  /** Starts its guests. */
  readonly starter: ProcessStarter;
  /** The absolute path that relative paths are relative to. */
  readonly directory: string;
  /** Takes what the engine writes to its standard output that is no report. */
  readonly onText: (line: string) => void;
}

/** One running engine. */
export class EngineProcess {
  /** What it is permitted. */
  readonly scope: Scope;
  /** Resolves with the ports of its listeners once it accepts connections; rejects if it never will. */
  readonly ready: Promise<readonly number[]>;
  /** Resolves with its exit status when it has ended. Never rejects. */
  readonly ended: Promise<number>;
  /** When it was started, on the clock of `performance.now()`. */
  readonly startedAt: number = performance.now();
  readonly #child: Deno.ChildProcess;
  readonly #commands: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #ready = Promise.withResolvers<readonly number[]>();
  readonly #left = Promise.withResolvers<void>();
  readonly #directory: string;
  readonly #sockets: string | undefined;
  readonly #cache: CacheView;
  readonly #guests: EngineGuests | undefined;
  #applied: PromiseWithResolvers<readonly Fault[]> | undefined;
  /** Why it takes no more configurations. */
  #gone: Fault | undefined;

  /** Starts it. */
  constructor({ start, onText, starter, directory, number, ...launch }: EngineProcessOptions) {
    const guests = processGuests(start.config, { directory });
    this.#directory = directory;
    if (guests.length > 0) {
      // Nobody else may enter a directory that is made so.
      const sockets = Deno.makeTempDirSync({ prefix: "pmmux-" });
      const send = (command: GuestCommand) => this.#send(command);
      this.#sockets = sockets;
      this.#guests = new EngineGuests({ config: start.config, directory, sockets, starter, send });
    }
    this.scope = [...launch.scope, ...socketGrants(guests, this.#sockets ?? "")];
    const environment = Deno.env.toObject();
    this.#cache = cacheView((name) => environment[name]);
    this.#child = new Deno.Command(Deno.execPath(), {
      args: engineArguments({ ...launch, scope: this.scope, lock: this.#cache.copy(LOCKFILE) }),
      env: { ...engineEnvironment(environment, number), ...this.#cache.env },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#commands = this.#child.stdin.getWriter();
    this.ready = this.#ready.promise;
    this.ready.catch(() => {});
    this.ended = Promise.all([this.#child.status, this.#read(onText)]).then(([{ code }]) => this.#end(code));
    this.#send({ type: "start", ...start, sockets: this.#sockets });
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Makes a configuration the one in force; answers why it is not, which is nothing if it is. One at a time. */
  async apply(
    config: Config,
    { exclusive = [] }: Partial<Pick<ApplyCommand, "exclusive">> = {},
  ): Promise<readonly Fault[]> {
    if (this.#gone !== undefined) return [this.#gone];
    this.#applied = Promise.withResolvers();
    const before = this.#guests?.config;
    if (this.#guests !== undefined) this.#guests.config = config;
    this.#send({ type: "apply", config, exclusive });
    const faults = await this.#applied.promise;
    if (this.#guests !== undefined && faults.length > 0) this.#guests.config = before!;
    return faults;
  }

  /** Whether it is permitted what a configuration with that scope needs. */
  suffices(config: Config, scope: Scope): boolean {
    const guests = processGuests(config, { directory: this.#directory });
    if (guests.length > 0 && this.#sockets === undefined) return false;
    return isWithin([...scope, ...socketGrants(guests, this.#sockets ?? "")], this.scope);
  }

  /** Makes it stop listening; resolves when it listens no more. It ends when its connections have finished. */
  async leave(): Promise<void> {
    this.#send({ type: "leave" });
    await this.#left.promise;
  }

  /** Makes it stop; quickly, if it was told to stop before or `quick` is set. */
  stop({ quick }: { readonly quick: boolean }): void {
    this.#send({ type: "stop", quick });
  }

  /** Has it log a message. */
  log({ level, category, message, fields }: LogEntry): void {
    this.#send({ type: "log", level, category, message, fields });
  }

  /** Ends it, whatever it does. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  #send(command: EngineCommand): void {
    // One that has ended no longer reads, and its end is noticed where it matters.
    this.#commands.write(jsonLine(command)).catch(() => {});
  }

  async #read(onText: (line: string) => void): Promise<void> {
    try {
      for await (const line of readLines(this.#child.stdout)) this.#take(line, onText);
    } catch {
      this.kill();
    }
  }

  #take(line: string, onText: (line: string) => void): void {
    const report = parseReport(line);
    switch (report?.type) {
      case "ready":
        return this.#ready.resolve(report.ports);
      case "failed":
        return this.#ready.reject(new EngineStartError(report.message ?? "", report.faults));
      case "applied":
        return this.#applied?.resolve(report.faults);
      case "left":
        return this.#left.resolve();
      case "guest-start":
      case "guest-kill":
        return this.#guests?.receive(report);
      default:
        onText(line);
    }
  }

  async #end(code: number): Promise<number> {
    const gone: Fault = { message: `the engine has ended with status ${code}` };
    this.#gone = gone;
    this.#ready.reject(new Error(gone.message));
    this.#applied?.resolve([gone]);
    this.#left.resolve();
    this.#commands.abort().catch(() => {});
    this.#guests?.endAll();
    this.#cache[Symbol.dispose]();
    if (this.#sockets !== undefined) await Deno.remove(this.#sockets, { recursive: true }).catch(() => {});
    return code;
  }
}
