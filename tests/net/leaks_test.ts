import { assertEquals } from "@std/assert";
import { readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { countFds } from "../support/fds.ts";
import { freePort } from "../support/ports.ts";
import { startEchoServer, startUdpEchoServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { blackHole } from "./black_hole.ts";
import { startMultiplexer, TCP, UDP } from "./harness.ts";
import { resetAtFirstByte, startResettingServer } from "./resetting.ts";
import { UdpClient } from "./udp_client.ts";

const ROUNDS = 30;

/** Sends a first line, and reads until the end. */
async function talk(port: number, text: string): Promise<void> {
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(client, bytesOf(text));
  await client.closeWrite();
  await readAll(client).catch(() => {});
}

/** Says nothing, and goes away. */
async function leave(port: number): Promise<void> {
  using _client = await Deno.connect({ hostname: "127.0.0.1", port });
  await Promise.resolve();
}

/** Hangs up in the middle of an answer. */
async function hangUp(port: number): Promise<void> {
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(client, bytesOf(`echo ${"x".repeat(100_000)}`));
  await readExactly(client, 1);
}

Deno.test("leaks: hundreds of connections and sessions of every kind leave no descriptor behind", async () => {
  await using echo = startEchoServer();
  await using udpEcho = startUdpEchoServer();
  await using resetting = await startResettingServer("x");
  await using hole = await blackHole();
  const to = (name: string, port: number, word: string) =>
    `${name}:pass:target.ip=127.0.0.1,target.port=${port},payload=${word},passive-failures=0`;
  await using pmmux = await startMultiplexer({
    backends: [
      to("echo", echo.port, "echo"),
      to("reset", resetting.port, "reset"),
      to("dead", freePort(), "(dead|next)"),
      to("hole", hole.port, "hole"),
      to("next", echo.port, "next"),
      "nobody:noop:payload=noop",
      `udp:pass:target.ip=127.0.0.1,target.port=${udpEcho.port},"property[socket.type]"=dgram`,
    ],
    bindings: [TCP, UDP],
    silenceTimeout: 1000,
    connectTimeout: 1000,
    maxUdpSessions: 5,
    udpSessionTimeout: 1500,
  });
  const { port } = pmmux;
  const udp = { port: pmmux.multiplexer.listeners[1]!.port };
  const clients = Array.from({ length: ROUNDS }, () => new UdpClient());
  const before = countFds();
  const intoTheHole = Promise.all(clients.map(() => talk(port, "hole")));
  for (const client of clients) {
    const words = ["echo", "reset", "dead", "next", "noop", "unknown"];
    await Promise.all([
      ...words.map((word) => talk(port, word)),
      leave(port),
      hangUp(port),
      resetAtFirstByte(port, bytesOf("echo")),
      client.ask(bytesOf("udp"), udp),
    ]);
  }
  await intoTheHole;
  await eventually(() => pmmux.multiplexer.connections.length === 0, { timeout: 20_000 });
  await eventually(() => countFds() <= before, { timeout: 20_000, what: "every descriptor to be closed" });
  assertEquals(
    pmmux.multiplexer.backends.map(({ activeConnections }) => activeConnections),
    Array(14).fill(0),
  );
  assertEquals(pmmux.observer.reasons.includes("internal_error"), false);
  for (const client of clients) await client[Symbol.asyncDispose]();
});
