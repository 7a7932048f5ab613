/**
 * The program that carries traffic, started by the supervisor with exactly the permissions that its configuration
 * needs.
 *
 * @module
 */

import type { EngineCommand, EngineReport } from "./control.ts";
import { serveEngine } from "./engine_service.ts";
import { jsonLine, readLines } from "./text_lines.ts";

/** How long an engine without a supervisor may take to end, in milliseconds. */
const ABANDONED_MS = 2_000;

if (import.meta.main) {
  ignoreSignals();
  Deno.exit(await serveEngine({ commands: commandsOf(Deno.stdin.readable), report: writeReport }));
}

/**
 * A terminal sends its signals to the supervisor and to its engines alike. What they mean is for the supervisor to
 * say.
 */
function ignoreSignals(): void {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) Deno.addSignalListener(signal, () => {});
}

async function* commandsOf(input: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<EngineCommand> {
  for await (const line of readLines(input)) yield JSON.parse(line);
  // Whatever the engine is about, nobody is left to end it if it does not end by itself.
  setTimeout(() => Deno.exit(1), ABANDONED_MS);
}

function writeReport(report: EngineReport): void {
  const bytes = jsonLine(report);
  try {
    for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
  } catch {
    // The supervisor is gone, which the end of the input tells as well.
  }
}
