/**
 * Lines of text in a stream of bytes.
 *
 * @module
 */

/** A line longer than this ends the reading: whoever sends it would make the reader hold it in memory. */
export const MAX_LINE_LENGTH = 16 * 1024 * 1024;

const encoder = new TextEncoder();

/**
 * The lines of a UTF-8 stream, without their ends. What follows the last line end is no line.
 *
 * @throws {RangeError} if a line is longer than {@linkcode MAX_LINE_LENGTH} characters.
 */
export async function* readLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let parts: string[] = [];
  let length = 0;
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const [first = "", ...others] = text.split("\n");
    parts.push(first);
    length += first.length;
    for (const next of others) {
      yield parts.join("");
      parts = [next];
      length = next.length;
    }
    if (length > MAX_LINE_LENGTH) throw new RangeError(`a line has more than ${MAX_LINE_LENGTH} characters`);
  }
}

/** A value as one line of JSON, with its end. */
export function jsonLine(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${JSON.stringify(value)}\n`);
}
