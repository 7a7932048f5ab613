import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { parseHealthCheckSpec } from "../../lib/config/health_check_spec.ts";
import { BackendLoader } from "../../lib/engine/loader.ts";
import { Multiplexer } from "../../lib/engine/multiplexer.ts";
import { backendNetwork } from "../../lib/net/backend_network.ts";
import { datagramBuffers } from "../../lib/net/datagram_buffers.ts";
import {
  type Backend,
  isConnectionBackend,
  isHealthCheckBackend,
  isMessageBackend,
} from "../../lib/routing/backend.ts";
import { BackendEntry } from "../../lib/routing/backend_entry.ts";
import type { BackendContext } from "../../lib/routing/backend_module.ts";
import { createGuestModule, type GuestModuleOptions } from "../../lib/sandbox/host.ts";
import { exchange } from "../support/conversation.ts";
import { countFds } from "../support/fds.ts";
import { eventually } from "../support/eventually.ts";
import { type RecordingLogger, recordingLogger } from "../telemetry/recording_logger.ts";
import { deadlinesPassed, hostGuests, QUICK_PAUSES } from "./hosting.ts";

const FIXTURES = new URL("../fixtures/guests/", import.meta.url);
const MODES = ["process", "worker"] as const;

interface Built extends AsyncDisposable {
  readonly backend: Backend;
  readonly logger: RecordingLogger;
  readonly counted: Map<string, number>;
  /** Log lines: level, category and message. */
  lines(): string[];
}

/** Loads modules among the fixtures as guests. */
function guestLoader(): BackendLoader {
  const directory = FIXTURES.pathname;
  return new BackendLoader({
    base: FIXTURES.href,
    foreign: (protocol) => createGuestModule(protocol, { directory, pauses: QUICK_PAUSES }),
  });
}

/** Builds a backend as the core does. */
async function build(
  file: string,
  parameters: Readonly<Record<string, string>> = {},
  options: Partial<GuestModuleOptions> = {},
): Promise<Built> {
  const url = new URL(file, FIXTURES).href;
  const logger = recordingLogger();
  const counted = new Map<string, number>();
  const context: BackendContext = {
    logger,
    net: backendNetwork,
    buffers: datagramBuffers,
    metrics: {
      count: (name, by = 1) => void counted.set(name, (counted.get(name) ?? 0) + by),
      gauge: (name, value) => void counted.set(name, value),
    },
  };
  const module = createGuestModule(url, { directory: "/", pauses: QUICK_PAUSES, ...options });
  const backend = await module.createBackend({ name: "it", protocol: url, parameters }, context);
  return {
    backend,
    logger,
    counted,
    lines: () =>
      logger.records.map((it) => `${it.level} ${it.category} ${it.message} ${JSON.stringify(it.fields)}`),
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      await deadlinesPassed();
    },
  };
}

/** What building fails with. */
async function failure(...args: Parameters<typeof build>): Promise<string> {
  const error = await assertRejects(() => build(...args));
  await deadlinesPassed();
  return (error as Error).message;
}

async function sha256(url: URL): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(url));
  return `sha256-${new Uint8Array(hash).toBase64()}`;
}

function children(): string {
  return [...Deno.readDirSync("/proc/self/task")]
    .map(({ name }) => Deno.readTextFileSync(`/proc/self/task/${name}/children`)).join(" ").trim();
}

