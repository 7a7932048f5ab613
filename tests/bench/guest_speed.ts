/**
 * Measures what a guest costs: one that dials, and one that every byte passes through, beside `pass`.
 *
 *     deno run -A tests/bench/guest_speed.ts [MiB] [connections]
 *
 * Each multiplexer is a process of its own. They take turns, so that whatever else the machine does meets
 * all of them alike; each figure is the median of the rounds.
 *
 * @module
 */

import { BackendLoader, Multiplexer, parseBackendSpec, parseBindingSpec } from "../../mod.ts";
import { createGuestModule } from "../../lib/sandbox/host.ts";
import { RunningProgram } from "../support/program.ts";
import { eventually } from "../support/eventually.ts";

const ROUNDS = 5;
const DIRECTORY = new URL("../fixtures/guests/", import.meta.url).pathname.replace(/\/$/, "");

/** Backends by what they are called in the result; `PORT` is the server's. */
const CASES: Readonly<Record<string, string>> = {
  "pass": "it:pass:target.ip=127.0.0.1,target.port=PORT",
  "dial, process": 'it:./dial.ts:net="127.0.0.1:PORT",port=PORT',
  "dial, worker": 'it:./dial.ts:net="127.0.0.1:PORT",port=PORT,isolation=worker',
  "through, in-process": "it:./through.ts:port=PORT,isolation=none",
  "through, process": 'it:./through.ts:net="127.0.0.1:PORT",port=PORT',
  "through, worker": 'it:./through.ts:net="127.0.0.1:PORT",port=PORT,isolation=worker',
};

if (Deno.args[0] === "multiplex") await multiplex(Deno.args[1]!);
else if (Deno.args[0] === "serve") await serve();
else await measureAll(Number(Deno.args[0] ?? 256), Number(Deno.args[1] ?? 500));

/** The process of a multiplexer: says its port, then carries traffic. */
async function multiplex(backend: string): Promise<void> {
  const loader = new BackendLoader({ base: import.meta.url });
  for (const name of ["./dial.ts", "./through.ts"]) {
    loader.register(name, createGuestModule(name, { directory: DIRECTORY }));
  }
  const multiplexer = new Multiplexer({
    backends: [parseBackendSpec(backend)],
    portBindings: [parseBindingSpec("!:?:tcp:bind-address=127.0.0.1")].flat(),
  }, { loader });
  await multiplexer.start();
  console.log(`port ${multiplexer.listeners[0]!.port}`);
}

/** The process of the server: answers a number, as 8 bytes, with so many bytes. */
async function serve(): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log(`port ${listener.addr.port}`);
  const block = new Uint8Array(256 * 1024);
  for await (const conn of listener) {
    (async () => {
      const request = new Uint8Array(8);
      await conn.read(request);
      let left = Number(new DataView(request.buffer).getBigUint64(0));
      while (left > 0) left -= await conn.write(block.subarray(0, Math.min(left, block.length)));
      conn.close();
    })().catch(() => {});
  }
}

async function measureAll(mebibytes: number, connections: number): Promise<void> {
  await using server = await start(["serve"]);
  const running = new Map<string, Started>();
  await using stack = new AsyncDisposableStack();
  for (const [name, backend] of Object.entries(CASES)) {
    const started = await start(["multiplex", backend.replaceAll("PORT", String(server.port))]);
    running.set(name, stack.use(started));
    console.error(name);
    await fetchBytes(started.port, 1);
  }
  const bulk: Record<string, number[]> = {};
  const opening: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { port }] of running) {
      (bulk[name] ??= []).push(mebibytes / await seconds(() => fetchBytes(port, mebibytes * 1024 * 1024)));
      const time = await seconds(async () => {
        for (let i = 0; i < connections; i++) await fetchBytes(port, 1);
      });
      (opening[name] ??= []).push(time / connections * 1e6);
    }
  }
  report(bulk, opening);
}

function report(bulk: Record<string, number[]>, opening: Record<string, number[]>): void {
  const base = { bulk: median(bulk.pass!), opening: median(opening.pass!) };
  console.log("backend                 MiB/s   of pass    us/connection   of pass");
  for (const name of Object.keys(CASES)) {
    const [rate, time] = [median(bulk[name]!), median(opening[name]!)];
    console.log(
      name.padEnd(20),
      rate.toFixed(0).padStart(8),
      (rate / base.bulk).toFixed(2).padStart(9),
      time.toFixed(0).padStart(16),
      (time / base.opening).toFixed(2).padStart(9),
    );
  }
}

interface Started extends AsyncDisposable {
  readonly port: number;
}

async function start(args: readonly string[]): Promise<Started> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL(import.meta.url).pathname, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const program = new RunningProgram(args.join(" "), command.spawn());
  const port = await program.explain(() =>
    eventually(() => /port (\d+)/.exec(program.output)?.[1], { timeout: 20_000, what: "its port" })
  );
  return { port: Number(port), [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

async function fetchBytes(port: number, bytes: number): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = new Uint8Array(8);
  new DataView(request.buffer).setBigUint64(0, BigInt(bytes));
  await conn.write(request);
  const buffer = new Uint8Array(256 * 1024);
  let received = 0;
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    received += count;
  }
  if (received !== bytes) throw new Error(`Received ${received} of ${bytes} bytes`);
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
