import { assert, assertEquals, assertRejects } from "@std/assert";
import { FRAME_KINDS, type FrameKind } from "../../lib/sandbox/wire.ts";
import { restDeadlines } from "../../lib/net/deadlines.ts";
import { withFakeTimers } from "../support/fake_timers.ts";
import { eventually } from "../support/eventually.ts";
import { client, host, type Hosted, preview, settle } from "./scripted_guest.ts";

function test(
  name: string,
  fn: (hosted: Hosted) => void | Promise<void>,
  options: { silence?: number } = {},
): void {
  Deno.test({
    name: `guest: ${name}`,
    permissions: "none",
    // Deadlines share a timer that outlives the last of them by a moment.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using hosted = host(options);
      await fn(hosted);
    },
  });
}

function warnings({ logger }: Hosted): string[] {
  return logger.records.filter(({ level }) => level === "warn").map(({ message }) => message);
}

test("a guest that speaks this wire is ready", async ({ guest }) => {
  await guest.ready;
});

test("a verdict is asked for with the bytes that the guest does not know yet", async ({ guest, wire }) => {
  wire.onFrame(({ kind, id, bytes }) => {
    if (kind === "preview") {
      wire.say("log", { head: { level: "info", message: new TextDecoder().decode(bytes) } });
    }
    if (kind === "judge") wire.say("verdict", { id, head: { verdict: "incomplete" } });
  });
  const growing = { ...preview("ab"), bytes: new TextEncoder().encode("ab") };
  assertEquals(await guest.connections.judge(growing, 1000), "incomplete");
  growing.bytes = new TextEncoder().encode("abcd");
  assertEquals(await guest.connections.judge(growing, 1000), "incomplete");
  const told = wire.frames.filter(({ kind }) => kind === "preview").map(({ bytes }) =>
    new TextDecoder().decode(bytes)
  );
  assertEquals(told, ["ab", "cd"]);
});

test("a dial comes with the verdict, and is not asked for again", async ({ guest, wire }) => {
  wire.onFrame(({ kind, id }) => {
    if (kind !== "judge") return;
    wire.say("verdict", { id, head: { verdict: "match" } });
    wire.say("dial", { id, head: { hostname: "10.0.0.1", port: 80 } });
  });
  const looked = preview("x");
  assertEquals(await guest.connections.judge(looked, 1000), "match");
  const { signal } = new AbortController();
  assertEquals(await guest.connections.connect({ client: looked.client, properties: {} }, signal), {
    hostname: "10.0.0.1",
    port: 80,
  });
  assertEquals(wire.frames.filter(({ kind }) => kind === "connect").length, 0);
});

test("a dial that comes instead of a verdict is one", async ({ guest, wire }) => {
  const target = { hostname: "10.0.0.1", port: 80 };
  wire.onFrame(({ kind, id }) => kind === "judge" && wire.say("dial", { id, head: target }));
  const looked = preview("x");
  assertEquals(await guest.connections.judge(looked, 1000), "match");
  const { signal } = new AbortController();
  assertEquals(await guest.connections.connect({ client: looked.client, properties: {} }, signal), target);
  assertEquals(wire.frames.filter(({ kind }) => kind === "connect").length, 0);
});

test("an early answer that nobody wants is given back, and then none is asked for", async ({ guest, wire }) => {
  wire.onFrame(({ kind, id }) => {
    if (kind === "judge") wire.say("verdict", { id, head: { verdict: "match" } });
  });
  await guest.connections.judge(preview("first"), 1000);
  const { id } = wire.frames.at(-1)!;
  const isCancelled = () => wire.frames.some((frame) => frame.kind === "cancel" && frame.id === id);
  await eventually(isCancelled, { what: "the guest to be told" });
  wire.say("connection", { id });
  await eventually(() => wire.frames.some((frame) => frame.kind === "close" && frame.id === id));
  await guest.connections.judge(preview("second"), 1000);
  const asked = wire.frames.filter(({ kind }) => kind === "judge").map(({ head }) =>
    head as { patient: boolean } | undefined
  );
  assertEquals(asked.map((head) => head?.patient), [undefined, true]);
});

