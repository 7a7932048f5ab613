import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { exchange } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startEchoServer } from "../support/servers.ts";
import {
  deadlinesPassed,
  type GuestBackendSpec,
  hostGuests,
  type Hosting,
  taskDirectory,
} from "./hosting.ts";
import { startTransfer, type Transfer } from "./transfer.ts";

const MODULE = import.meta.resolve("../fixtures/guests/misbehaving.ts");
/** A guest without a sign of life for so long is ended. */
const SILENCE_MS = 1500;
/**
 * The longest that another backend's transfer may stand still, on a machine that is busy with the harm. A
 * Worker's messages go through the same event loop.
 */
const STANDSTILL_MS = { process: 2000, worker: 6000 };

type Mode = "process" | "worker";
const BOTH: readonly Mode[] = ["process", "worker"];
const ISOLATIONS = ["process", "worker", "task:guest:hostile"] as const;
type Isolation = typeof ISOLATIONS[number];

/** What a guest is, however it was started. */
function modeOf(isolation: Isolation): Mode {
  return isolation === "worker" ? "worker" : "process";
}

/** What a harm leads to. */
interface Expectation {
  readonly modes?: readonly Mode[];
  /** Why the guest ended, if it must. */
  readonly ends?: RegExp;
  /** What the log says. */
  readonly logs?: RegExp;
  /** How often it is done at once. */
  readonly times?: number;
  /** What the client is told; nothing unless given, and anything where it depends on who is faster. */
  readonly told?: string;
  /** What it leads to in a Worker, if that is something else. */
  readonly inWorker?: Expectation;
}

/** What would end more than a Worker is taken away from it. */
const NOT_THERE: Expectation = { logs: /is not there for a guest in a Worker/ };
/** A task ends as what it has started does, with a status of its own. */
const KILLED = /ended by SIGKILL|status 137/;
const SILENT = /no sign of life/;
const FLOODED = /flooded its host/;
const DID_NOT_ANSWER = /guest did not answer within/;

const harms: Record<string, Expectation> = {
  // A Worker that does one of these can be neither ended nor bounded: see the test of its own.
  "endless loop": { modes: ["process"], ends: SILENT, logs: DID_NOT_ANSWER },
  "promise flood": { modes: ["process"], ends: /no sign of life|bytes of memory/ },
  "endless recursion": { logs: /guest failed to judge.*call stack/ },
  "never a verdict": { logs: DID_NOT_ANSWER },
  "never a verdict, often": { ends: /failed to do too many things in time/, times: 12 },
  "a verdict that is none": { logs: /frame that is ignored|guest failed to judge/ },
  "throws in a verdict": { logs: /guest failed to judge.*harm in a verdict/ },
  "throws what is no error": { logs: /guest failed to judge/ },
  "exit": { ends: /status 0/, inWorker: NOT_THERE },
  "exit with a status": { ends: /status 7/, inWorker: NOT_THERE },
  "exit as node does": { ends: /status 0/, inWorker: NOT_THERE },
  "close": { modes: ["worker"], ...NOT_THERE },
  "kill itself": { ends: KILLED, inWorker: NOT_THERE },
  "kill itself as node does": { ends: KILLED, inWorker: NOT_THERE },
  "abort": { ends: /ended/, inWorker: NOT_THERE },
  "log flood": { told: "fine", logs: /guest logs too much/ },
  "console flood": { told: "fine", logs: /guest logs too much/ },
  "output flood": { modes: ["process"], told: "anything", logs: /guest logs too much/ },
  "frame flood": { told: "anything", ends: FLOODED, logs: /frame that is ignored/ },
  "message flood": {
    modes: ["worker"],
    told: "anything",
    ends: FLOODED,
    logs: /frame that is ignored/,
  },
  "messages of all kinds": { modes: ["worker"], ends: /message that is no ArrayBuffer/ },
  "a message of 64 MiB": { ends: /A frame of 0 bytes/ },
  "forged frames": { told: "anything", logs: /frame that is ignored/ },
  "a frame of negative length": { ends: /A frame of 4294967295 bytes/ },
  "a frame as long as they get": { ends: /no sign of life|no frame of kind 255/ },
  "a head longer than its frame": { ends: /head of a .+ frame is 4294967295 bytes/ },
  "a frame of no known kind": { ends: /There is no frame of kind 200/ },
  "a frame that is detached": { told: "fine", inWorker: { logs: /guest failed to judge.*detached/ } },
  "unhandled rejection": { told: "fine", logs: /unhandled rejection.*nobody handles this/ },
  "uncaught error": { told: "fine", logs: /uncaught error.*nobody catches this/ },
  "heap balloon": { modes: ["process"], ends: /heap|memory|SIG|status/ },
  "buffer balloon": { modes: ["process"], ends: /it used \d+ bytes of memory/ },
  "prototype pollution": { told: "fine", logs: /pollution.*"polluted":"x"/ },
  "changes what the program is made of": { ends: /A frame of 0 bytes|no sign of life/ },
  "throws in connect": { logs: /harm in connect/ },
  "never an answer": {},
  "an answer that is none": { logs: /./ },
  "a dial of nonsense": { logs: /frame that is ignored/ },
  "a dial with a head of 10 MiB": { logs: /Cannot encode/ },
  "reads more than there is room for": {},
  "reads less than nothing": {},
  "reads what is no number": {},
  "reads nothing for ever": {},
  "throws in read": {},
  "detaches the buffer": {},
  "throws in write": { told: "anything" },
  "never takes a byte": { told: "fine" },
  "takes bytes back": { told: "anything" },
  "throws in closeWrite": { told: "anything" },
  "throws in close": { told: "fine" },
  "none": { told: "fine" },
};

