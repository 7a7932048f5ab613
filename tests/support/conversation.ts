/**
 * Reading and writing a whole connection.
 *
 * @module
 */

/** Writes all the bytes. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) {
    written += await connection.write(bytes.subarray(written));
  }
}

/** Reads until the other side closes its direction. */
export async function readAll(connection: Deno.Conn): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await readSome(connection); chunk !== undefined; chunk = await readSome(connection)) {
    chunks.push(chunk);
  }
  return concat(chunks);
}

/**
 * Reads exactly so many bytes.
 *
 * @throws {Error} if the other side closes before.
 */
export async function readExactly(connection: Deno.Conn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await connection.read(bytes.subarray(filled));
    if (count === null) throw new Error(`Read ${filled} of ${length} bytes before the end`);
    filled += count;
  }
  return bytes;
}

/** Sends bytes to a TCP port of 127.0.0.1, closes that direction, and gives everything that comes back. */
export async function exchange(port: number, bytes: Uint8Array): Promise<Uint8Array> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const [answer] = await Promise.all([
    readAll(connection),
    writeAll(connection, bytes).then(() => connection.closeWrite()),
  ]);
  return answer;
}

/** Joins byte arrays. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

async function readSome(connection: Deno.Conn): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(16 * 1024);
  const count = await connection.read(buffer);
  return count === null ? undefined : buffer.subarray(0, count);
}
