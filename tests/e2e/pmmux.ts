/**
 * pmmux as its users start it: the program in a process of its own, seen through its log.
 *
 * @module
 */

import { eventually } from "../support/eventually.ts";
import { countFds } from "../support/fds.ts";
import { findProgram } from "../support/find_program.ts";
import { countListeningSockets, descendants, isAlive, residentBytes } from "./processes.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** One line of the log, as `--log-format json` writes it. */
export interface LogLine {
  readonly level: string;
  readonly category: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** The fields that a log line is looked for by. */
export type LogPattern = Readonly<Record<string, unknown>>;

/** How the program is started. */
export interface PmmuxOptions extends Pick<Deno.CommandOptions, "cwd" | "env"> {
  /** A program with its options that starts pmmux, such as `["ip", "netns", "exec", "lab"]`. */
  readonly through?: readonly string[];
}

/** A pmmux that runs until it is disposed. */
export class RunningPmmux implements AsyncDisposable {
  /** How it ended, once it did. */
  readonly status: Promise<Deno.CommandStatus>;
  /** Everything it has logged so far. */
  readonly log: LogLine[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #collected: Promise<unknown>;
  /** Output that is no log line: of Deno itself, when something went wrong. */
  #stray = "";
  #hasEnded = false;
  #isMeantToEnd = false;
  #engine: number | undefined;

  /** Takes over a child whose standard output and standard error are piped. */
  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#collected = Promise.all([
      readLines(child.stdout, (line) => this.#stray += `${line}\n`),
      readLines(child.stderr, (line) => this.#take(line)),
    ]);
    this.status = child.status.then((status) => {
      this.#hasEnded = true;
      return status;
    });
  }

