import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { validateBackends } from "../../lib/engine/validate_backends.ts";
import { type RunningPmmux, runPmmux, startPmmux } from "../e2e/pmmux.ts";
import { exchange } from "../support/conversation.ts";
import { pmmux } from "./fake_host.ts";

const FIXTURES = new URL("../fixtures/extensions/", import.meta.url);
const fixture = (name: string) => new URL(`${name}.ts`, FIXTURES).pathname;
const FULL = fixture("full");
const LISTEN = ["-p", "!:?:tcp:bind-address=127.0.0.1"];

const permissions = { read: true, env: true } as const;

Deno.test({
  name: "CLI-32 an extension's options are in help, its commands too",
  permissions,
  async fn(): Promise<void> {
    for (const args of [["--help"], ["help"], ["help", "greet"], ["greet", "--help"], ["check", "-h"]]) {
      const { status, out } = await pmmux([...args, "-x", FULL]);
      assertEquals(status, 0);
      assertStringIncludes(out, "\nfull:\n");
      assertStringIncludes(out, "--greeting <text>");
      assertStringIncludes(out, "what to say (default: hello)");
    }
    assertStringIncludes((await pmmux(["--help", "-x", FULL])).out, "say the greeting");
    assertEquals((await pmmux(["--help"])).out.includes("greeting"), false);
  },
});

Deno.test({
  name: "CLI-32 an extension's options are in completions and in the schema",
  permissions,
  async fn(): Promise<void> {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { out } = await pmmux(["completions", shell, "-x", FULL]);
      assertStringIncludes(out, "greeting");
      assertStringIncludes(out, "greet");
    }
    const { out } = await pmmux(["schema"], { files: { "pmmux.toml": `[pmmux]\nextensions = ["${FULL}"]` } });
    assertStringIncludes(out, '"$ref": "#/$defs/option-blocked-words"');
    assertEquals((await pmmux(["schema"])).out.includes("blocked"), false);
  },
});

Deno.test({
  name:
    "CLI-32 an extension is named by the command line, the environment or the file, and so are its options",
  permissions,
  async fn(): Promise<void> {
    const files = { "pmmux.toml": `[pmmux]\nextensions = ["${FULL}"]\ngreeting = "from file"` };
    for (
      const [args, surroundings, expected] of [
        [["--greeting", "from line", "-x", FULL], {}, "from line"],
        [[], { env: { PMMUX__EXTENSIONS__0: FULL, PMMUX__GREETING: "from env" } }, "from env"],
        [[], { files }, "from file"],
        [["--greeting", "from line"], { files }, "from line"],
      ] as const
    ) {
      const { status, out, err } = await pmmux(["greet", "you", ...args], surroundings);
      assertEquals([status, out, err], [0, `${expected} you`, ""]);
    }
  },
});

Deno.test({
  name: "an extension's command answers its own exit status, and does not run with a faulty configuration",
  permissions,
  async fn(): Promise<void> {
    assertEquals((await pmmux(["greet", "-x", FULL])).status, 3);
    const { status, out, err } = await pmmux(["greet", "-x", FULL, "-q", "0", "--greting", "x"]);
    assertEquals([status, out], [2, ""]);
    assertStringIncludes(err, "pmmux: 2 errors");
    assertStringIncludes(err, "did you mean --greeting?");
  },
});

Deno.test({
  name: "without its extension, an option or a command is unknown",
  permissions,
  async fn(): Promise<void> {
    assertEquals((await pmmux(["check", "--greeting", "hi"])).status, 2);
    const { status, err } = await pmmux(["greet"]);
    assertEquals(status, 2);
    assertStringIncludes(err, '"greet" is no command');
  },
});

for (
  const [what, names, message] of [
    ["is not there", ["missing"], `cannot load extension "${fixture("missing")}": Module not found`],
    ["throws", ["throwing"], `cannot load extension "${fixture("throwing")}": out of order`],
    ["has no default export", ["nothing"], `cannot use "${fixture("nothing")}" as an extension`],
    ["has no name", ["nameless"], `cannot use "${fixture("nameless")}" as an extension`],
    ["fails to register", ["unregistered"], `"unregistered" (${fixture("unregistered")}): no licence`],
    [
      "has an option of pmmux",
      ["queue_option"],
      'two options are called "queue-length": queue-length and queue-length of extension "queue"',
    ],
    [
      "has an option of another",
      ["full", "greeting_option"],
      'two options are called "greeting": greeting of extension "full" and greeting of extension "other"',
    ],
    [
      "has a command of pmmux",
      ["check_command"],
      'two commands are called "check": one of pmmux itself and one of extension "checker"',
    ],
    ["has a protocol of another", ["full", "greet_protocol"], 'already there: extension "full" adds it'],
    ["has a protocol of pmmux", ["pass_protocol"], "protocol pass is already built in"],
  ] as const
) {
  Deno.test({
    name: `EXT-01 an extension that ${what} is one error that names it, and exit status 2`,
    permissions,
    async fn(): Promise<void> {
      const args = names.flatMap((name) => ["-x", fixture(name)]);
      for (const command of ["check", "run"]) {
        const { status, out, err } = await pmmux([command, "--no-supervisor", ...args], { validateBackends });
        assertEquals([status, out], [2, ""]);
        assertStringIncludes(err, "pmmux: 1 error\n");
        assertStringIncludes(err, message);
      }
    },
  });
}

