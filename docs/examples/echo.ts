/**
 * Sends every client back what it sends, after a greeting.
 *
 *     pmmux -b 'echo:./docs/examples/echo.ts:prefix=hello' -p '!:7000'
 *
 * It needs no permission at all.
 *
 * @module
 */

import type { BackendModule, Connection } from "../../mod.ts";

/** A connection that says a greeting and then what it hears. */
function echo(greeting: string): Connection {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const reader = readable.getReader();
  const writer = writable.getWriter();
  let unread: Uint8Array = new TextEncoder().encode(greeting);
  return {
    async read(buffer) {
      while (unread.length === 0) {
        const { value, done } = await reader.read();
        if (done) return null;
        unread = value;
      }
      const chunk = unread.subarray(0, buffer.length);
      buffer.set(chunk);
      unread = unread.subarray(chunk.length);
      return chunk.length;
    },
    // Resolves when the bytes were read, so that a slow reader slows its own writer.
    async write(bytes) {
      await writer.write(bytes.slice());
      return bytes.length;
    },
    closeWrite: () => writer.close(),
    close: () => void reader.cancel().catch(() => {}),
  };
}

const module: BackendModule = {
  protocol: "echo",
  parameters: ["prefix"],
  createBackend: (spec) => ({
    info: { spec, properties: {}, priorityTier: "normal" },
    canHandleConnection: () => "match",
    connect: () => echo(spec.parameters.prefix ?? ""),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
};
export default module;
