import { assertEquals } from "@std/assert";
import { readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startTcpServer } from "../support/servers.ts";
import { startPmmux } from "./pmmux.ts";

const ANSWER = new Uint8Array(32 * 1024).map((_, index) => index % 251);

/** What clients do, as the numbers of connections that are made at once, one after another. */
const schedules: Readonly<Record<string, readonly number[]>> = {
  "one after another": Array(100).fill(1),
  "in bursts of ten": Array(5).fill(10),
  "fifty at once": [50],
  "more and more at once": [1, 2, 5, 10, 20],
};

Deno.test("an answer of 32 KiB to one byte always arrives, though the server closes right behind it", async (t) => {
  await using server = startTcpServer(async (connection) => {
    await readExactly(connection, 1);
    await writeAll(connection, ANSWER);
  });
  await using pmmux = await startPmmux([
    ...["-b", `target:pass:target.ip=127.0.0.1,target.port=${server.port}`],
    ...["-p", "!:?:tcp:bind-address=127.0.0.1"],
  ]);
  const ask = async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
    await writeAll(connection, Uint8Array.of(1));
    assertEquals(await readAll(connection), ANSWER);
  };
  const fds = await pmmux.settledFds();
  for (const [name, schedule] of Object.entries(schedules)) {
    await t.step(name, async () => {
      for (const count of schedule) {
        await pmmux.explain(() => Promise.all(Array.from({ length: count }, ask)));
      }
    });
  }
  await t.step("now and then", async () => {
    for (let i = 0; i < 50; i++) {
      await pmmux.explain(ask);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    }
  });
  await eventually(() => pmmux.fds <= fds);
});
