import { assertEquals } from "@std/assert";
import { MessageWire, SocketWire } from "../../lib/sandbox/wire_transport.ts";

/** A socket that keeps what is written to it, and takes it when it is told to. */
class HeldSocket {
  readonly written: number[][] = [];
  #taken = Promise.withResolvers<void>();

  async write(bytes: Uint8Array): Promise<number> {
    this.written.push([...bytes]);
    await this.#taken.promise;
    return bytes.length;
  }

  /** Takes what was written. */
  take(): void {
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
  }

  read(): Promise<number | null> {
    return Promise.resolve(null);
  }

  close(): void {}
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `wire: ${name}`, permissions: "none", fn });
}

/** Lets a turn of the event loop pass. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("what is sent in one turn goes in one write", async () => {
  const socket = new HeldSocket();
  const wire = new SocketWire(socket);
  wire.send(Uint8Array.of(1));
  await undefined;
  wire.send(Uint8Array.of(2, 3));
  assertEquals(socket.written, []);
  await settle();
  assertEquals(socket.written, [[1, 2, 3]]);
});

test("what is sent while a write waits goes in the next one", async () => {
  const socket = new HeldSocket();
  const wire = new SocketWire(socket);
  wire.send(Uint8Array.of(1));
  await settle();
  wire.send(Uint8Array.of(2));
  await settle();
  wire.send(Uint8Array.of(3));
  await settle();
  assertEquals([socket.written, wire.queued], [[[1]], 3]);
  socket.take();
  await settle();
  assertEquals([socket.written, wire.queued], [[[1], [2, 3]], 2]);
});

test("messages of one turn are one message", async () => {
  const posted: unknown[] = [];
  const wire = new MessageWire({
    postMessage: (message) => void posted.push([...new Uint8Array(message as ArrayBuffer)]),
    addEventListener() {},
  });
  wire.send(Uint8Array.of(1));
  await undefined;
  wire.send(Uint8Array.of(2, 3));
  await settle();
  wire.send(Uint8Array.of(4));
  await settle();
  assertEquals(posted, [[1, 2, 3], [4]]);
});
