import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { restDeadlines } from "../../lib/net/deadlines.ts";
import { type PreviewLimits, PreviewReader } from "../../lib/net/preview_reader.ts";
import type { Refusal } from "../../lib/net/refusal.ts";
import type { Inspection } from "../../lib/routing/inspection.ts";
import { inspectionOf } from "../routing/inspections.ts";
import { eventually } from "../support/eventually.ts";
import { bytesOf } from "../support/verdicts.ts";
import { FakeStream } from "./fake_stream.ts";
import { withFakeTimers } from "../support/fake_timers.ts";

const LONG = 60_000;
const LIMITS: PreviewLimits = { previewBufferLimit: 65_536, silenceTimeout: LONG, selectionTimeout: LONG };

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `preview: ${name}`, permissions: "none", fn: () => fn().finally(restDeadlines) });
}

interface Reading {
  readonly stream: FakeStream;
  readonly inspection: Inspection;
  readonly reader: PreviewReader;
}

function read(limits: Partial<PreviewLimits> = {}): Reading {
  const [stream, inspection] = [new FakeStream(), inspectionOf()];
  return { stream, inspection, reader: new PreviewReader(stream, inspection, { ...LIMITS, ...limits }) };
}

test("nothing is read before somebody asks for it", async () => {
  const { stream, inspection, reader } = read();
  assertEquals([stream.reads, reader.head()], [0, undefined]);
  stream.say(bytesOf("a"));
  await reader.more();
  assertEquals([stream.reads, inspection.bytes], [1, bytesOf("a")]);
});

test("it grows with the stream, beyond its first buffer, and hands all of it over", async () => {
  const { stream, inspection, reader } = read();
  const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i % 251);
  stream.say(bytes);
  while (inspection.bytes.length < bytes.length) await reader.more();
  assertEquals(inspection.bytes, bytes);
  assertFalse(inspection.ended);
  assertEquals(reader.head(), { bytes, pending: undefined });
});

test("it ends at its limit to the byte, and leaves the rest in the stream", async () => {
  for (const previewBufferLimit of [1, 1000, 1024, 1025, 5000]) {
    const { stream, inspection, reader } = read({ previewBufferLimit });
    stream.say(new Uint8Array(10_000));
    while (!inspection.ended) await reader.more();
    assertEquals(inspection.bytes.length, previewBufferLimit);
    assertEquals(reader.head()?.pending, undefined);
    assertEquals(await stream.read(new Uint8Array(20_000)), 10_000 - previewBufferLimit);
  }
});

test("the end of the stream ends it, and is handed over", async () => {
  const { stream, inspection, reader } = read();
  stream.say(bytesOf("all"));
  stream.end();
  await reader.more();
  assertFalse(inspection.ended);
  await reader.more();
  assert(inspection.ended);
  const head = reader.head();
  assertEquals([head?.bytes, await head?.pending?.count], [bytesOf("all"), null]);
});

test("silence ends it, and the read that goes on is handed over with what it brings later", async () => {
  const { stream, inspection, reader } = read({ silenceTimeout: 1 });
  await reader.more();
  assert(inspection.ended);
  const head = reader.head();
  assertEquals(head?.bytes.length, 0);
  stream.say(bytesOf("late"));
  assertEquals(await head?.pending?.count, 4);
  assertEquals(head?.pending?.buffer.subarray(0, 4), bytesOf("late"));
});

test("once a byte came, silence is allowed until the selection has to be over", async () => {
  await withFakeTimers(async (clock) => {
    const { stream, inspection, reader } = read({ silenceTimeout: 1, selectionTimeout: 100 });
    stream.say(bytesOf("S"));
    await reader.more();
    const more = reader.more();
    await clock.advance(90);
    assertFalse(inspection.ended);
    await clock.advance(60);
    await more;
    assert(inspection.ended);
    restDeadlines();
  });
});

test("time in which nobody waits for the client does not count", async () => {
  await withFakeTimers(async (clock) => {
    const { stream, inspection, reader } = read({ selectionTimeout: 200 });
    stream.say(bytesOf("SS"));
    await reader.more();
    await clock.advance(250);
    stream.say(bytesOf("H"));
    await reader.more();
    assertEquals([inspection.ended, inspection.bytes], [false, bytesOf("SSH")]);
    restDeadlines();
  });
});

test("bytes that were taken out are gone from what is seen and handed over", async () => {
  const { stream, inspection, reader } = read();
  stream.say(bytesOf("PROXY hello"));
  await reader.more();
  reader.consume(6);
  assertEquals(inspection.bytes, bytesOf("hello"));
  stream.say(new Uint8Array(3000).fill(33));
  while (inspection.bytes.length < 3005) await reader.more();
  assertEquals(reader.head()?.bytes.subarray(0, 6), bytesOf("hello!"));
});

test("a client that is silent after its proxy's header is silent", async () => {
  const { stream, inspection, reader } = read({ silenceTimeout: 30 });
  stream.say(bytesOf("PROXY "));
  await reader.more();
  reader.consume(6);
  await reader.more();
  assert(inspection.ended);
});

test("a stream that breaks is told to who waits", async () => {
  const { stream, reader } = read();
  const waiting = reader.more();
  await eventually(() => stream.reads === 1);
  stream.break();
  const { reason, detail }: Refusal = await waiting.catch((error) => error);
  assertEquals(reason, "client_gone");
  assertStringIncludes(detail, "reset");
});
