import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { demoExchanges } from "../../lib/cli/demo_exchanges.ts";
import { runDemo } from "../../lib/cli/demo_run.ts";
import { exchange } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startProgram } from "../support/program.ts";
import { pmmux } from "./fake_host.ts";

const main = new URL("../../main.ts", import.meta.url).pathname;

/** All that the demonstration needs. */
const PERMISSIONS = ["--no-prompt", "--allow-net=127.0.0.1,0.0.0.0"];

Deno.test("every client of the demonstration reaches its service, and the table says why", async () => {
  const out: string[] = [];
  assert(await runDemo({ once: true, host: { out: (text) => out.push(text) } }));
  const rows = out.at(-1)!.split("\n").slice(1);
  assertEquals(rows.length, demoExchanges.length);
  for (const [i, { client, networkProtocol, backend }] of demoExchanges.entries()) {
    assertMatch(rows[i]!, new RegExp(`^ok +${client} +${networkProtocol} +${backend} +`));
  }
  assertStringIncludes(rows[2]!, "detect=ssh, after 8 bytes");
});

Deno.test("an exchange that goes wrong is marked, and the demonstration fails", async () => {
  const out: string[] = [];
  const [http] = demoExchanges;
  const exchanges = [{ ...http!, answer: "Hello from somebody else" }, { ...http!, backend: "ssh" }, http!];
  assert(!await runDemo({ once: true, host: { out: (text) => out.push(text) }, exchanges }));
  const marks = out.at(-1)!.split("\n").slice(1).map((row) => row.split(" ", 1)[0]);
  assertEquals(marks, ["FAILED", "FAILED", "ok"]);
});

Deno.test("demo --once needs few permissions, ends with status 0, and finds a port where 8080 is taken", async () => {
  using _taken = takePort(8080);
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--cached-only", ...PERMISSIONS, main, "demo", "--", "--once"],
  }).output();
  assertEquals(code, 0);
  const [notice, heading] = new TextDecoder().decode(stdout).split("\n");
  const port = /^Port 8080 is taken: this is port (\d+)\.$/.exec(notice!)?.[1];
  assertEquals(heading, `One port, 127.0.0.1:${port} over TCP and UDP, and 6 services behind it:`);
});

Deno.test("the demonstration goes on until it is interrupted", async () => {
  await using demo = await startProgram("deno", {
    args: ["run", "--quiet", "--cached-only", ...PERMISSIONS, main, "demo"],
    ready: /pmmux -p '!:\d+'/,
    stopSignal: "SIGINT",
  });
  const port = Number(/curl http:\/\/127\.0\.0\.1:(\d+)/.exec(demo.output)![1]);
  const request = "GET /by-hand HTTP/1.1\r\nHost: me\r\nConnection: close\r\n\r\n";
  const answer = new TextDecoder().decode(await exchange(port, new TextEncoder().encode(request)));
  assertStringIncludes(answer, "Hello from web: GET /by-hand for me\n");
  await eventually(() => demo.output.includes("connection closed"), { what: "a log line" });
  demo.kill("SIGINT");
  assertEquals((await demo.status).code, 0);
});

Deno.test({
  name: "a port that is none is a fault of the command line",
  permissions: "none",
  async fn() {
    const { status, err } = await pmmux(["demo", "--port", "65536"]);
    assertEquals(status, 2);
    assertStringIncludes(err, 'command line: --port: "65536" is not a port from 1 to 65535');
  },
});

Deno.test("a port that is asked for has to be free", async () => {
  using taken = takePort(0);
  const { status, err } = await pmmux(["demo", "--once", "--port", `${taken.port}`]);
  assertEquals(status, 1);
  assertStringIncludes(err, "the port is taken by another program");
});

/** Makes sure that somebody listens on a port; another program may. */
function takePort(port: number): Disposable & { readonly port: number } {
  try {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    return { port: listener.addr.port, [Symbol.dispose]: () => listener.close() };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return { port, [Symbol.dispose]: () => {} };
    throw error;
  }
}
