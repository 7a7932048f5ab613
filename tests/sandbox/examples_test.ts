import { assert, assertEquals } from "@std/assert";
import { exchange } from "../support/conversation.ts";
import { startEchoServer, startGreetingServer } from "../support/servers.ts";
import { type GuestBackendSpec, hostGuests, type Hosting, ISOLATIONS, taskDirectory } from "./hosting.ts";

const EXAMPLES = new URL("../../docs/examples/", import.meta.url);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Example {
  readonly module: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly net?: readonly string[];
  readonly networkProtocol?: "tcp" | "udp";
}

/** Runs an example in one kind of isolation. */
async function run(
  isolation: string,
  { module, parameters, net = [], networkProtocol }: Example,
  body: (hosting: Hosting) => Promise<void>,
): Promise<void> {
  const spec: GuestBackendSpec = {
    name: "hosted",
    module: new URL(module, EXAMPLES).href,
    parameters: { ...parameters, net: net.join(";"), isolation },
    networkProtocol,
  };
  await using directory = await taskDirectory(spec);
  await using hosting = await hostGuests([spec], { directory: directory.path });
  await body(hosting);
}

async function ask(hosting: Hosting, text: string): Promise<string> {
  return decoder.decode(await exchange(hosting.port("hosted"), encoder.encode(text)));
}

/** A DNS query of type A for a name (RFC 1035, section 4.1). */
function query(id: number, name: string): Uint8Array<ArrayBuffer> {
  const labels = name.split(".").flatMap((label) => [label.length, ...encoder.encode(label)]);
  return Uint8Array.of(id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1);
}

/** Sends datagrams and gives as many answers. */
async function askDatagrams(port: number, messages: Uint8Array[]): Promise<Uint8Array[]> {
  using socket = closing(Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }));
  const answers: Uint8Array[] = [];
  for (const message of messages) {
    await socket.it.send(message, { transport: "udp", hostname: "127.0.0.1", port });
    answers.push((await socket.it.receive())[0]);
  }
  return answers;
}

function closing(it: Deno.DatagramConn): Disposable & { it: Deno.DatagramConn } {
  return { it, [Symbol.dispose]: () => it.close() };
}

/** A resolver that answers every query with itself, flagged as an answer. */
function startResolver(): AsyncDisposable & { port: number } {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const [message, from] of socket) {
      message[2]! |= 0x80;
      await socket.send(message, from);
    }
  })();
  return {
    port: (socket.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      socket.close();
      await serving;
    },
  };
}

for (const isolation of ISOLATIONS) {
  // Deadlines share a timer that outlives the last of them by a moment, and a module that runs in this process
  // keeps what it has opened.
  const sanitize = { sanitizeOps: false, sanitizeResources: isolation !== "none" };

  Deno.test({
    name: `example echo, isolation=${isolation}: says what it hears`,
    ...sanitize,
    async fn() {
      await run(isolation, { module: "echo.ts", parameters: { prefix: "> " } }, async (hosting) => {
        assertEquals(await ask(hosting, "hello"), "> hello");
        const long = "0123456789".repeat(100_000);
        assertEquals(await ask(hosting, long), `> ${long}`);
      });
    },
  });

  Deno.test({
    name: `example geo_dial, isolation=${isolation}: sends clients where their network belongs`,
    ...sanitize,
    async fn() {
      await using near = startGreetingServer("near ");
      await using far = startGreetingServer("far ");
      const example: Example = {
        module: "geo_dial.ts",
        parameters: { "10.0.0.0/8": `127.0.0.1:${far.port}`, "127.0.0.0/8": `127.0.0.1:${near.port}` },
        net: [`127.0.0.1:${near.port}`, `127.0.0.1:${far.port}`],
      };
      await run(isolation, example, async (hosting) => {
        assertEquals(await ask(hosting, "hello"), "near hello");
        assertEquals([near.accepted, far.accepted], [1, 0]);
      });
    },
  });

  Deno.test({
    name: `example rewrite, isolation=${isolation}: changes what the server says`,
    ...sanitize,
    async fn() {
      await using server = startEchoServer();
      const to = `127.0.0.1:${server.port}`;
      const example = { module: "rewrite.ts", parameters: { to, replace: "cat/dog" }, net: [to] };
      await run(isolation, example, async (hosting) => {
        assertEquals(await ask(hosting, "a cat and a cat"), "a dog and a dog");
      });
    },
  });

  Deno.test({
    name: `example dns_filter, isolation=${isolation}: forwards what is not blocked`,
    ...sanitize,
    async fn() {
      await using resolver = startResolver();
      const example: Example = {
        module: "dns_filter.ts",
        parameters: { resolver: "127.0.0.1", "resolver.port": `${resolver.port}`, block: "ads.example" },
        net: [`127.0.0.1:${resolver.port}`, "0.0.0.0:0"],
        networkProtocol: "udp",
      };
      await run(isolation, example, async (hosting) => {
        const queries = [query(1, "www.example"), query(2, "x.ads.example"), query(3, "www.example")];
        const answers = await askDatagrams(hosting.port("hosted"), queries);
        assertEquals(answers.map((answer) => answer[1]), [1, 2, 3]);
        assertEquals(answers.map((answer) => answer[3]! & 15), [0, 3, 0]);
        assert(answers.every((answer) => (answer[2]! & 0x80) !== 0));
      });
    },
  });
}

Deno.test("examples are short", () => {
  for (const { name } of Deno.readDirSync(EXAMPLES)) {
    const lines = Deno.readTextFileSync(new URL(name, EXAMPLES)).trimEnd().split("\n").length;
    assert(lines < 60, `${name} has ${lines} lines`);
  }
});