async function say(hosting: Hosting, text: string): Promise<string> {
  const answer = await exchange(hosting.port("hostile"), new TextEncoder().encode(`${text}\n`));
  return new TextDecoder().decode(answer);
}

/** Runs the guest beside a backend that carries a transfer, which must not suffer. */
async function withGuest(
  parameters: Readonly<Record<string, string>> & { readonly isolation: Isolation },
  body: (hosting: Hosting, transfer: Transfer) => Promise<void>,
): Promise<void> {
  await using echo = startEchoServer();
  const spec: GuestBackendSpec = {
    name: "hostile",
    module: MODULE,
    parameters: { "passive-failures": "0", "memory-limit": "128MiB", "guest-timeout": "1000", ...parameters },
  };
  await using project = await taskDirectory(spec);
  await using hosting = await hostGuests([spec], {
    directory: project.path,
    silence: SILENCE_MS,
    limits: { connectTimeout: 500 },
    others: [{
      name: "good",
      protocol: "pass",
      parameters: { "target.ip": "127.0.0.1", "target.port": `${echo.port}` },
    }],
  });
  const transfer = await startTransfer(hosting.port("good"));
  try {
    await body(hosting, transfer);
  } finally {
    await transfer.stop();
  }
  assert(
    transfer.longest < STANDSTILL_MS[modeOf(parameters.isolation)],
    `the transfer stood still for ${transfer.longest} ms`,
  );
  assertEquals(({} as Record<string, unknown>).polluted, undefined, "the engine's objects were polluted");
}

/** Does one harm, sees that what must follow follows, and that the guest serves whoever comes next. */
async function doHarm(
  hosting: Hosting,
  name: string,
  { ends, logs, times = 1, told = "" }: Expectation,
): Promise<void> {
  const before = hosting.log().length;
  const log = () => hosting.log().slice(before);
  const endings = () => log().filter((line) => line.includes("guest ended"));
  const answers = await Promise.all(Array.from({ length: times }, () => say(hosting, `go ${name}`)));
  for (const answer of answers) if (told !== "anything") assertEquals(answer, told);
  if (logs !== undefined) {
    await eventually(() => log().some((line) => logs.test(line)), {
      what: `${logs} in:\n${log().join("\n")}`,
    });
  }
  if (ends !== undefined) {
    await eventually(() => endings().length > 0, { timeout: 15_000, what: "the end of the guest" });
    assertMatch(endings()[0]!, ends);
  }
  const isFine = async () => await say(hosting, "hello") === "fine";
  await eventually(isFine, { timeout: 10_000, interval: 50, what: "the guest to serve again" });
  if (ends === undefined && told !== "anything" && !/flood/.test(name)) assertEquals(endings(), []);
}

/** Harms of which nothing needs to be seen but that they harm nobody: a guest does them one after the other. */
const isQuiet = ({ ends, logs }: Expectation) => ends === undefined && logs === undefined;

for (const isolation of ISOLATIONS) {
  const mode = modeOf(isolation);
  const possible = Object.entries(harms).filter(([, { modes = BOTH }]) => modes.includes(mode))
    .map(([name, it]) => [name, mode === "worker" && it.inWorker || it] as const);

  Deno.test({
    name: `hostile guest, isolation=${isolation}: lies about its connections`,
    sanitizeOps: false,
    async fn(t) {
      await withGuest({ isolation }, async (hosting) => {
        for (const [name, expectation] of possible.filter(([, it]) => isQuiet(it))) {
          const fn = () => doHarm(hosting, name, expectation);
          await t.step({ name, fn, sanitizeOps: false, sanitizeResources: false });
        }
      });
    },
  });

  for (const [name, expectation] of possible.filter(([, it]) => !isQuiet(it))) {
    Deno.test({
      name: `hostile guest, isolation=${isolation}: ${name}`,
      sanitizeOps: false,
      fn: () =>
        withGuest({ isolation }, async (hosting, transfer) => {
          await doHarm(hosting, name.replace(/, often$/, ""), expectation);
          assert(transfer.bytes > 0, "nothing was transferred");
        }),
    });
  }
}

const starts: Record<string, [message: RegExp, modes?: readonly Mode[]]> = {
  "throws at the start": [/Cannot use backend "hostile": harm at the start/],
  "exits at the start": [/Cannot use backend "hostile": .*(status 3|is not there)/],
  "is no backend": [/Cannot use backend "hostile"/],
  "loops at the start": [/not ready within 1500 ms/, ["process"]],
  "never starts": [/not ready within 1500 ms/],
};

for (const [harm, [message, modes = BOTH]] of Object.entries(starts)) {
  for (const isolation of ISOLATIONS.filter((it) => modes.includes(modeOf(it)))) {
    Deno.test({
      name: `hostile guest, isolation=${isolation}: ${harm}`,
      sanitizeOps: false,
      async fn() {
        const spec: GuestBackendSpec = { name: "hostile", module: MODULE, parameters: { harm, isolation } };
        await using project = await taskDirectory(spec);
        const error = await assertRejects(() =>
          hostGuests([spec], {
            directory: project.path,
            silence: SILENCE_MS,
            startTimeout: 1500,
          })
        );
        assertMatch((error as Error).message, message);
        await deadlinesPassed();
      },
    });
  }
}

for (const harm of ["never disposed", "throws when disposed"]) {
  for (const isolation of ISOLATIONS) {
    Deno.test({
      name: `hostile guest, isolation=${isolation}: ${harm}`,
      sanitizeOps: false,
      async fn() {
        const began = performance.now();
        await withGuest({ harm, isolation }, async (hosting) => {
          assertEquals(await say(hosting, "hello"), "fine");
        });
        assert(performance.now() - began < 5000, "it took too long to get rid of it");
      },
    });
  }
}
