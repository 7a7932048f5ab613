import { assert, assertEquals, assertRejects } from "@std/assert";
import { frameCost, type FrameKind, type FrameParts } from "../../lib/sandbox/wire.ts";
import { WINDOW_BYTES, WireStream } from "../../lib/sandbox/wire_stream.ts";

interface End {
  readonly stream: WireStream;
  readonly sent: [FrameKind, FrameParts][];
  over: number;
}

function open(): End {
  const end: End = {
    sent: [],
    over: 0,
    stream: new WireStream({
      id: 5,
      send: (kind, parts) => void end.sent.push([kind, parts]),
      onOver: () => void end.over++,
    }),
  };
  return end;
}

/** Two ends whose frames reach the other at once. */
function pair(): { near: End; far: End } {
  const near = open();
  const far = open();
  for (const [from, to] of [[near, far], [far, near]] as const) {
    from.sent.push = (...frames) => {
      for (const [kind, parts] of frames) deliver(to.stream, kind, parts);
      return 0;
    };
  }
  return { near, far };
}

function deliver(stream: WireStream, kind: FrameKind, { bytes, head }: FrameParts): void {
  if (kind === "data") assert(stream.onData(bytes!.slice()));
  if (kind === "credit") assert(stream.onCredit((head as { bytes: number }).bytes));
  if (kind === "end") assert(stream.onEnd());
  if (kind === "close") assert(stream.onClose((head as { reason?: string } | undefined)?.reason));
}

async function readAll(stream: WireStream): Promise<Uint8Array> {
  const all: number[] = [];
  const buffer = new Uint8Array(1000);
  for (let count = await stream.read(buffer); count !== null; count = await stream.read(buffer)) {
    all.push(...buffer.subarray(0, count));
  }
  return Uint8Array.from(all);
}

async function writeAll(stream: WireStream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `stream: ${name}`, permissions: "none", fn });
}

test("more than a window crosses, in order", async () => {
  const { near, far } = pair();
  const bytes = Uint8Array.from({ length: WINDOW_BYTES * 2 + 17 }, (_, index) => index * 7);
  const reading = readAll(far.stream);
  await writeAll(near.stream, bytes);
  near.stream.closeWrite();
  assertEquals(await reading, bytes);
});

test("writing waits when the other side does not read", async () => {
  const { near, far } = pair();
  let isDone = false;
  const writing = writeAll(near.stream, new Uint8Array(WINDOW_BYTES + 1)).then(() => isDone = true);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(isDone, false);
  const reading = readAll(far.stream);
  await writing;
  near.stream.closeWrite();
  assertEquals((await reading).length, WINDOW_BYTES + 1);
});

test("each direction ends on its own", async () => {
  const { near, far } = pair();
  near.stream.closeWrite();
  assertEquals(await far.stream.read(new Uint8Array(9)), null);
  await writeAll(far.stream, Uint8Array.of(1, 2));
  far.stream.closeWrite();
  assertEquals(await readAll(near.stream), Uint8Array.of(1, 2));
});

test("a stream is over once both sides have closed it", async () => {
  const { near, far } = pair();
  near.stream.close();
  assertEquals([near.over, far.over], [1, 1]);
  await assertRejects(() => near.stream.write(Uint8Array.of(1)), Error, "closed");
  await assertRejects(() => far.stream.read(new Uint8Array(1)), Error, "closed");
});

test("what was sent before a close is still read", async () => {
  const { near, far } = pair();
  await writeAll(near.stream, Uint8Array.of(1, 2, 3));
  near.stream.closeWrite();
  near.stream.close();
  assertEquals(await readAll(far.stream), Uint8Array.of(1, 2, 3));
  assertEquals(near.over, 0);
  far.stream.close();
  assertEquals([near.over, far.over], [1, 1]);
});

test("a stream that broke there breaks here, and wakes who waits", async () => {
  const { near, far } = pair();
  const reading = assertRejects(() => far.stream.read(new Uint8Array(1)), Error, "engine trouble");
  near.stream.close("engine trouble");
  await reading;
  await assertRejects(() => far.stream.write(Uint8Array.of(1)), Error, "engine trouble");
});

test("data beyond the credit is not taken", () => {
  const { stream } = open();
  const chunk = new Uint8Array(64 * 1024);
  let taken = 0;
  while (stream.onData(chunk)) taken += frameCost(chunk.length);
  assert(taken <= WINDOW_BYTES && taken > WINDOW_BYTES - frameCost(chunk.length));
  return Promise.resolve();
});

test("empty frames use up credit, too", () => {
  const { stream } = open();
  let count = 0;
  while (stream.onData(new Uint8Array(0))) count++;
  assertEquals(count, Math.floor(WINDOW_BYTES / frameCost(0)));
  return Promise.resolve();
});

test("nothing is taken after an end, nor a second end", () => {
  const { stream } = open();
  assert(stream.onEnd());
  assert(!stream.onEnd());
  assert(!stream.onData(new Uint8Array(1)));
  return Promise.resolve();
});

test("nothing is taken after a close, nor a second close", () => {
  const { stream } = open();
  assert(stream.onClose("x"));
  assert(!stream.onClose("x"));
  assert(!stream.onData(new Uint8Array(1)));
  assert(!stream.onEnd());
  return Promise.resolve();
});

test("credit that was never used, or in crumbs, is not taken", async () => {
  const { stream } = open();
  assert(!stream.onCredit(WINDOW_BYTES / 4));
  await writeAll(stream, new Uint8Array(WINDOW_BYTES / 2));
  assert(!stream.onCredit(1));
  assert(!stream.onCredit(0));
  assert(stream.onCredit(WINDOW_BYTES / 4));
  assert(!stream.onCredit(WINDOW_BYTES));
});

test("what comes after this side has closed is dropped, and still bounded", () => {
  const { stream } = open();
  stream.close();
  let count = 0;
  while (stream.onData(new Uint8Array(1000))) count++;
  assertEquals(count, Math.floor(WINDOW_BYTES / frameCost(1000)));
  return Promise.resolve();
});

test("an abandoned stream says nothing to the other side", async () => {
  const { stream, sent } = open();
  const reading = assertRejects(() => stream.read(new Uint8Array(1)), Error, "gone");
  stream.abandon("the guest is gone");
  await reading;
  stream.close();
  assertEquals(sent, []);
});
