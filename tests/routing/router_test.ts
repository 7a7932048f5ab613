import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Verdict } from "../../lib/protocol/detector.ts";
import type { BackendEntry } from "../../lib/routing/backend_entry.ts";
import type { Inspection } from "../../lib/routing/inspection.ts";
import type { PanicMode, Route } from "../../lib/routing/route.ts";
import { Router } from "../../lib/routing/router.ts";
import type { RoutingStrategy } from "../../lib/routing/routing_strategy.ts";
import { strategies } from "../../lib/routing/strategies.ts";
import { type RecordingLogger, recordingLogger } from "../telemetry/recording_logger.ts";
import { type FakeBackendParts, fakeEntry } from "./fake_backend.ts";
import { inspectionOf } from "./inspections.ts";

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name: `router: ${name}`, permissions: "none", fn });
}

interface Table {
  readonly entries: readonly BackendEntry[];
  readonly strategy?: string | RoutingStrategy;
  readonly panic?: PanicMode;
  readonly logger?: RecordingLogger;
}

function routerOf({ entries, strategy = "first-available", panic, logger }: Table): Router {
  const rule = typeof strategy === "string" ? strategies.get(strategy)!(() => 0) : strategy;
  const router = new Router({ strategy: rule, panic, logger });
  router.replace(entries);
  return router;
}

function routeOf(router: Router, inspection: Inspection = inspectionOf()): Route {
  return router.route(inspection, new AbortController().signal);
}

/** The name of what is chosen, or that nothing is. */
async function next(route: Route): Promise<string> {
  const chosen = await route.next();
  return typeof chosen === "string" ? chosen : chosen.spec.name;
}

/** Wants a connection that begins with its name, and needs that many bytes to know. */
function wanting(name: string, parts: FakeBackendParts = {}): ReturnType<typeof fakeEntry> {
  return fakeEntry({ ...parts, name, judge: (bytes) => startsWith(bytes, name) });
}

function startsWith(bytes: Uint8Array, word: string): Verdict {
  const text = String.fromCharCode(...bytes).slice(0, word.length);
  return text === word ? "match" : word.startsWith(text) ? "incomplete" : "mismatch";
}

function eject(entry: BackendEntry): void {
  entry.transition({ type: "ejected", reason: "refused" });
}

test("without backends nobody wants the connection", async () => {
  assertEquals(await next(routeOf(routerOf({ entries: [] }))), "none");
});

test("in order, backends behind the first that wants the connection are not asked", async () => {
  const entries = [fakeEntry({ name: "a", judge: () => "mismatch" }), fakeEntry({ name: "b" }), fakeEntry()];
  assertEquals(await next(routeOf(routerOf({ entries }))), "b");
  assertEquals(entries.map(({ backend }) => backend.asked), [1, 1, 0]);
});

test("in order, an undecided backend holds back those behind it, which are not asked yet", async () => {
  const [ssh, any] = [wanting("ssh"), fakeEntry({ name: "any" })];
  const inspection = inspectionOf();
  const route = routeOf(routerOf({ entries: [ssh, any] }), inspection);
  assertEquals(await next(route), "incomplete");
  assertEquals(any.backend.asked, 0);
  inspection.bytes = new TextEncoder().encode("sx");
  assertEquals(await next(route), "any");
});

test("by tier, all are asked, and the strategy chooses among the best", async () => {
  const entries = [
    fakeEntry({ name: "last", tier: "fallback" }),
    fakeEntry({ name: "no", tier: "vip", judge: () => "mismatch" }),
    fakeEntry({ name: "a" }),
    fakeEntry({ name: "b" }),
  ];
  const router = routerOf({ entries, strategy: "round-robin" });
  const chosen = [];
  for (let i = 0; i < 4; i++) chosen.push(await next(routeOf(router)));
  assertEquals(chosen, ["a", "b", "a", "b"]);
});

test("what is no verdict is a mismatch, now or later, and is told", async () => {
  for (const answer of ["yes", true, null, undefined, 1, {}]) {
    for (const judge of [() => answer, () => Promise.resolve(answer)]) {
      const logger = recordingLogger();
      const odd = fakeEntry({ name: "odd", judge: judge as never });
      Object.assign(odd.backend, { canHandleConnection: judge });
      const route = routeOf(routerOf({ entries: [odd, fakeEntry({ name: "rest" })], logger }));
      assertEquals(await next(route), "rest");
      assertEquals(logger.records.map(({ message, fields }) => [message, fields.backend]), [
        ["backend failed to judge a connection", "odd"],
      ]);
    }
  }
});

test("a backend that fails to judge each of many is told once, however many there are", async () => {
  const logger = recordingLogger();
  const fail = () => {
    throw new Error("cannot judge");
  };
  const router = routerOf({ entries: ["a", "b"].map((name) => fakeEntry({ name, judge: fail })), logger });
  for (let i = 0; i < 100; i++) assertEquals(await next(routeOf(router)), "none");
  assertEquals(logger.records.map(({ fields }) => fields.backend), ["a", "b"]);
});

