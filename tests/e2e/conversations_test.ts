import { assertEquals } from "@std/assert";
import { readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startTcpServer, type TcpTestServer } from "../support/servers.ts";
import { receivePattern, sendPattern } from "./pattern_stream.ts";
import { startPmmux } from "./pmmux.ts";

const HEADER = 12;
const ROUNDS = 12;
/** Within one read, around the sizes of buffers, and over many of them. */
const LENGTHS = [0, 1, 1023, 1024, 1025, 16_384, 65_537, 600_000] as const;

/** The ways in which a conversation may go; what a client says is the question, what comes back the answer. */
const shapes = [
  "question, end, answer, end",
  "answer, end, question, end",
  "question and answer at once",
  "question, answer, end of the answer first",
  "client breaks off",
  "server breaks off",
  "client leaves at once",
] as const;

type Shape = typeof shapes[number];

/** One conversation. Both sides know it: the client sends it ahead. */
interface Plan {
  readonly shape: Shape;
  /** Bytes that the client sends after the header. */
  readonly question: number;
  /** Bytes that the server sends. */
  readonly answer: number;
}

function headerOf({ shape, question, answer }: Plan): Uint8Array {
  const header = new DataView(new ArrayBuffer(HEADER));
  header.setUint32(0, shapes.indexOf(shape));
  header.setUint32(4, question);
  header.setUint32(8, answer);
  return new Uint8Array(header.buffer);
}

function planOf(bytes: Uint8Array): Plan {
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  return { shape: shapes[header.getUint32(0)]!, question: header.getUint32(4), answer: header.getUint32(8) };
}

/** Serves conversations, and keeps what came of the questions. */
function startConversationServer(problems: unknown[]): TcpTestServer {
  const expect = async (connection: Deno.Conn, { question, shape }: Plan) => {
    const count = await receivePattern(connection, { until: question });
    if (count !== question) problems.push(`Got ${count} of ${question} bytes in "${shape}"`);
  };
  const serve = async (connection: Deno.TcpConn, plan: Plan): Promise<void> => {
    const answer = () => sendPattern(connection, plan.answer);
    switch (plan.shape) {
      case "question, end, answer, end":
        await expect(connection, plan);
        assertEquals(await connection.read(new Uint8Array(1)), null);
        return await answer();
      case "answer, end, question, end":
        await answer();
        await connection.closeWrite();
        return await expect(connection, plan);
      case "question and answer at once":
        return void await Promise.all([expect(connection, plan), answer()]);
      case "question, answer, end of the answer first":
        await expect(connection, plan);
        return await answer();
      case "client breaks off":
        return await answer();
      case "server breaks off":
        // What it leaves unread makes the system reset the connection.
        return void await readExactly(connection, Math.floor(plan.question / 2));
      case "client leaves at once":
        return;
    }
  };
  return startTcpServer(async (connection) => {
    // Of a client that left at once there is no header, and that is all there is to it.
    const header = await readExactly(connection, HEADER).catch(() => undefined);
    if (header === undefined) return;
    await serve(connection, planOf(header)).catch((error) => {
      if (!isBroken(error)) problems.push(error);
    });
  });
}

/** Has one conversation. Throws if what was to arrive did not. */
async function converse(port: number, plan: Plan): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  if (plan.shape === "client leaves at once") return;
  await writeAll(connection, headerOf(plan));
  const ask = () => sendPattern(connection, plan.question);
  const expect = async (length = plan.answer) =>
    assertEquals(await receivePattern(connection, { until: length }), length, plan.shape);
  switch (plan.shape) {
    case "question, end, answer, end":
      await ask();
      await connection.closeWrite();
      return await expect();
    case "answer, end, question, end":
      await expect();
      assertEquals(await connection.read(new Uint8Array(1)), null);
      return await ask();
    case "question and answer at once":
      return void await Promise.all([ask(), expect()]);
    case "question, answer, end of the answer first":
      await ask();
      await expect();
      return assertEquals(await connection.read(new Uint8Array(1)), null);
    case "client breaks off":
      return void await receivePattern(connection, { until: Math.floor(plan.answer / 2) });
    case "server breaks off":
      await ask().catch(ignoreBroken);
      return await connection.read(new Uint8Array(1)).then(() => {}, ignoreBroken);
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}

function ignoreBroken(error: unknown): void {
  if (!isBroken(error)) throw error;
}

for (const [how, condition] of [["at once", ""], ["after a look at them", ',payload-hex="0000"']]) {
  Deno.test(`conversations of every shape, routed ${how}, arrive whole while others break off`, async () => {
    const problems: unknown[] = [];
    await using server = startConversationServer(problems);
    await using pmmux = await startPmmux([
      ...["-b", `target:pass:target.ip=127.0.0.1,target.port=${server.port},passive-failures=0${condition}`],
      ...["-p", "!:?:tcp:bind-address=127.0.0.1"],
    ]);
    const fds = await pmmux.settledFds();
    const plans = shapes.flatMap((shape) =>
      LENGTHS.map((question, i) => ({ shape, question, answer: LENGTHS[(i * 3 + 1) % LENGTHS.length]! }))
    );
    for (let round = 0; round < ROUNDS; round++) {
      await pmmux.explain(() => Promise.all(plans.map((plan) => converse(pmmux.port, plan))));
    }
    await eventually(() => server.open === 0, { what: "every conversation to end" });
    assertEquals(problems, []);
    await eventually(() => pmmux.fds <= fds, { what: `pmmux to have no more than ${fds} descriptors open` });
  });
}
