import { assertEquals, assertRejects } from "@std/assert";
import { jsonLine, MAX_LINE_LENGTH, readLines } from "../../lib/sandbox/text_lines.ts";

function streamOf(...chunks: (string | Uint8Array<ArrayBuffer>)[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return ReadableStream.from(
    chunks.map((chunk) => typeof chunk === "string" ? encoder.encode(chunk) : chunk),
  );
}

Deno.test({
  name: "lines come out whole, wherever the stream is cut",
  permissions: "none",
  async fn(): Promise<void> {
    const bytes = new TextEncoder().encode("one\n\ntwö €\nthree\nrest");
    for (let cut = 0; cut <= bytes.length; cut++) {
      const stream = streamOf(bytes.slice(0, cut), bytes.slice(cut));
      assertEquals(await Array.fromAsync(readLines(stream)), ["one", "", "twö €", "three"], `cut at ${cut}`);
    }
    assertEquals(
      await Array.fromAsync(readLines(streamOf(...[...bytes].map((byte) => Uint8Array.of(byte))))),
      [
        "one",
        "",
        "twö €",
        "three",
      ],
    );
  },
});

Deno.test({
  name: "a line without an end is given up before it fills the memory",
  permissions: "none",
  async fn(): Promise<void> {
    const chunk = "x".repeat(MAX_LINE_LENGTH / 4);
    const read = () => Array.fromAsync(readLines(streamOf("a\n", chunk, chunk, chunk, chunk, "x", "\nb\n")));
    await assertRejects(read, RangeError, "a line has more than");
  },
});

Deno.test({
  name: "a value is one line, whatever is in it",
  permissions: "none",
  fn: () => assertEquals(new TextDecoder().decode(jsonLine({ a: "b\nc" })), '{"a":"b\\nc"}\n'),
});