test("a strategy that chooses none of the candidates is told, and the first is taken", async () => {
  const logger = recordingLogger();
  const strategy = { name: "odd", ranking: "tier", select: () => fakeEntry({ name: "stranger" }) } as const;
  const route = routeOf(routerOf({ entries: [fakeEntry({ name: "first" })], strategy, logger }));
  assertEquals(await next(route), "first");
  assertEquals(logger.records.map(({ fields }) => fields.reason), ["it chose none of the candidates"]);
});

test("matchers are asked before the backend, which never hears of what they refuse", async () => {
  const entry = fakeEntry({ parameters: { "local-port": "80" } });
  assertEquals(await next(routeOf(routerOf({ entries: [entry] }))), "none");
  assertEquals(entry.backend.asked, 0);
});

test("a backend is asked again only when there is something new to see", async () => {
  const entry = wanting("ssh");
  const inspection = inspectionOf();
  const route = routeOf(routerOf({ entries: [entry] }), inspection);
  for (let i = 0; i < 3; i++) assertEquals(await next(route), "incomplete");
  assertEquals(entry.backend.asked, 1);
  inspection.bytes = new TextEncoder().encode("ss");
  assertEquals(await next(route), "incomplete");
  assertEquals(entry.backend.asked, 2);
});

test("who is undecided when no more bytes come does not get the connection", async () => {
  const inspection = inspectionOf();
  const route = routeOf(routerOf({ entries: [wanting("ssh"), fakeEntry({ name: "any" })] }), inspection);
  assertEquals(await next(route), "incomplete");
  inspection.ended = true;
  assertEquals(await next(route), "any");
});

for (const strategy of ["first-available", "round-robin"]) {
  test(`${strategy} waits for verdicts that take time`, async () => {
    const judge = (verdict: Verdict) => () => Promise.resolve(verdict);
    const entries = [
      fakeEntry({ name: "a", judge: judge("mismatch") }),
      fakeEntry({ name: "b", judge: judge("incomplete") }),
      fakeEntry({ name: "c", judge: judge("match") }),
    ];
    const inspection = inspectionOf();
    const route = routeOf(routerOf({ entries, strategy }), inspection);
    assertEquals(await next(route), "incomplete");
    inspection.ended = true;
    assertEquals(await next(route), "c");
  });

  test(`${strategy} passes over backends that throw, and says which`, async () => {
    const logger = recordingLogger();
    const entries = [
      fakeEntry({
        name: "a",
        judge: () => {
          throw new Error("broken");
        },
      }),
      fakeEntry({ name: "b", judge: () => Promise.reject(new Error("late")) }),
      fakeEntry({ name: "c" }),
    ];
    assertEquals(await next(routeOf(routerOf({ entries, strategy, logger }))), "c");
    assertEquals(logger.records.map(({ fields }) => [fields.backend, fields.reason]), [
      ["a", "broken"],
      ["b", "late"],
    ]);
  });
}

test("a verdict that never comes counts as a mismatch once the time for the decision is up", async () => {
  const entries = [fakeEntry({ name: "a", judge: () => new Promise(() => {}) }), fakeEntry({ name: "b" })];
  const controller = new AbortController();
  const chosen = routerOf({ entries }).route(inspectionOf(), controller.signal).next();
  controller.abort();
  assertStrictEquals(await chosen, entries[1]);
});

test("what a strategy throws or makes up gives the first candidate", async () => {
  const logger = recordingLogger();
  const entries = [fakeEntry({ name: "a" }), fakeEntry({ name: "b" })];
  const broken: RoutingStrategy = {
    name: "broken",
    ranking: "tier",
    select: () => {
      throw new Error("no idea");
    },
  };
  assertEquals(await next(routeOf(routerOf({ entries, strategy: broken, logger }))), "a");
  assertEquals(logger.records.map(({ fields }) => fields.reason), ["no idea"]);
  const stranger: RoutingStrategy = { ...broken, select: () => fakeEntry() };
  assertEquals(await next(routeOf(routerOf({ entries, strategy: stranger }))), "a");
});

test("a backend that could not be reached makes way for the next that wants the connection", async () => {
  for (const strategy of ["first-available", "round-robin"]) {
    const entries = [
      fakeEntry({ name: "a" }),
      fakeEntry({ name: "b", judge: () => "mismatch" }),
      fakeEntry({ name: "c" }),
    ];
    const route = routeOf(routerOf({ entries, strategy }));
    assertEquals(await next(route), "a");
    route.exclude(entries[0]!);
    assertEquals(await next(route), "c");
    route.exclude(entries[2]!);
    assertEquals(await next(route), "none");
  }
});