Deno.test({
  name: "help and the version are there even if an extension is not",
  permissions,
  async fn(): Promise<void> {
    for (const word of ["--help", "help"]) {
      const { status, out, err } = await pmmux([word, "-x", fixture("missing")]);
      assertEquals(status, 0);
      assertStringIncludes(out, "Usage:");
      assertStringIncludes(err, 'note: command line: extensions[0]: cannot load extension "');
    }
    for (const args of [["--version", "-x", fixture("missing")], ["version", "-x", fixture("missing")]]) {
      const { status, out, err } = await pmmux(args);
      assertEquals([status, out], [0, `pmmux ${manifest.version}`]);
      assertStringIncludes(err, 'note: command line: extensions[0]: cannot load extension "');
    }
  },
});

Deno.test({
  name: "CLI-60 the version comes with the extensions, sorted by path, and their versions",
  permissions,
  async fn(): Promise<void> {
    const files = { "pmmux.toml": `[pmmux]\nextensions = ["${fixture("prober")}", "${FULL}"]` };
    const expected = `pmmux ${manifest.version}\nextensions:\n  ${FULL} 2.1.0\n  ${fixture("prober")}`;
    for (const args of [["version"], ["--version"], ["check", "--version"]]) {
      assertEquals(await pmmux(args, { files }), { status: 0, out: expected, err: "" });
    }
  },
});

Deno.test({
  name: "EXT-06 check knows the strategies and protocols of extensions, and what they are not called",
  permissions,
  async fn(): Promise<void> {
    const args = ["check", "-x", FULL, "-r", "last", "-b", "hello:greet:note=1"];
    assertEquals(await pmmux(args, { validateBackends }).then(({ status, err }) => [status, err]), [0, ""]);
    for (
      const [option, value, message] of [
        ["-r", "lst", 'Unknown routing strategy "lst", did you mean "last"?'],
        ["-b", "hello:greet:nte=1", 'unknown parameter "nte", did you mean "note"?'],
        ["-b", "hello:gret", 'Unknown backend protocol "gret", did you mean "greet"?'],
      ]
    ) {
      const { status, err } = await pmmux(["check", "-x", FULL, option!, value!], { validateBackends });
      assertEquals(status, 2);
      assertStringIncludes(err, message!);
    }
    const both = await pmmux(["check", "-x", FULL, "-r", "lst", "-b", "hello:gret"], { validateBackends });
    assertStringIncludes(both.err, "2 errors");
  },
});

Deno.test({
  name: "explain asks the protocols and the strategy of extensions",
  permissions,
  async fn(): Promise<void> {
    const args = ["explain", "-x", FULL, "-r", "last", "-b", "a:greet", "-b", "b:greet", "--text", "hi"];
    const { status, out } = await pmmux(args, { validateBackends });
    assertEquals(status, 0);
    assertStringIncludes(out, "goes to    b");
  },
});

Deno.test({
  name: "permissions name the extension, what it needs, what its protocols need, and that it has all of it",
  permissions,
  async fn(): Promise<void> {
    const { out } = await pmmux(["permissions", "-x", FULL, "-b", "hello:greet"]);
    assertEquals(out.split("\n").map((line) => line.replace(/ {3,}/g, "  ")), [
      "engine",
      `  read  ${FIXTURES.pathname.replace(/\/$/, "")}  extension ${FULL}`,
      "  env  GREETER  backend hello: note",
      "  sys  hostname  extension full: a name to greet with",
      "",
      `extension ${FULL} runs within the engine and has all of its permissions`,
    ]);
  },
});

const decoder = new TextDecoder();

/** What a client hears who says something; nothing if it is turned away. */
async function ask(port: number, says: string): Promise<string> {
  return decoder.decode(await exchange(port, new TextEncoder().encode(says)).catch(() => new Uint8Array()));
}

const extensionLog = { category: "extension-full" };