test("a client of whom there is too much to tell is not told of", async ({ guest, wire }) => {
  const properties = { "http.path": "x".repeat(300_000) };
  await assertRejects(() => guest.connections.judge({ ...preview(), properties }, 1000), RangeError);
  assertEquals(wire.frames.filter(({ kind }) => kind === "judge"), []);
});

test("a client that has gone is told to the guest", async ({ guest, wire }) => {
  const controller = new AbortController();
  const connecting = guest.connections.connect({ client: client(), properties: {} }, controller.signal);
  controller.abort();
  await assertRejects(async () => await connecting, Error, "nobody waits");
  const [connect, cancel] = wire.frames;
  assertEquals([connect?.kind, cancel?.kind, cancel?.id], ["connect", "cancel", connect?.id]);
});

test("a connection that is opened too late is closed", async ({ guest, wire }) => {
  const controller = new AbortController();
  const connecting = guest.connections.connect({ client: client(), properties: {} }, controller.signal);
  controller.abort();
  await assertRejects(async () => await connecting);
  const id = wire.frames[0]!.id;
  wire.say("connection", { id });
  await settle();
  assertEquals(wire.frames.at(-1)?.kind, "close");
  assertEquals(wire.frames.at(-1)?.id, id);
});

test("a verdict that does not come is a failure, and the guest is not asked again until it is heard of", async (hosted) => {
  const { guest, wire } = hosted;
  await guest.ready;
  await assertRejects(() => guest.connections.judge(preview(), 10), Error, "no answer within 10 ms");
  assert(guest.calls.isSuspect);
  wire.say("log", { head: { level: "info", message: "back" } });
  await settle();
  assert(!guest.calls.isSuspect);
  assertEquals(warnings(hosted), ["guest did not answer within 10 ms"]);
});

test("too many missed verdicts end a guest", async ({ guest, wire }) => {
  await guest.ready;
  for (let i = 0; i < 11; i++) await guest.connections.judge(preview(), 1).catch(() => {});
  assertEquals(await guest.ended, "it failed to do too many things in time");
  assert(wire.killed);
});

test("a guest without a sign of life is ended", async ({ guest, wire }) => {
  assertEquals(await guest.ended, "it gave no sign of life for 100 ms");
  assert(wire.killed);
}, { silence: 100 });

test("a guest that answers pings lives", async ({ guest, wire }) => {
  wire.onFrame(({ kind }) => kind === "ping" && wire.say("pong"));
  const outcome = await Promise.race([
    guest.ended,
    new Promise((resolve) => setTimeout(() => resolve("alive"), 400)),
  ]);
  assertEquals(outcome, "alive");
}, { silence: 100 });

