import { assertEquals, assertStringIncludes } from "@std/assert";
import { accepts, freePort } from "../support/ports.ts";
import { startPmmux } from "./pmmux.ts";

/** The socket on which a service manager is told how its services are. */
class NotifySocket implements Disposable {
  readonly path = `${Deno.makeTempDirSync()}/notify`;
  readonly #socket = Deno.listenDatagram({ transport: "unixpacket", path: this.path });

  /** The next state that is told; rejects if none is within 15 seconds. */
  async next(): Promise<string> {
    const timer = setTimeout(() => this.#socket.close(), 15_000);
    const [message] = await this.#socket.receive(new Uint8Array(4096));
    clearTimeout(timer);
    return new TextDecoder().decode(message);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
    Deno.removeSync(this.path.replace(/\/[^/]*$/, ""), { recursive: true });
  }
}

const leftovers = () => [...Deno.readDirSync(tmp())].filter(({ name }) => name.startsWith("pmmux-notify-"));
const tmp = () => Deno.env.get("TMPDIR") ?? "/tmp";

for (const mode of [[], ["--no-supervisor"]]) {
  Deno.test(`CLI-59: the service manager learns when ${["pmmux", ...mode].join(" ")} is ready, and when it stops`, async () => {
    using socket = new NotifySocket();
    const port = freePort();
    const ready = socket.next().then(async (state) => ({ state, accepting: await accepts(port) }));
    await using pmmux = await startPmmux(
      ["-b", "web:noop:", "-p", `!:${port}:tcp:bind-address=127.0.0.1`, ...mode],
      { env: { NOTIFY_SOCKET: socket.path } },
    );
    assertEquals(await ready, { state: "READY=1", accepting: true });
    const stopping = socket.next();
    await pmmux.stop();
    assertEquals(await stopping, "STOPPING=1");
    assertEquals(leftovers(), []);
  });
}

Deno.test("a service manager that cannot be told costs one line of the log, and no traffic", async () => {
  for (const path of ["/nonexistent/notify", "@abstract"]) {
    await using pmmux = await startPmmux(["-b", "web:noop:", "-p", "!:?:tcp:bind-address=127.0.0.1"], {
      env: { NOTIFY_SOCKET: path },
    });
    const [line] = await pmmux.waitForLog({ message: "the service manager cannot be told" });
    assertEquals(line!.level, "warn");
    assertStringIncludes(`${line!.socket}`, path);
    assertEquals(await accepts(pmmux.port), true);
  }
});

Deno.test("the service manager cannot be reached by an engine", async () => {
  using socket = new NotifySocket();
  await using pmmux = await startPmmux(["-b", "web:noop:", "-p", "!:?:tcp:bind-address=127.0.0.1"], {
    env: { NOTIFY_SOCKET: socket.path },
  });
  const environment = Deno.readTextFileSync(`/proc/${pmmux.enginePid}/environ`);
  assertEquals(environment.includes("NOTIFY_SOCKET"), false);
});
