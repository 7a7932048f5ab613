import { assert, assertEquals } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { startEchoServer } from "../support/servers.ts";
import { startPmmux } from "./pmmux.ts";
import { startLoad } from "./reload_load.ts";
import { TempDirectory } from "./services/temp_directory.ts";

const RELOADS = 200;
/** New connections between two reloads, at least: enough for their loss to be told from chance. */
const BETWEEN = 400;
/** One of so many connections that come while an engine stops listening may be lost. */
const MOST_LOST = 1 / 10_000;

Deno.test(`${RELOADS} reloads under load, alternately wider and narrower, break no connection that is kept`, async () => {
  await using server = startEchoServer();
  using directory = new TempDirectory();
  const port = freePort();
  const web = `web:pass:target.ip=127.0.0.1,target.port=${server.port}`;
  /** Each odd one needs a permission that none before it did. */
  const write = (turn: number) =>
    directory.write(
      "pmmux.yaml",
      [
        "pmmux:",
        `  backends: ${
          JSON.stringify(turn % 2 === 0 ? [web] : [web, `db:pass:target.path=/run/${turn}.sock`])
        }`,
        `  port-bindings: ["!:${port}:tcp:bind-address=127.0.0.1"]`,
        "  workers: 2",
        "  drain-timeout: 3600000",
        "",
      ].join("\n"),
    );
  await using pmmux = await startPmmux(["-c", write(0)]);
  const load = await startLoad(port, { kept: 8, coming: 8 });
  for (let turn = 1; turn <= RELOADS; turn++) {
    write(turn);
    pmmux.kill("SIGHUP");
    await pmmux.waitForLog({ message: "configuration applied" }, turn);
    await eventually(() => load.counts.coming > turn * BETWEEN, { timeout: 60_000, what: "clients to come" });
  }
  await load.stop();
  const { kept, coming, broken, lost } = load.counts;
  assertEquals(broken, []);
  assert(kept > RELOADS, `only ${kept} exchanges on kept connections`);
  assert(lost.length <= coming * MOST_LOST, `${lost.length} of ${coming} were lost: ${lost[0]}`);
});
