/**
 * Real servers and clients as child processes of a test.
 *
 * @module
 */

import { eventually } from "./eventually.ts";
import { findProgram } from "./find_program.ts";
import { accepts } from "./ports.ts";

/** How much of a program's output is kept: its end, in characters. */
const KEPT_OUTPUT = 64 * 1024;

const ENDING_SIGNALS: readonly Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGQUIT", "SIGKILL"];

/** Options for {@linkcode startProgram}. */
export interface StartOptions extends Pick<Deno.CommandOptions, "args" | "cwd" | "env" | "uid" | "gid"> {
  /** The program is up when this TCP port of 127.0.0.1 accepts. */
  readonly port?: number;
  /** The program is up when its output matches. */
  readonly ready?: RegExp;
  /** Milliseconds until it has to be up; 15000 unless given. */
  readonly timeout?: number;
  /** What asks the program to end; SIGTERM unless given. */
  readonly stopSignal?: Deno.Signal;
  /** Milliseconds between asking it to end and killing it; 3000 unless given. */
  readonly grace?: number;
}

/** A program that runs until it is disposed. */
export class RunningProgram implements AsyncDisposable {
  /** How the program ended, once it did. */
  readonly status: Promise<Deno.CommandStatus>;
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #options: StartOptions;
  readonly #drained: Promise<unknown>;
  #output = "";
  #ended: Deno.CommandStatus | undefined;
  #isMeantToEnd = false;

  /** Takes over a child whose standard output and standard error are piped. */
  constructor(name: string, child: Deno.ChildProcess, options: StartOptions = {}) {
    this.#name = name;
    this.#child = child;
    this.#options = options;
    this.#drained = Promise.all([this.#collect(child.stdout), this.#collect(child.stderr)]);
    this.status = child.status.then((status) => this.#ended = status);
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What the program has written to standard output and standard error: its last 64 Ki characters. */
  get output(): string {
    return this.#output;
  }

  /** True once the program has ended. */
  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Runs the body; if it throws, the error that comes out shows the program's output. */
  async explain<T>(body: () => T | Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (cause) {
      throw this.error(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  /** An error that shows the program's output. */
  error(message: string, options?: ErrorOptions): Error {
    return new Error(`${message}\n--- output of ${this.#name} ---\n${this.#output}`, options);
  }

  /** Sends a signal to the program. After one that ends programs, its end is no failure. */
  kill(signal: Deno.Signal): void {
    if (ENDING_SIGNALS.includes(signal)) this.#isMeantToEnd = true;
    this.#child.kill(signal);
  }

  /**
   * Ends the program.
   *
   * @throws {Error} with its output, if it had failed before.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended === undefined) await this.#stop();
    await this.#drained;
    const { success, code } = await this.status;
    if (!success && !this.#isMeantToEnd) throw this.error(`${this.#name} ended by itself with code ${code}`);
  }

  async #stop(): Promise<void> {
    this.#isMeantToEnd = true;
    const { stopSignal = "SIGTERM", grace = 3000 } = this.#options;
    this.#child.kill(stopSignal);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), grace);
    await this.status;
    clearTimeout(timer);
  }

  async #collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
    }
  }
}

/**
 * Starts a program by name and waits until it is up.
 *
 * @throws {Error} if it is not installed, ends at once, or is not up in time.
 *
 * @example A server for one test
 * ```ts ignore
 * await using redis = await startProgram("redis-server", { args: ["--port", `${port}`], port });
 * await redis.explain(async () => assertEquals(await ask(port), "PONG"));
 * ```
 */
export async function startProgram(name: string, options: StartOptions = {}): Promise<RunningProgram> {
  const { args, cwd, env, uid, gid, port, ready, timeout = 15_000 } = options;
  const command = { args, cwd, env, uid, gid, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const program = new RunningProgram(name, new Deno.Command(pathOf(name), command).spawn(), options);
  const isUp = async (): Promise<boolean> =>
    program.hasEnded ||
    (ready === undefined || ready.test(program.output)) && (port === undefined || await accepts(port));
  try {
    await eventually(isUp, { timeout, what: `${name} to be up` });
    if (program.hasEnded) throw new Error(`${name} ended instead of staying up`);
    return program;
  } catch (error) {
    await program[Symbol.asyncDispose]().catch(() => {});
    throw program.error((error as Error).message, { cause: error });
  }
}

/** Options for {@linkcode runProgram}. */
export interface RunOptions extends Pick<Deno.CommandOptions, "args" | "cwd" | "env" | "uid" | "gid"> {
  /** What the program reads from standard input. */
  readonly input?: string;
  /** Milliseconds after which it is killed; 30000 unless given. */
  readonly timeout?: number;
}

/**
 * Runs a program to its end and gives its standard output.
 *
 * @throws {Error} with everything it wrote, if it fails.
 */
export async function runProgram(name: string, options: RunOptions = {}): Promise<string> {
  const { input = "", timeout = 30_000, ...command } = options;
  const signal = AbortSignal.timeout(timeout);
  const child = new Deno.Command(pathOf(name), {
    ...command,
    signal,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ success, code, stdout, stderr }] = await Promise.all([child.output(), feed(child.stdin, input)]);
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout);
  if (success) return text;
  const reason = signal.aborted ? `did not end within ${timeout} ms` : `failed with code ${code}`;
  throw new Error(`${name} ${reason}\n${text}\n${decoder.decode(stderr)}`);
}

function pathOf(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`Cannot start "${name}": it is not installed`);
  return path;
}

async function feed(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  // A program that ends without reading its input breaks the pipe, which is its own business.
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
}
