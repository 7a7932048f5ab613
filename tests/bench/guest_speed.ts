/**
 * Measures what a guest costs: one that dials, and one that every byte passes through, beside `pass`.
 *
 *     deno task bench:guests [MiB] [connections]
 *
 * Each multiplexer is a process of its own. They take turns in short rounds, each round beginning with
 * another one, so that whatever else the machine does meets all of them alike. A ratio is the median of the
 * rounds' ratios.
 *
 * @module
 */

import { BackendLoader, Multiplexer, parseBackendSpec, parseBindingSpec } from "../../mod.ts";
import { createGuestModule } from "../../lib/sandbox/host.ts";
import { RunningProgram } from "../support/program.ts";
import { eventually } from "../support/eventually.ts";

const ROUNDS = 15;
/** Clients that connect at the same time, beside the one that connects alone. */
const CROWD = 8;
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
else await measureAll(Number(Deno.args[0] ?? 128), Number(Deno.args[1] ?? 200));

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
  await using stack = new AsyncDisposableStack();
  const contestants: Contestant[] = [];
  for (const [name, backend] of Object.entries(CASES)) {
    const started = await start(["multiplex", backend.replaceAll("PORT", String(server.port))]);
    contestants.push({ name, port: stack.use(started).port, bulk: [], alone: [], crowd: [] });
  }
  // The first round only warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const { port, bulk, alone, crowd } = contestant;
      bulk[round] = await seconds(() => fetchBytes(port, mebibytes * 1024 * 1024)) / mebibytes;
      alone[round] = await seconds(() => connectOften(port, { connections, clients: 1 })) / connections;
      crowd[round] = await seconds(() => connectOften(port, { connections, clients: CROWD })) / connections;
    }
  }
  report(contestants);
}

/** One multiplexer, and the seconds that each round took: per MiB, or per connection. */
interface Contestant extends Record<Measure, number[]> {
  readonly name: string;
  readonly port: number;
}

type Measure = "bulk" | "alone" | "crowd";

function report(contestants: readonly Contestant[]): void {
  const [pass] = contestants;
  const against = (it: Contestant, measure: Measure) =>
    median(it[measure].map((time, round) => time / pass![measure][round]!).slice(1));
  const column = (value: number, digits: number) => value.toFixed(digits).padStart(9);
  console.log(`${"".padEnd(20)}       bulk          connection   one of ${CROWD} connections`);
  console.log(`${"backend".padEnd(20)}   MiB/s  of pass       us  of pass       us  of pass`);
  for (const contestant of contestants) {
    console.log(
      contestant.name.padEnd(18) +
        column(1 / median(contestant.bulk.slice(1)), 0) + column(1 / against(contestant, "bulk"), 2) +
        column(median(contestant.alone.slice(1)) * 1e6, 0) + column(against(contestant, "alone"), 2) +
        column(median(contestant.crowd.slice(1)) * 1e6, 0) + column(against(contestant, "crowd"), 2),
    );
  }
}

async function connectOften(
  port: number,
  { connections, clients }: { connections: number; clients: number },
): Promise<void> {
  let left = connections;
  const client = async () => {
    while (left-- > 0) await fetchBytes(port, 1);
  };
  await Promise.all(Array.from({ length: clients }, client));
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
  const buffer = bytes > 1 ? new Uint8Array(256 * 1024) : request;
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
