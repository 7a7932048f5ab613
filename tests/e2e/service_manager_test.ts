import { assertEquals } from "@std/assert";
import { accepts, freePort } from "../support/ports.ts";
import { startPmmux } from "./pmmux.ts";

/** The socket on which a service manager is told how its services are. */
class NotifySocket implements Disposable {
  readonly directory = Deno.makeTempDirSync();
  readonly path = `${this.directory}/notify`;
  readonly #socket = Deno.listenDatagram({ transport: "unixpacket", path: this.path });

  /** The next state that is told; rejects if none is within 15 seconds. */
  async next(): Promise<string> {
    const timer = setTimeout(() => this.#socket.close(), 15_000);
    const [message] = await this.#socket.receive(new Uint8Array(4096));
    clearTimeout(timer);
    return new TextDecoder().decode(message);
  }

  /** Sends to itself as much as its queue takes. */
  async fill(): Promise<void> {
    const length = Number(Deno.readTextFileSync("/proc/sys/net/unix/max_dgram_qlen"));
    const sender = Deno.listenDatagram({ transport: "unixpacket", path: `${this.directory}/sender` });
    for (let sent = 0; sent <= length; sent++) {
      await sender.send(new Uint8Array(1), { transport: "unixpacket", path: this.path });
    }
    sender.close();
  }

  [Symbol.dispose](): void {
    this.#socket.close();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

for (const mode of [[], ["--no-supervisor"]]) {
  Deno.test(`CLI-59: the service manager learns when ${["pmmux", ...mode].join(" ")} is ready, and when it stops`, async () => {
    using socket = new NotifySocket();
    const port = freePort();
    const ready = socket.next().then(async (state) => ({ state, accepting: await accepts(port) }));
    await using pmmux = await startPmmux(
      ["-b", "web:noop:", "-p", `!:${port}:tcp:bind-address=127.0.0.1`, ...mode],
      { env: { NOTIFY_SOCKET: socket.path, TMPDIR: socket.directory } },
    );
    assertEquals(await ready, { state: "READY=1", accepting: true });
    const stopping = socket.next();
    await pmmux.stop();
    assertEquals(await stopping, "STOPPING=1");
    assertEquals([...Deno.readDirSync(socket.directory)].map(({ name }) => name), ["notify"]);
  });
}

Deno.test("a service manager that cannot be told costs one line of the log, and no traffic", async () => {
  for (const path of ["/nonexistent/notify", "@abstract"]) {
    await using pmmux = await startPmmux(["-b", "web:noop:", "-p", "!:?:tcp:bind-address=127.0.0.1"], {
      env: { NOTIFY_SOCKET: path },
    });
    const message = "the service manager cannot be told";
    await pmmux.waitForLog({ message });
    assertEquals(await accepts(pmmux.port), true);
    await pmmux.stop();
    assertEquals(pmmux.logged({ message }).map(({ level, socket }) => [level, socket]), [["warn", path]]);
  }
});

Deno.test("a service manager that reads nothing does not keep pmmux from ending", async () => {
  using socket = new NotifySocket();
  await socket.fill();
  await using pmmux = await startPmmux(["-b", "web:noop:", "-p", "!:?:tcp:bind-address=127.0.0.1"], {
    env: { NOTIFY_SOCKET: socket.path },
  });
  await pmmux.waitForLog({ message: "the service manager cannot be told" });
  await pmmux.stop();
});

Deno.test("the service manager cannot be reached by an engine", async () => {
  using socket = new NotifySocket();
  await using pmmux = await startPmmux(["-b", "web:noop:", "-p", "!:?:tcp:bind-address=127.0.0.1"], {
    env: { NOTIFY_SOCKET: socket.path },
  });
  const environment = Deno.readTextFileSync(`/proc/${pmmux.enginePid}/environ`);
  assertEquals(environment.includes("NOTIFY_SOCKET"), false);
});