test("unhealthy and draining backends are passed over", async () => {
  const entries = [fakeEntry({ name: "a" }), fakeEntry({ name: "b" }), fakeEntry({ name: "c" })];
  eject(entries[0]!);
  entries[1]!.transition({ type: "drain" });
  assertEquals(await next(routeOf(routerOf({ entries }))), "c");
});

test("when all that want the connection are unhealthy, the best of them is a guess", async () => {
  const entries = [
    fakeEntry({ name: "other", judge: () => "mismatch" }),
    fakeEntry({ name: "last", tier: "fallback" }),
    fakeEntry({ name: "best" }),
    fakeEntry({ name: "draining" }),
  ];
  entries.slice(1).forEach(eject);
  entries[3]!.transition({ type: "drain" });
  assertEquals(await next(routeOf(routerOf({ entries, strategy: "round-robin" }))), "best");
  const rejected = routeOf(routerOf({ entries, panic: "reject" }));
  assertEquals(await next(rejected), "none");
  assertEquals(rejected.reason, "all backends that want the connection are unhealthy");
  const session = routeOf(routerOf({ entries: [] }), inspectionOf({ networkProtocol: "udp" }));
  assertEquals([await next(session), session.reason], ["none", "no backend wants the session"]);
});

test("an unhealthy backend is also tried when the healthy ones cannot be reached", async () => {
  const [sick, well] = [fakeEntry({ name: "sick" }), fakeEntry({ name: "well" })];
  eject(sick);
  const route = routeOf(routerOf({ entries: [sick, well] }));
  assertEquals(await next(route), "well");
  route.exclude(well);
  assertEquals(await next(route), "sick");
  route.exclude(sick);
  assertEquals(await next(route), "none");
});

for (const panic of ["route", "reject"] as const) {
  test(`panic=${panic} is said once, until a healthy backend is there again`, async () => {
    const logger = recordingLogger();
    let now = 0;
    const entry = fakeEntry({ name: "a", parameters: { "local-port": "443" } }, { now: () => now });
    const other = fakeEntry({ name: "b", parameters: { "local-port": "22" } });
    const router = routerOf({ entries: [entry, other], panic, logger });
    const both = async () => {
      for (let i = 0; i < 3; i++) {
        await next(routeOf(router));
        await next(routeOf(router, inspectionOf({ localPort: 22 })));
      }
    };
    const said = () => logger.records.splice(0).map(({ level }) => level);
    eject(entry);
    await both();
    assertEquals(said(), ["warn"]);
    entry.transition({ type: "checks-removed" });
    await both();
    assertEquals(said(), ["info"]);
    now = 1;
    eject(entry);
    await both();
    assertEquals(said(), ["warn"]);
  });
}

test("the table has one half for connections and one for sessions", async () => {
  const udp = fakeEntry({ name: "udp" }, { networkProtocol: "udp" });
  const tcp = fakeEntry({ name: "tcp" });
  const router = routerOf({ entries: [udp, tcp] });
  assertEquals(router.entries("udp"), [udp]);
  assertEquals(await next(routeOf(router)), "tcp");
  assertEquals(await next(routeOf(router, inspectionOf({ networkProtocol: "udp", ended: true }))), "udp");
});

test("a decision that waits for bytes goes on with the table that is there when they come", async () => {
  const [old, kept, added] = [wanting("sip"), wanting("ssh"), wanting("smb")];
  const router = routerOf({ entries: [kept, old] });
  const inspection = inspectionOf();
  const route = routeOf(router, inspection);
  assertEquals(await next(route), "incomplete");
  router.replace([kept, added]);
  assertEquals(await next(route), "incomplete");
  inspection.bytes = new TextEncoder().encode("smb");
  assertEquals(await next(route), "smb");
  assertEquals(old.backend.asked, 0);
});

test("a backend that has left is not chosen, even if only it wanted the connection", async () => {
  const old = wanting("sip");
  const router = routerOf({ entries: [old] });
  const inspection = inspectionOf();
  const route = routeOf(router, inspection);
  assertEquals(await next(route), "incomplete");
  router.replace([]);
  inspection.bytes = new TextEncoder().encode("sip");
  assertEquals(await next(route), "none");
});

test("a backend that was excluded stays so when the table changes", async () => {
  const [a, b, c] = [fakeEntry({ name: "a" }), fakeEntry({ name: "b" }), fakeEntry({ name: "c" })];
  const router = routerOf({ entries: [a, b] });
  const route = routeOf(router);
  assertEquals(await next(route), "a");
  route.exclude(a);
  router.replace([a, c]);
  assertEquals(await next(route), "c");
});

test("a backend that leaves while it is asked does not get the connection", async () => {
  const verdict = Promise.withResolvers<Verdict>();
  const [old, fresh] = [fakeEntry({ name: "old", judge: () => verdict.promise }), fakeEntry({ name: "new" })];
  const router = routerOf({ entries: [old] });
  const chosen = next(routeOf(router));
  router.replace([fresh]);
  verdict.resolve("match");
  assertEquals(await chosen, "new");
});