for (const isolation of MODES) {
  Deno.test(`host, isolation=${isolation}: a backend has what the guest's has`, async () => {
    await using built = await build("reporting.ts", { isolation, greeting: "hi", "remote-ip": "10.0.0.0/8" });
    const { backend } = built;
    assertEquals([isConnectionBackend(backend), isMessageBackend(backend), isHealthCheckBackend(backend)], [
      true,
      false,
      true,
    ]);
    assertEquals(backend.info.properties, { greeting: "hi" });
    assertEquals(backend.info.priorityTier, "vip");
    assertEquals(backend.info.spec.parameters["remote-ip"], "10.0.0.0/8");
  });

  Deno.test(`host, isolation=${isolation}: the spec's priority goes before the module's`, async () => {
    await using built = await build("reporting.ts", { isolation, priority: "fallback" });
    assertEquals(built.backend.info.priorityTier, "fallback");
    assertMatch(await failure("reporting.ts", { isolation, priority: "first" }), /priority is "first"/);
  });

  Deno.test(`host, isolation=${isolation}: what a guest logs is logged as its own`, async () => {
    await using built = await build("reporting.ts", { isolation, greeting: "hi", env: "NO_SUCH_VARIABLE" });
    const lines = await eventually(() => built.lines().length > 3 && built.lines());
    const expected = [
      'debug guest created {"parameters":"greeting"}',
      'warn guest a child speaks {"from":"child","error":"reason","count":3,"category":"inner"}',
      "info guest on the %s console { a: 1 } {}",
    ];
    for (const line of expected) assert(lines.includes(line), `${line} in\n${lines.join("\n")}`);
  });

  Deno.test(`host, isolation=${isolation}: what a guest counts is counted`, async () => {
    const built = await build("reporting.ts", { isolation });
    await built[Symbol.asyncDispose]();
    assertEquals(Object.fromEntries(built.counted), { starts: 3, level: 7 });
    assert(built.lines().includes("info guest disposed {}"));
  });

  Deno.test(`host, isolation=${isolation}: a guest is asked for its health`, async () => {
    await using built = await build("reporting.ts", { isolation });
    assert(isHealthCheckBackend(built.backend));
    const { signal } = new AbortController();
    assertEquals(await built.backend.healthCheck("tcp", { word: "x" }, signal), {
      healthy: true,
      reason: "tcp x",
    });
    assertEquals((await built.backend.healthCheck("udp", { word: "y" }, signal)).healthy, false);
  });

  Deno.test(`host, isolation=${isolation}: a module may not load what it was not granted to read`, async () => {
    assertMatch(await failure("with_import.ts", { isolation }), /Requires read access to ".*imported.ts"/);
    const read = new URL("imported.ts", FIXTURES).pathname;
    await using built = await build("with_import.ts", { isolation, read });
    assertEquals(built.backend.info.properties, { answer: "42" });
  });

  Deno.test(`host, isolation=${isolation}: a pinned module is the one that was pinned`, async () => {
    const integrity = await sha256(new URL("reporting.ts", FIXTURES));
    await using built = await build("reporting.ts", { isolation, integrity, greeting: "pinned" });
    assertEquals(built.backend.info.properties, { greeting: "pinned" });
    assertMatch(
      await failure("dial.ts", { isolation, integrity }),
      /Cannot use backend "it": integrity is not that of file:.*dial.ts, which has sha256-[0-9a-f]{64}/,
    );
  });

  Deno.test(`host, isolation=${isolation}: a pinned module has no relatives`, async () => {
    const integrity = await sha256(new URL("with_import.ts", FIXTURES));
    assertMatch(
      await failure("with_import.ts", { isolation, integrity, read: "/" }),
      /A pinned module can import absolute/,
    );
  });

  Deno.test(`host, isolation=${isolation}: a module that cannot be loaded is told with its reason`, async () => {
    assertMatch(
      await failure("no_such_file.ts", { isolation }),
      /Cannot use backend "it": .*no_such_file\.ts/,
    );
    assertMatch(
      await failure("imported.ts", { isolation }),
      /its default export has no createBackend function/,
    );
  });

  Deno.test(`host, isolation=${isolation}: a module can come from elsewhere`, async () => {
    const source = await Deno.readTextFile(new URL("../../docs/examples/echo.ts", import.meta.url));
    const headers = { "content-type": "application/typescript" };
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response(source, { headers }),
    );
    // What a Worker of this process imports over the network would end up in the lockfile.
    const module = isolation === "worker"
      ? `data:application/typescript,${encodeURIComponent(source)}`
      : `http://127.0.0.1:${server.addr.port}/echo.ts`;
    const spec = { name: "remote", module, parameters: { isolation, prefix: "from afar: " } };
    {
      await using hosting = await hostGuests([spec]);
      const answer = await exchange(hosting.port("remote"), new TextEncoder().encode("hello"));
      assertEquals(new TextDecoder().decode(answer), "from afar: hello");
    }
    await server.shutdown();
  });
}

for (const isolation of [...MODES, "none"]) {
  Deno.test(`host, isolation=${isolation}: the matchers of a module hold for all its backends`, async () => {
    const loader = guestLoader();
    const spec = parseBackendSpec(`it:./matching.ts:isolation=${isolation}`);
    await using multiplexer = new Multiplexer({ backends: [spec] }, { loader });
    await multiplexer.start();
    const [entry] = multiplexer.backends;
    assert(entry instanceof BackendEntry);
    assertEquals(entry.matchers.map(({ key, value }) => [key, value]), [["detect", "ssh"], [
      "local-port",
      "22",
    ]]);
  });
}

