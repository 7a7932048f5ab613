import { assert, assertEquals, assertMatch } from "@std/assert";
import type { TrafficObserver } from "../../lib/routing/traffic.ts";
import { ATTEMPTS } from "../fixtures/guests/attempts.ts";
import { exchange } from "../support/conversation.ts";
import { startEchoServer, startTcpServer, type TcpTestServer } from "../support/servers.ts";
import { type GuestBackendSpec, hostGuests, type Hosting, taskDirectory } from "./hosting.ts";
import { startTransfer } from "./transfer.ts";

const MODULE = import.meta.resolve("../fixtures/guests/attempts.ts");

/** What a Worker is refused only in an engine that a supervisor has started. */
const TAKES_SUPERVISOR = "keep something in a cache, in a thread";

/** Everything that the attempts aim at, and a way to see whether it was hit. */
interface Prey extends AsyncDisposable {
  readonly server: TcpTestServer;
  readonly allowed: Deno.HttpServer<Deno.NetAddr>;
  readonly directory: string;
  readonly socketHits: () => number;
}

async function layOut(): Promise<Prey> {
  const directory = await Deno.makeTempDir({ prefix: "pmmux-prey-" });
  await Deno.writeTextFile(`${directory}/pmmux.json`, '{"secret":"config"}');
  await Deno.writeTextFile(`${directory}/key.pem`, "secret key");
  await Deno.writeTextFile(`${directory}/module.ts`, 'export const secret = "module";');
  const server = startTcpServer(() => Promise.resolve());
  const allowed = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => Response.redirect(`http://127.0.0.1:${server.port}/`),
  );
  const socket = Deno.listen({ transport: "unix", path: `${directory}/prey.sock` });
  let hits = 0;
  const serving = (async () => {
    for await (const connection of socket) {
      hits++;
      connection.close();
    }
  })();
  return {
    server,
    allowed,
    directory,
    socketHits: () => hits,
    async [Symbol.asyncDispose]() {
      socket.close();
      await serving;
      await allowed.shutdown();
      await server[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Makes one attempt; gives what the client was told and why connecting failed, if it did. */
async function attempt(
  hosting: Hosting,
  name: string,
  refusals: string[],
): Promise<{ told: string; why?: string }> {
  refusals.length = 0;
  const told = await exchange(hosting.port("hostile"), new TextEncoder().encode(`${name}\n`));
  return { told: new TextDecoder().decode(told), why: refusals[0] };
}

function refusalObserver(refusals: string[]): TrafficObserver {
  const nothing = () => {};
  return {
    accepted: nothing,
    routed: nothing,
    dialFailed: (_connection, _entry, error) => void refusals.push((error as Error).message),
    refused: nothing,
    closed: nothing,
    messagesDropped: nothing,
    sessionEvicted: nothing,
    acceptFailed: nothing,
  };
}

for (const isolation of ["process", "worker", "task:guest:hostile"]) {
  Deno.test({
    name: `hostile guest, isolation=${isolation}: nothing that was not granted can be had`,
    sanitizeOps: false,
    async fn(t) {
      await using prey = await layOut();
      await using echo = startEchoServer();
      const refusals: string[] = [];
      const { directory } = prey;
      const allowed = prey.allowed.addr.port;
      const spec: GuestBackendSpec = {
        name: "hostile",
        module: MODULE,
        parameters: {
          isolation,
          net: `127.0.0.1:${allowed};rebind.example:${prey.server.port}`,
          // Deno must not hold the guest's own failures against it: each attempt is to be made.
          "passive-failures": "0",
          "guest-timeout": "5000",
          port: `${prey.server.port}`,
          allowed: `${allowed}`,
          config: `${directory}/pmmux.json`,
          key: `${directory}/key.pem`,
          directory,
          module: `file://${directory}/module.ts`,
        },
      };
      await using project = await taskDirectory(spec);
      await using hosting = await hostGuests([spec], {
        directory: project.path,
        observer: refusalObserver(refusals),
        resolve: () => Promise.resolve(["127.0.0.1"]),
        others: [{
          name: "good",
          protocol: "pass",
          parameters: { "target.ip": "127.0.0.1", "target.port": `${echo.port}` },
        }],
      });
      const transfer = await startTransfer(hosting.port("good"));
      const before = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
      for (const name of ATTEMPTS) {
        if (isolation === "worker" && name === TAKES_SUPERVISOR) continue;
        await t.step({
          name,
          sanitizeOps: false,
          sanitizeResources: false,
          async fn() {
            const { told, why } = await attempt(hosting, name, refusals);
            assertEquals(told, "", `the client was told "${told}"`);
            assertMatch(why ?? "", /./, "nothing was said about it");
          },
        });
      }
      assertEquals((await attempt(hosting, "nothing", refusals)).told, "nothing was tried");
      await transfer.stop();
      assert(transfer.bytes > 0);
      assertEquals([prey.server.accepted, prey.socketHits()], [0, 0], "the prey was reached");
      assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), before);
      assertEquals(hosting.log().filter((line) => line.includes("guest ended")), []);
    },
  });
}
