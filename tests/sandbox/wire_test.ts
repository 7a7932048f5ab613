import { assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  encodeFrame,
  encodeHead,
  type Frame,
  FRAME_HEADER_BYTES,
  FRAME_KINDS,
  frameCost,
  FrameDecoder,
  giveBack,
  MAX_FRAME_BYTES,
  WireError,
} from "../../lib/sandbox/wire.ts";

const LENGTH_BYTES = 4;

/** A frame by its fields, whatever they are. */
function forge(
  { length, kind, id = 0, headLength = 0, rest = new Uint8Array(0) }: {
    length?: number;
    kind: number;
    id?: number;
    headLength?: number;
    rest?: Uint8Array;
  },
): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + rest.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, length ?? frame.length - LENGTH_BYTES);
  view.setUint8(4, kind);
  view.setUint32(5, id);
  view.setUint32(9, headLength);
  frame.set(rest, FRAME_HEADER_BYTES);
  return frame;
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function test(name: string, fn: () => void): void {
  Deno.test({ name: `wire: ${name}`, permissions: "none", fn });
}

test("a frame of every kind comes out as it went in", () => {
  for (const kind of FRAME_KINDS) {
    const head = { text: 'ü "quoted"', list: [1, null] };
    const bytes = Uint8Array.of(0, 255, 13);
    const [frame] = new FrameDecoder().decode(encodeFrame(kind, { id: 0xffff_ffff, head, bytes }));
    assertEquals(frame, { kind, id: 0xffff_ffff, head, bytes });
  }
});

test("a frame has neither head nor bytes unless they are given", () => {
  assertEquals(encodeFrame("ping").length, FRAME_HEADER_BYTES);
  assertEquals(new FrameDecoder().decode(encodeFrame("ping")), [
    { kind: "ping", id: 0, bytes: new Uint8Array(0) },
  ]);
});

test("the cost of a frame is its length", () => {
  assertEquals(encodeFrame("data", { id: 1, bytes: new Uint8Array(500) }).length, frameCost(500));
});

test("frames cut at any place come out whole and in order", () => {
  const stream = join(
    encodeFrame("data", { id: 1, bytes: Uint8Array.of(1, 2, 3) }),
    encodeFrame("ping"),
    encodeFrame("log", { head: { message: "x" } }),
  );
  const expected = new FrameDecoder().decode(stream);
  assertEquals(expected.length, 3);
  for (let first = 0; first <= stream.length; first++) {
    for (const second of [first, first + 1, first + 7, stream.length]) {
      const decoder = new FrameDecoder();
      const frames = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)]
        .flatMap((chunk) => decoder.decode(chunk));
      assertEquals(frames, expected, `cut at ${first} and ${second}`);
    }
  }
});

test("frames that come byte by byte come out", () => {
  const stream = join(
    encodeFrame("data", { id: 9, bytes: new Uint8Array(3000).fill(7) }),
    encodeFrame("end"),
  );
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  for (const byte of stream) frames.push(...decoder.decode(Uint8Array.of(byte)));
  assertEquals(frames.map(({ kind }) => kind), ["data", "end"]);
  assertEquals(frames[0]!.bytes.length, 3000);
});

test("bytes of a frame do not change with the buffer that they came in", () => {
  const buffer = encodeFrame("data", { id: 1, bytes: Uint8Array.of(1, 2, 3) });
  const [frame] = new FrameDecoder().decode(buffer);
  buffer.fill(0);
  assertEquals(frame!.bytes, Uint8Array.of(1, 2, 3));
});

test("heads that resemble each other are told apart", () => {
  const heads = [{ verdict: "match" }, { verdict: "match" }, { verdict: "mitch" }, { text: "x".repeat(500) }];
  const decoder = new FrameDecoder();
  for (const head of [...heads, ...heads.toReversed()]) {
    assertEquals(decoder.decode(encodeFrame("verdict", { head }))[0]?.head, head);
  }
});

test("a head that was encoded before is the same head", () => {
  const head = { hostname: "10.0.0.1", port: 80 };
  assertEquals(encodeFrame("dial", { head: encodeHead(head) }), encodeFrame("dial", { head }));
});

test("a frame that was given back becomes another one as a whole", () => {
  const first = encodeFrame("data", { id: 1, head: { a: 1 }, bytes: new Uint8Array(30_000).fill(1) });
  const headless = first.length - FRAME_HEADER_BYTES;
  giveBack(first);
  const second = encodeFrame("end", { id: 2, bytes: new Uint8Array(headless).fill(2) });
  assertStrictEquals(second.buffer, first.buffer);
  assertEquals(new FrameDecoder().decode(second), [
    { kind: "end", id: 2, bytes: new Uint8Array(headless).fill(2) },
  ]);
  const third = encodeFrame("end", { id: 2, bytes: new Uint8Array(headless) });
  assertNotStrictEquals(third.buffer, first.buffer);
});

test("an incomplete frame is waited for", () => {
  const frame = encodeFrame("data", { id: 1, bytes: new Uint8Array(10) });
  for (let end = 0; end < frame.length; end++) {
    assertEquals(new FrameDecoder().decode(frame.subarray(0, end)), [], `cut at ${end}`);
  }
});

test("the longest frame comes out, and no longer one is made", () => {
  const most = MAX_FRAME_BYTES - (FRAME_HEADER_BYTES - LENGTH_BYTES);
  const [frame] = new FrameDecoder().decode(encodeFrame("data", { bytes: new Uint8Array(most) }));
  assertEquals(frame!.bytes.length, most);
  assertThrows(() => encodeFrame("data", { bytes: new Uint8Array(most + 1) }), RangeError, "at most");
});

const nonsense: Record<string, Uint8Array> = {
  "a length of nothing": forge({ length: 0, kind: 0 }),
  "a length shorter than the header": forge({ length: 8, kind: 0 }),
  "a length just beyond the bound": forge({ length: MAX_FRAME_BYTES + 1, kind: 0 }),
  "a length of 4 GiB, or -1": forge({ length: 0xffff_ffff, kind: 0 }),
  "a kind that does not exist": forge({ kind: FRAME_KINDS.length }),
  "the last kind that a byte can name": forge({ kind: 255 }),
  "a head longer than its frame": forge({ kind: 0, headLength: 1 }),
  "a head of 4 GiB": forge({ kind: 0, headLength: 0xffff_ffff, rest: new Uint8Array(20) }),
  "a head that is no JSON": forge({ kind: 0, headLength: 3, rest: new TextEncoder().encode("{a}") }),
  "a head that is no UTF-8": forge({ kind: 0, headLength: 3, rest: Uint8Array.of(0x22, 0xff, 0x22) }),
  "an HTTP request": new TextEncoder().encode("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"),
};

for (const [what, bytes] of Object.entries(nonsense)) {
  test(`${what} is refused, also in two pieces`, () => {
    for (const cut of [0, 2, 4, 9]) {
      const decoder = new FrameDecoder();
      assertThrows(() => {
        decoder.decode(bytes.subarray(0, cut));
        decoder.decode(bytes.subarray(cut));
      }, WireError);
    }
  });
}

test("a length is refused before anything is kept for it", () => {
  assertThrows(() => new FrameDecoder().decode(Uint8Array.of(0xff, 0xff, 0xff, 0xff)), WireError);
});

test("frames before nonsense are lost with it, and do not come out later", () => {
  const decoder = new FrameDecoder();
  assertThrows(() => decoder.decode(join(encodeFrame("ping"), nonsense["a kind that does not exist"]!)));
});