  /** The process that carries the traffic: the one started, or a child of it, which has the listeners. */
  get enginePid(): number {
    if (this.#engine !== undefined && isAlive(this.#engine)) return this.#engine;
    const family = [this.#child.pid, ...descendants(this.#child.pid)];
    this.#engine = family.findLast((pid) => countListeningSockets(pid) > 0);
    if (this.#engine === undefined) throw this.error("No process of pmmux listens");
    return this.#engine;
  }

  /** Bytes of memory that the engine occupies. */
  get memory(): number {
    return residentBytes(this.enginePid);
  }

  /** How many descriptors the engine has open. */
  get fds(): number {
    return countFds(this.enginePid);
  }

  /** How many descriptors the engine has open once nothing changes any more. */
  async settledFds(): Promise<number> {
    let last = -1;
    const settled = () => {
      const [now, before] = [this.fds, last];
      last = now;
      return now === before && now;
    };
    return await eventually(settled, { interval: 100, what: "the number of descriptors to settle" });
  }

  /** True once it has ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The ports of its listeners, in the order of their bindings. */
  get ports(): number[] {
    const { message = "" } = this.log.find((line) => line.message.startsWith("listening ")) ?? {};
    return [...message.matchAll(/:(\d+)(?=\s|$)/g)].map(([, port]) => Number(port));
  }

  /** The port of its first listener. */
  get port(): number {
    return this.ports[0]!;
  }

  /** The log lines that have all the fields of the pattern. */
  logged(pattern: LogPattern): LogLine[] {
    return this.log.filter((line) => Object.entries(pattern).every(([name, value]) => line[name] === value));
  }

  /** Waits for so many log lines that have all the fields of the pattern, and gives them. */
  async waitForLog(pattern: LogPattern, count = 1): Promise<LogLine[]> {
    const what = `${count} log lines with ${JSON.stringify(pattern)}`;
    const find = () => {
      const found = this.logged(pattern);
      return found.length >= count && found;
    };
    return await this.explain(() => eventually(find, { timeout: 15_000, what }));
  }

  /** Runs the body; if it throws, the error that comes out shows the end of the log. */
  async explain<T>(body: () => T | Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (cause) {
      throw this.error(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  /** An error that shows the end of the log. */
  error(message: string, options?: ErrorOptions): Error {
    const lines = this.log.slice(-40).map((line) => JSON.stringify(line)).join("\n");
    return new Error(`${message}\n--- log of pmmux ---\n${lines}\n${this.#stray}`, options);
  }

  /** Sends a signal to the process that was started. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Asks it to end, and waits until it has; connections that are open may finish. */
  async stop(): Promise<void> {
    this.#isMeantToEnd = true;
    this.kill("SIGTERM");
    await this.status;
    await this.#collected;
  }

  /**
   * Ends it, quickly: connections that are open are closed.
   *
   * @throws {Error} if it had ended by itself before, does not end, ends with a failure, or said anything that
   * shows a fault of its own.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const endedByItself = this.hasEnded && !this.#isMeantToEnd;
    if (!this.hasEnded) await this.#stopAtOnce();
    await this.#collected;
    if (endedByItself) throw this.error("pmmux ended by itself");
    this.assertSound(await this.status);
  }

  /**
   * The first signal lets connections finish, the second does not. One that comes before the first was handled
   * would be lost in it, so they go on.
   */
  async #stopAtOnce(): Promise<void> {
    const killer = setTimeout(() => this.kill("SIGKILL"), 8000);
    this.kill("SIGTERM");
    const again = setInterval(() => this.hasEnded || this.kill("SIGTERM"), 300);
    await this.status;
    clearInterval(again);
    clearTimeout(killer);
  }

  /** Throws if it ended otherwise than with status 0, or said anything that shows a fault of its own. */
  assertSound({ code, signal }: Pick<Deno.CommandStatus, "code" | "signal">): void {
    if (code !== 0) throw this.error(`pmmux ended with ${signal ?? `status ${code}`}`);
    if (this.#stray !== "") throw this.error("pmmux wrote what is no log line");
    const [fault] = [...this.logged({ reason: "internal_error" }), ...this.logged({ level: "critical" })];
    if (fault !== undefined) throw this.error(`pmmux logged a fault of its own: ${JSON.stringify(fault)}`);
  }

  #take(line: string): void {
    if (line.startsWith("Download ")) return; // The first run on a machine fetches packages.
    try {
      this.log.push(JSON.parse(line));
    } catch {
      this.#stray += `${line}\n`;
    }
  }
}

/** Starts pmmux, whatever will come of it. */
export function spawnPmmux(args: readonly string[], options: PmmuxOptions = {}): RunningPmmux {
  return new RunningPmmux(command(["--log-format", "json", ...args], options).spawn());
}

/**
 * Starts pmmux and waits until it listens.
 *
 * @throws {Error} with its log, if it ends or is not up in time.
 *
 * @example
 * ```ts ignore
 * await using pmmux = await startPmmux(["-b", `web:pass:target.ip=127.0.0.1,target.port=${port}`, "-p", "!:?:tcp"]);
 * const response = await fetch(`http://127.0.0.1:${pmmux.port}/`);
 * ```
 */
export async function startPmmux(
  args: readonly string[],
  options: PmmuxOptions = {},
): Promise<RunningPmmux> {
  const pmmux = spawnPmmux(args, options);
  try {
    const isUp = () => pmmux.hasEnded || pmmux.ports.length > 0;
    await eventually(isUp, { timeout: 20_000, what: "pmmux to listen" });
    if (pmmux.hasEnded) throw new Error("pmmux ended instead of starting");
    return pmmux;
  } catch (error) {
    await pmmux[Symbol.asyncDispose]().catch(() => {});
    throw pmmux.error((error as Error).message, { cause: error });
  }
}

/** How a run of pmmux ended, and what it wrote. */
export interface PmmuxResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs pmmux to its end, which has to come within 20 seconds. */
export async function runPmmux(args: readonly string[], options: PmmuxOptions = {}): Promise<PmmuxResult> {
  await using child = command(args, options).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function command(args: readonly string[], { through = [], cwd, env }: PmmuxOptions): Deno.Command {
  const whole = [...through, Deno.execPath(), "run", "-A", "--config", CONFIG, MAIN, ...args];
  const [program, ...rest] = whole;
  return new Deno.Command(findProgram(program!) ?? program!, {
    args: rest,
    cwd,
    // Deno's own look for a newer version is no part of what is tested.
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(take);
  }
  if (rest !== "") take(rest);
}
