import { assert, assertEquals } from "@std/assert";
import { encodeFrame, type Frame, FRAME_KINDS, FrameDecoder, WireError } from "../../lib/sandbox/wire.ts";
import { fuzzRounds, Random } from "../support/fuzz.ts";

/** Decodes in random pieces until the end or the first nonsense. */
function decodeInPieces(random: Random, bytes: Uint8Array): { frames: Frame[]; failed: boolean } {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  try {
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + 1 + random.below(64));
      frames.push(...decoder.decode(bytes.subarray(at, end)));
      at = end;
    }
    return { frames, failed: false };
  } catch (error) {
    assert(error instanceof WireError, `threw ${error}`);
    return { frames, failed: true };
  }
}

function randomFrames(random: Random): Uint8Array {
  const parts = Array.from({ length: 1 + random.below(4) }, () =>
    encodeFrame(random.pick(FRAME_KINDS), {
      id: random.below(5),
      bytes: random.bytes(200),
      ...(random.below(2) === 0 && { head: { verdict: "match", n: random.below(1000) } }),
    }));
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test({
  name: "wire: whatever arrives is frames or an error, the same however it is cut",
  permissions: "none",
  fn(): void {
    const random = new Random(5);
    for (let round = 0; round < fuzzRounds(); round++) {
      const whole = randomFrames(random);
      const bytes = random.below(3) === 0 ? random.bytes(300) : random.mutate(whole);
      const once = decodeInPieces(new Random(round), bytes);
      const again = decodeInPieces(new Random(round + 1), bytes);
      assertEquals(again.failed, once.failed, bytes.toHex());
      if (!once.failed) assertEquals(again.frames, once.frames, bytes.toHex());
    }
  },
});

Deno.test({
  name: "wire: frames survive any cut",
  permissions: "none",
  fn(): void {
    const random = new Random(6);
    for (let round = 0; round < fuzzRounds() / 10; round++) {
      const bytes = randomFrames(random);
      const expected = new FrameDecoder().decode(bytes);
      assertEquals(decodeInPieces(random, bytes), { frames: expected, failed: false });
    }
  },
});
