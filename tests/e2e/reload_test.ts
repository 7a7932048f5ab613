import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { startEchoServer, startGreetingServer, type TestServer } from "../support/servers.ts";
import { type RunningPmmux, startPmmux } from "./pmmux.ts";
import { TempDirectory } from "./services/temp_directory.ts";

const HELLO = new TextEncoder().encode("hello");

/** How pmmux is told that its file has changed. */
interface Trigger {
  readonly options: readonly string[];
  readonly notify: (pmmux: RunningPmmux) => void;
}

const triggers: Readonly<Record<string, Trigger>> = {
  "SIGHUP": { options: [], notify: (pmmux) => pmmux.kill("SIGHUP") },
  "--watch": { options: ["--watch"], notify: () => {} },
};

function fileOf(port: number, backends: Readonly<Record<string, TestServer>>): string {
  const specs = Object.entries(backends).map(([name, target]) =>
    `"${name}:pass:target.ip=127.0.0.1,target.port=${target.port}"`
  );
  const bindings = `port-bindings = ["!:${port}:tcp:bind-address=127.0.0.1"]`;
  return `[pmmux]\nbackends = [${specs.join(", ")}]\n${bindings}\n`;
}

/** What a server that speaks first says through pmmux. */
async function greeting(port: number): Promise<string> {
  return new TextDecoder().decode(await exchange(port, new Uint8Array()));
}

for (const mode of ["--supervisor", "--no-supervisor"]) {
  Deno.test(`${mode}: a reload tells what is worth knowing about the new configuration`, async () => {
    using directory = new TempDirectory();
    await using echo = startEchoServer();
    const port = freePort();
    const path = directory.write("pmmux.toml", fileOf(port, { echo }));
    await using pmmux = await startPmmux([mode, "-c", path]);
    const text = fileOf(port, { echo }).replace(`!:${port}`, `8443:${port}`);
    directory.write("pmmux.toml", `${text}extensions = ["Pmmux.Extensions.Http.dll"]`);
    pmmux.kill("SIGHUP");
    await pmmux.waitForLog({ message: "configuration applied" });
    await pmmux.waitForLog({ level: "warn", "public-ports": "8443" });
    await pmmux.waitForLog({ level: "warn", source: `${path}: extensions[0]` });
  });
}

Deno.test("--no-supervisor: more workers are not told to be applied, but that they need the supervisor", async () => {
  using directory = new TempDirectory();
  await using echo = startEchoServer();
  const port = freePort();
  const path = directory.write("pmmux.toml", fileOf(port, { echo }));
  await using pmmux = await startPmmux(["--no-supervisor", "-c", path]);
  directory.write("pmmux.toml", fileOf(port, { echo }) + "workers = 3\nmax-connections = 9");
  pmmux.kill("SIGHUP");
  const [line] = await pmmux.waitForLog({ message: "configuration applied" });
  assertEquals(line?.options, "max-connections");
  await pmmux.waitForLog({ level: "warn", message: "there is one worker: more of them need the supervisor" });
});

for (const mode of ["--supervisor", "--no-supervisor"]) {
  for (const [name, { options, notify }] of Object.entries(triggers)) {
    Deno.test(`${mode}: a changed file is applied by ${name}, and a wrong one changes nothing`, async () => {
      const port = freePort();
      using directory = new TempDirectory();
      await using echo = startEchoServer();
      await using one = startGreetingServer("one");
      await using two = startGreetingServer("two");
      const path = directory.write("pmmux.toml", fileOf(port, { echo, one, two }));
      await using pmmux = await startPmmux([mode, "-c", path, ...options]);
      using lasting = await Deno.connect({ hostname: "127.0.0.1", port });
      const assertLasting = async () => {
        await writeAll(lasting, HELLO);
        assertEquals(await readExactly(lasting, HELLO.length), HELLO);
      };
      await pmmux.explain(async () => {
        await assertLasting();

        directory.write("pmmux.toml", fileOf(port, { one, echo, two }));
        notify(pmmux);
        await pmmux.waitForLog({ message: "configuration applied" });
        assertEquals(await greeting(port), "one");

        directory.write("pmmux.toml", "[pmmux]\nbackends = [\n");
        notify(pmmux);
        const [line] = await pmmux.waitForLog({ level: "error" });
        assertStringIncludes(line!.message, "configuration not applied");
        assertMatch(line!.message, /pmmux\.toml.*line \d+, column \d+/);
        assertEquals(await greeting(port), "one");

        // Editors write a new file and put it in the place of the old one.
        Deno.renameSync(directory.write("pmmux.toml~", fileOf(port, { two, one, echo })), path);
        notify(pmmux);
        await pmmux.waitForLog({ message: "configuration applied" }, 2);
        assertEquals(await greeting(port), "two");

        directory.write("pmmux.toml", fileOf(port, { two, one }) + "max-connections = 9");
        notify(pmmux);
        await pmmux.waitForLog({
          message: "configuration applied",
          backends: "-echo",
          options: "max-connections",
        });
        await assertLasting();

        Deno.removeSync(path);
        if (options.length === 0) {
          notify(pmmux);
          await pmmux.waitForLog({ level: "error" }, 2);
        }
        assertEquals(await greeting(port), "two");
        await assertLasting();
      });
    });
  }

  Deno.test(`${mode}: what comes while pmmux stops changes nothing, and its end is not told of health`, async () => {
    using directory = new TempDirectory();
    await using echo = startEchoServer();
    const check = `health-checks = ["pass:interval=60000,recovery-threshold=1"]\n`;
    const path = directory.write("pmmux.toml", fileOf(freePort(), { echo }) + check);
    await using pmmux = await startPmmux([mode, "-c", path, "--watch"]);
    await pmmux.waitForLog({ message: "backend health", to: "Healthy" });
    const lasting = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
    await writeAll(lasting, HELLO);
    assertEquals(await readExactly(lasting, HELLO.length), HELLO);
    const stopped = pmmux.stop();
    await eventually(() => pmmux.log.some(({ message }) => message.startsWith("stopping")));
    directory.write("pmmux.toml", "[pmmux]\nbackends = [\n");
    pmmux.kill("SIGHUP");
    await new Promise((resolve) => setTimeout(resolve, 300));
    lasting.close();
    await stopped;
    assertEquals(pmmux.logged({ level: "error" }), []);
    assertEquals(pmmux.logged({ message: "backend health" }).length, 1);
  });
}