test("nonsense on the wire ends a guest", async ({ guest, wire }) => {
  wire.sayBytes(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  assert((await guest.ended).startsWith("A frame of 4294967295 bytes"));
  assert(wire.killed);
});

test("a guest of another version is ended", async ({ guest, wire }) => {
  await guest.ready;
  wire.say("hello", { head: { version: 2 } });
  assertEquals(await guest.ended, "it speaks version 2 of the wire, and not 1");
});

test("the end of a guest fails what is asked of it", async ({ guest, wire }) => {
  const judging = guest.connections.judge(preview(), 60_000);
  wire.exit("it ended with status 1: boom");
  await assertRejects(() => judging, Error, "status 1: boom");
  assertEquals(await guest.ended, "it ended with status 1: boom");
  await assertRejects(() => guest.connections.judge(preview(), 60_000), Error, "boom");
});

/** What only a host says, and what needs a call, a stream or a session that there is not. */
const uncalledFor: readonly FrameKind[] = FRAME_KINDS.filter((kind) =>
  !["log", "metrics", "hello"].includes(kind)
);

for (const kind of uncalledFor) {
  test(`a "${kind}" frame that nobody waits for is ignored and logged`, async (hosted) => {
    await hosted.guest.ready;
    for (const id of [0, 1, 77, 0xffff_ffff]) {
      hosted.wire.say(kind, { id, bytes: new Uint8Array(9), head: { bytes: 70_000, verdict: "match" } });
    }
    hosted.wire.say(kind, { id: 1 });
    await settle();
    assert(!hosted.wire.killed);
    assertEquals(warnings(hosted), [`guest sent a "${kind}" frame that is ignored`]);
  });
}

test("an answer of the wrong kind does not end a call", async (hosted) => {
  const judging = hosted.guest.connections.judge(preview(), 60_000);
  const { id } = hosted.wire.frames.at(-1)!;
  hosted.wire.say("health", { id, head: { healthy: true } });
  hosted.wire.say("created", { id });
  await settle();
  hosted.wire.say("verdict", { id, head: { verdict: "mismatch" } });
  assertEquals(await judging, "mismatch");
  assertEquals(warnings(hosted).length, 2);
});

test("an answer that makes no sense fails its call", async (hosted) => {
  const judging = hosted.guest.connections.judge(preview(), 60_000);
  hosted.wire.say("verdict", { id: hosted.wire.frames.at(-1)!.id, head: { verdict: "always" } });
  await assertRejects(() => judging, Error, "Expected one of match");
});

test("a dial with more to say first than is allowed fails", async ({ guest, wire }) => {
  const { signal } = new AbortController();
  const connecting = guest.connections.connect({ client: client(), properties: {} }, signal);
  const bytes = new Uint8Array(100_000);
  wire.say("dial", { id: wire.frames.at(-1)!.id, head: { hostname: "a", port: 1 }, bytes });
  await assertRejects(async () => await connecting, Error, "at most 65536 bytes");
});

test("a flood of what it may not send ends a guest", async ({ guest, wire }) => {
  await guest.ready;
  for (let i = 0; i < 20_000; i++) wire.say("pong");
  assertEquals(await guest.ended, "it flooded its host with messages");
});

test("bytes of one connection cannot be sent to another", async ({ guest, wire }) => {
  const { signal } = new AbortController();
  const opening = guest.connections.connect({ client: client(), properties: {} }, signal);
  const { id } = wire.frames.at(-1)!;
  wire.say("connection", { id });
  const connection = await opening;
  assert(connection !== null && "read" in connection);
  wire.say("data", { id: id + 1, bytes: new Uint8Array(10) });
  wire.say("connection", { id });
  wire.say("data", { id, bytes: Uint8Array.of(1) });
  const buffer = new Uint8Array(100);
  assertEquals(await connection.read(buffer), 1);
  wire.exit("gone");
  await assertRejects(() => connection.read(buffer), Error, "gone");
});

Deno.test({
  name: "guest: one that does not close what is closed is counted",
  permissions: "none",
  fn: () =>
    withFakeTimers(async (clock) => {
      restDeadlines();
      await using hosted = host();
      const { guest, wire } = hosted;
      const { signal } = new AbortController();
      const opening = guest.connections.connect({ client: client(), properties: {} }, signal);
      wire.say("connection", { id: wire.frames.at(-1)!.id });
      (await opening as { close(): void }).close();
      await clock.advance(4900);
      assertEquals(warnings(hosted), []);
      await clock.advance(200);
      assertEquals(warnings(hosted), ["guest did not close a connection"]);
      restDeadlines();
    }),
});

test("datagrams of a session tell the client once", ({ guest, wire }) => {
  const { signal } = new AbortController();
  const who = client();
  for (const byte of [1, 2]) {
    guest.sessions.handle(who, Uint8Array.of(byte), { metadata: { a: "b" }, signal });
  }
  const [first, second] = wire.frames;
  assertEquals(first?.head, { client: who, properties: { a: "b" } });
  assertEquals([second?.head, second?.id], [undefined, first?.id]);
});

test("replies go to the client of the session, and to nobody after its end", async ({ guest, wire, replies }) => {
  const controller = new AbortController();
  guest.sessions.handle(client(), Uint8Array.of(1), { metadata: {}, signal: controller.signal });
  const { id } = wire.frames[0]!;
  wire.say("reply", { id, bytes: Uint8Array.of(7) });
  wire.say("reply", { id: id + 1, bytes: Uint8Array.of(8) });
  await settle();
  controller.abort();
  wire.say("reply", { id, bytes: Uint8Array.of(9) });
  await settle();
  assertEquals(replies, [Uint8Array.of(7)]);
  assertEquals(wire.frames.at(-1)?.kind, "session-end");
});

test("datagrams that the guest does not handle are bounded", async (hosted) => {
  const { signal } = new AbortController();
  const who = client();
  for (let i = 0; i < 2000; i++) {
    hosted.guest.sessions.handle(who, Uint8Array.of(1), { metadata: {}, signal });
  }
  assertEquals(hosted.wire.frames.length, 1024);
  for (let i = 0; i < 1024; i++) hosted.wire.say("handled", { id: 1 });
  await settle();
  hosted.guest.sessions.handle(who, Uint8Array.of(1), { metadata: {}, signal });
  assertEquals(hosted.wire.frames.length, 1025);
  assertEquals(warnings(hosted), ["guest is too slow: datagrams to it are dropped"]);
});

test("replies that wait to be sent are bounded", async () => {
  let writing = 0;
  const stuck = () => new Promise<boolean>(() => void writing++);
  await using hosted = host({ write: stuck });
  const { signal } = new AbortController();
  hosted.guest.sessions.handle(client(), Uint8Array.of(1), { metadata: {}, signal });
  for (let i = 0; i < 1000; i++) hosted.wire.say("reply", { id: 1, bytes: Uint8Array.of(1) });
  await eventuallyRead(hosted);
  assertEquals(writing, 256);
});

test("log lines carry the guest's words and nobody else's name", async ({ wire, logger }) => {
  const fields = { backend: "other", guest: "other", "__proto__": "x", key: "value", nested: { a: 1 } };
  wire.say("log", { head: { level: "error", message: "line\nforged\u001b[2J", category: "dns", fields } });
  await settle();
  assertEquals(logger.records, [{
    level: "error",
    category: "guest",
    message: "line forged [2J",
    fields: { key: "value", category: "dns" },
  }]);
});

test("log lines beyond the budget are dropped, and that is said", async (hosted) => {
  for (let i = 0; i < 2000; i++) hosted.wire.say("log", { head: { level: "info", message: "x" } });
  await eventuallyRead(hosted);
  const lines = hosted.logger.records.filter(({ level }) => level === "info").length;
  assert(lines >= 500 && lines < 700, `${lines} lines`);
  assertEquals(warnings(hosted), ["guest logs too much: lines are dropped"]);
});

test("numbers have proper names, finite values, and are few", async ({ wire, counted }) => {
  wire.say("metrics", {
    head: { counters: { "queries.blocked": 2, "Bad Name": 1, negative: -1, text: "1" } },
  });
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`n${index}`, index]));
  wire.say("metrics", { head: { gauges: many } });
  await settle();
  assertEquals(counted[0], ["queries.blocked", 2]);
  assertEquals(counted.length, 1 + 62);
});

/** Waits until the host has read all that was said. */
async function eventuallyRead({ guest, wire }: Hosted): Promise<void> {
  const checking = guest.calls.call("check", { id: guest.calls.nextId(), answers: { health: () => {} } });
  wire.say("health", { id: wire.frames.at(-1)!.id });
  await checking;
}