for (const isolation of [...MODES, "none"]) {
  Deno.test(`host, isolation=${isolation}: a health check has the parameters that the module knows`, async () => {
    const loader = guestLoader();
    const backends = [parseBackendSpec(`it:./checked.ts:isolation=${isolation}`)];
    const start = async (check: string) => {
      await using multiplexer = new Multiplexer(
        { backends, healthChecks: [parseHealthCheckSpec(check)] },
        { loader },
      );
      await multiplexer.start();
    };
    await start(":it:path=/up");
    await assertRejects(() => start(":it:pth=/up"), Error, 'unknown parameter "pth", did you mean "path"?');
  });
}

Deno.test("host: what a process writes to its output is logged as its own", async () => {
  await using built = await build("reporting.ts");
  const line = 'info guest on the standard output {"output":true}';
  await eventually(() => built.lines().includes(line), { what: line });
});

Deno.test("host: a variable can be read only if it was granted", async () => {
  await using built = await build("environment.ts", { env: "HOME" });
  assertEquals(built.backend.info.properties, { HOME: Deno.env.get("HOME")!, PATH: "refused" });
});

Deno.test("host: a backend that is disposed of leaves no process behind", async () => {
  const before = children();
  const built = await build("reporting.ts");
  assert(children() !== before);
  await built[Symbol.asyncDispose]();
  assertEquals(children(), before);
});

Deno.test("host: guests come and go without leaving anything open", async () => {
  for (const isolation of MODES) await (await build("reporting.ts", { isolation }))[Symbol.asyncDispose]();
  const before = countFds();
  for (let round = 0; round < 5; round++) {
    for (const isolation of MODES) await (await build("reporting.ts", { isolation }))[Symbol.asyncDispose]();
  }
  await eventually(() => countFds() <= before, { what: `${countFds()} descriptors to be ${before}` });
});

Deno.test("host: a task that is not there is told", async () => {
  assertMatch(
    await failure("reporting.ts", { isolation: "task:missing" }, { directory: FIXTURES.pathname }),
    /Cannot start the guest of backend "it": it ended with status 1: Task not found: missing \(pmmux permissions/,
  );
});

Deno.test("host: without isolation the module runs here, and that is said", async () => {
  await using built = await build("reporting.ts", { isolation: "none", greeting: "hi", net: "127.0.0.1:1" });
  assertEquals(built.backend.info.spec.parameters, { greeting: "hi" });
  assertMatch(built.lines()[0]!, /^warn test module runs inside pmmux, without isolation/);
});

Deno.test("host: a Worker's limits are said", async () => {
  await using built = await build("reporting.ts", { isolation: "worker" });
  assertMatch(built.lines()[0]!, /^warn test guest runs as a Worker: .*isolation=process prevents that/);
});

Deno.test("host: a parameter that the module does not know is refused", async () => {
  const checkParameters: GuestModuleOptions["checkParameters"] = (spec, { parameters }) => {
    const unknown = Object.keys(spec.parameters).find((name) => !parameters?.includes(name));
    if (unknown !== undefined) throw new Error(`unknown parameter "${unknown}"`);
  };
  const message = await failure("reporting.ts", { greting: "hi", net: "127.0.0.1:1" }, { checkParameters });
  assertEquals(message, 'Cannot use backend "it": unknown parameter "greting"');
});

for (const [kind, missing] of Object.entries({ run: /may not run .*--allow-run=/, write: /--allow-write/ })) {
  Deno.test({
    name: `host: a process that may not start others, for want of ${kind}, says so`,
    permissions: { net: true, read: true, write: true, env: true, run: true, [kind]: false },
    async fn() {
      const message = await failure("reporting.ts");
      assertMatch(
        message,
        /^Cannot start the guest of backend "it": this process may not .*isolation=worker/,
      );
      assertMatch(message, missing);
    },
  });
}

Deno.test("host: what a module lacks is told as what would grant it", async () => {
  const message = await failure("with_import.ts");
  assertMatch(message, /Requires read access to ".*imported.ts", which read= of its backend grants/);
});

Deno.test("host: a guest that crashed is Unhealthy until it runs again", async () => {
  const module = new URL("misbehaving.ts", FIXTURES).href;
  await using hosting = await hostGuests([{ name: "it", module, parameters: {} }]);
  const states: string[] = [];
  hosting.multiplexer.events.on("healthChanged", ({ backend: { health } }) => {
    states.push(`${health.state} ${health.reason ?? ""}`);
  });
  const say = (text: string) => exchange(hosting.port("it"), new TextEncoder().encode(`${text}\n`));
  await say("go exit with a status");
  await eventually(() => states.length === 2);
  assertEquals(states, ["Unhealthy its guest ended: it ended with status 7", "Unknown "]);
  assertEquals(new TextDecoder().decode(await say("hello")), "fine");
});