async function assertGreets(running: RunningPmmux): Promise<void> {
  const { port } = running;
  assertEquals(await ask(port, "hello\n"), "good day from two\n");
  assertEquals(await ask(port, "spam\n"), "");
  assertEquals(await ask(port, "throw\n"), "");
  assertEquals(await ask(port, "hello\n"), "good day from two\n");
  const refused = await running.waitForLog({ reason: "negotiation_failed" }, 2);
  assertEquals(refused.map(({ detail }) => detail), ["outer: not that word", "outer failed: asked to"]);
}

for (
  const [mode, flags] of [
    ["without a supervisor", ["--no-supervisor"]],
    ["under the supervisor", []],
    ["under the supervisor, with two workers", ["--workers", "2"]],
  ] as const
) {
  Deno.test(`an extension works ${mode}: protocol, strategy, negotiators, sink, events, options`, async () => {
    const args = ["-x", FULL, "-r", "last", "-b", "one:greet", "-b", "two:greet", "--greeting", "good day"];
    await using running = await startPmmux([...flags, ...args, "--blocked-word", "spam", ...LISTEN]);
    await assertGreets(running);
    const [line] = running.log.filter(({ message }) => message.startsWith("extension "));
    assertEquals(
      line?.message,
      `extension   full (${FULL}): protocol greet, strategy last, negotiator inner, negotiator outer, ` +
        "metric sink full-sink, option --greeting, option --blocked-word, command greet",
    );
    await running.waitForLog({ ...extensionLog, message: "hears", networkProtocol: "tcp" });
    await running.waitForLog({ ...extensionLog, message: "started", host: Deno.hostname(), backends: 2 });
    await running.waitForLog({ ...extensionLog, message: "inner", seen: "yes" });
  });
}

for (const mode of ["--supervisor", "--no-supervisor"]) {
  Deno.test(`${mode}: an unknown strategy beside an extension is one error with its place`, async () => {
    const { code, stderr } = await runPmmux([
      mode,
      "-x",
      FULL,
      "-b",
      "rest:noop",
      "-r",
      "fairest",
      ...LISTEN,
    ]);
    assertEquals([code, stderr.split("\n").length], [2, 3]);
    assertStringIncludes(stderr, 'command line: --routing-strategy: Unknown routing strategy "fairest"');
  });
}

Deno.test("the example of the documentation turns listed clients away", async () => {
  const example = new URL("../../docs/examples/blocklist.ts", import.meta.url).pathname;
  const args = ["-x", example, "--blocked-client", "127.0.0.0/8", "-b", "rest:noop", ...LISTEN];
  await using running = await startPmmux(args);
  assertEquals(await ask(running.port, "hello"), "");
  await running.waitForLog({ detail: "blocklist: 127.0.0.1 is blocked" });
});

Deno.test("an extension is ended, and its sink told once more, when pmmux stops", async () => {
  const running = await startPmmux(["-x", FULL, "-b", "one:greet", ...LISTEN]);
  await running[Symbol.asyncDispose]();
  assertEquals(running.logged({ ...extensionLog, message: "ended" }).length, 1);
  assert(running.logged({ ...extensionLog, message: "metrics" }).length > 0);
});

Deno.test("an extension that needs what it did not say is refused it in the engine, and the start fails", async () => {
  const directory = await Deno.makeTempDir();
  const file = `${directory}/nosy.ts`;
  await Deno.writeTextFile(
    file,
    `export default { name: "nosy", register: ({ onStart }) => onStart(() => void Deno.readTextFileSync("/etc/passwd")) };`,
  );
  const { code, stderr } = await runPmmux(["-x", file, "-b", "one:noop", ...LISTEN]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot start extension "nosy": Requires read access to "/etc/passwd"');
  await Deno.remove(directory, { recursive: true });
});

Deno.test("another extension in the file is loaded by a new engine, and refused without a supervisor", async () => {
  const directory = await Deno.makeTempDir();
  const file = `${directory}/pmmux.yaml`;
  const write = (...lines: string[]) =>
    Deno.writeTextFile(file, ["pmmux:", "  backends: ['rest:noop']", ...lines, ""].join("\n"));
  for (const [mode, applied] of [["--supervisor", true], ["--no-supervisor", false]] as const) {
    await write();
    await using running = await startPmmux(["-c", file, mode, ...LISTEN]);
    await write(`  extensions: ['${FULL}']`, "  greeting: welcome");
    running.kill("SIGHUP");
    if (applied) {
      await running.waitForLog({ message: "configuration applied" });
      await running.waitForLog({ ...extensionLog, message: "started" });
    } else {
      const message = "configuration not applied: " +
        "Cannot change extensions or their options while pmmux runs: start it again";
      await running.waitForLog({ message });
    }
  }
  await Deno.remove(directory, { recursive: true });
});
