/**
 * Starts guest processes on this machine.
 *
 * @module
 */

import { cacheView } from "./cache_view.ts";
import { guestCommand, type ProcessRequest } from "./launch_command.ts";
import { watchMemory } from "./launch_memory.ts";
import { oneLine } from "./host_text.ts";
import type { OutputListener } from "./launcher.ts";

/** A guest process. */
export interface GuestProcess {
  /** Why it ended, once it has. */
  readonly ended: Promise<string>;
  /** Ends it at once, and what it started. */
  kill(): void;
}

/** Starts guest processes; a supervisor does it for an engine that may not. */
export interface ProcessStarter {
  /**
   * Starts one, which will connect to the socket of the request.
   *
   * @throws {Error} for the user if it cannot be started.
   */
  start(request: ProcessRequest, onOutput: OutputListener): GuestProcess | Promise<GuestProcess>;
}

/** What a {@linkcode LocalStarter} may be given. */
export interface LocalStarterOptions {
  /** Where tasks are looked for, and the working directory of guests. */
  readonly directory: string;
  /** The deno.json for the imports of modules, with its lockfile; none unless given. */
  readonly config?: string;
  /** The `deno` executable; the one that runs this program unless given. */
  readonly deno?: string;
  /** The guest's program; this package's unless given. */
  readonly program?: string;
}

/** What is kept of a line of output. */
const MAX_LINE = 4096;
/** How lines look that tell why a process ends, whether Deno writes them or the JavaScript engine. */
const TELLING = /\b(error|fatal|not found)\b/i;

/** Starts guests as children of this process, which needs `--allow-run` for the `deno` executable. */
export class LocalStarter implements ProcessStarter {
  readonly #options: LocalStarterOptions;

  /** Starts with these options. */
  constructor(options: LocalStarterOptions) {
    this.#options = options;
  }

  /** Starts one. */
  start(request: ProcessRequest, onOutput: OutputListener): GuestProcess {
    const { deno = Deno.execPath(), directory } = this.#options;
    const { args, env, inheritsEnv } = guestCommand(request, { ...this.#options, env: readVariable });
    const view = cacheView(readVariable);
    try {
      const child = new Deno.Command(deno, {
        args: [...args],
        env: { ...env, ...view.env },
        cwd: directory,
        clearEnv: !inheritsEnv,
        // In a group of its own: what a terminal sends to the engine's group is not for guests, and all
        // that a task starts can be ended at once.
        detached: true,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const process = new LocalProcess(child, request, onOutput);
      process.ended.then(() => view[Symbol.dispose]());
      return process;
    } catch (error) {
      view[Symbol.dispose]();
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
      throw new Error(
        `Cannot start the guest of backend "${request.backend}": this process may not run ${deno} ` +
          `(--allow-run=${deno}); let pmmux start its supervisor, or use isolation=worker`,
      );
    }
  }
}

class LocalProcess implements GuestProcess {
  readonly ended: Promise<string>;
  readonly #child: Deno.ChildProcess;
  #reason: string | undefined;
  /** The last line of output that says why the process ends. */
  #complaint = "";
  #isOver = false;

  constructor(child: Deno.ChildProcess, { memoryLimit }: ProcessRequest, onOutput: OutputListener) {
    this.#child = child;
    const onExceeded = (bytes: number) => {
      this.#reason = `it used ${bytes} bytes of memory and may use ${memoryLimit}`;
      this.kill();
    };
    const watch = watchMemory({ pid: child.pid, limit: memoryLimit, onExceeded });
    const onLine = (line: string) => {
      if (TELLING.test(line)) this.#complaint = oneLine(line);
      onOutput(line);
    };
    const output = [child.stdout, child.stderr].map((stream) => readLines(stream, onLine));
    this.ended = child.status.then(async (status) => {
      watch[Symbol.dispose]();
      // What a task leaves running would keep the output open.
      this.kill();
      await Promise.all(output);
      this.#isOver = true;
      return this.#reason ?? describe(status, this.#complaint);
    });
  }

  kill(): void {
    // The number may be that of another process by then.
    if (this.#isOver) return;
    try {
      Deno.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It has ended, and everything that it had started.
    }
  }
}

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: OutputListener,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!.slice(0, MAX_LINE);
    for (const line of lines) if (line !== "") onLine(line.slice(0, MAX_LINE));
  }
  if (rest !== "") onLine(rest);
}

function describe({ code, signal }: Deno.CommandStatus, complaint: string): string {
  const how = signal === null ? `it ended with status ${code}` : `it was ended by ${signal}`;
  return complaint === "" ? how : `${how}: ${complaint}`;
}

function readVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
