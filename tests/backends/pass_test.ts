import { assert, assertEquals, assertRejects } from "@std/assert";
import { PassthroughBackend } from "../../lib/backends/pass.ts";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { datagramBuffers } from "../../lib/net/datagram_buffers.ts";
import type { UpstreamSocket } from "../../lib/routing/backend_module.ts";
import type { ClientInfo } from "../../lib/routing/client.ts";
import { silentLogger } from "../../lib/routing/logger.ts";
import { settle } from "../net/fake_stream.ts";
import { inspectionOf } from "../routing/inspections.ts";
import { bytesOf } from "../support/verdicts.ts";

/** A socket towards a target that the test plays. */
class FakeUpstream implements UpstreamSocket {
  readonly sent: string[] = [];
  isClosed = false;
  #answers: string[] = [];
  #wake = (): void => {};

  answer(text: string): void {
    this.#answers.push(text);
    this.#wake();
  }

  send(message: Uint8Array): Promise<void> {
    if (this.isClosed) return Promise.reject(new Error("closed"));
    this.sent.push(String.fromCharCode(...message));
    return Promise.resolve();
  }

  async receive(buffer: Uint8Array): Promise<Uint8Array | null> {
    while (this.#answers.length === 0 && !this.isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.isClosed) return null;
    const { written } = new TextEncoder().encodeInto(this.#answers.shift()!, buffer);
    return buffer.subarray(0, written);
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }
}

interface Pass {
  readonly backend: PassthroughBackend;
  /** The sockets that it has asked for, each with what decides whether it gets it. */
  readonly opened: { readonly socket: FakeUpstream; readonly gate: PromiseWithResolvers<void> }[];
  /** What was sent to clients, by remote port. */
  readonly answered: string[];
}

function pass(spec = "a:pass:target.ip=10.0.0.1,target.port=53"): Pass {
  const opened: Pass["opened"] = [];
  const answered: string[] = [];
  const backend = new PassthroughBackend(parseBackendSpec(spec), {
    buffers: datagramBuffers,
    logger: silentLogger,
    net: {
      connect: () => Promise.reject(new Error("not here")),
      async openDatagram() {
        const one = { socket: new FakeUpstream(), gate: Promise.withResolvers<void>() };
        opened.push(one);
        await one.gate.promise;
        return one.socket;
      },
    },
  });
  backend.initialize((client) => ({
    client,
    write(message) {
      answered.push(`${client.remote.port} ${String.fromCharCode(...message)}`);
      return Promise.resolve(true);
    },
  }));
  return { backend, opened, answered };
}

function session(remotePort: number): { client: ClientInfo; controller: AbortController } {
  return { client: inspectionOf({ remotePort }).client, controller: new AbortController() };
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `pass: ${name}`, permissions: "none", fn });
}

test("every session has a socket of its own, and its answers go back to its client", async () => {
  const { backend, opened, answered } = pass();
  const [one, two] = [session(1), session(2)];
  const send = ({ client, controller }: typeof one, text: string) =>
    backend.handleMessage(client, {}, bytesOf(text), controller.signal);
  const sending = [send(one, "a"), send(two, "b"), send(one, "c")];
  opened.forEach(({ gate }) => gate.resolve());
  await Promise.all(sending);
  assertEquals(opened.map(({ socket }) => socket.sent), [["a", "c"], ["b"]]);
  opened[1]!.socket.answer("to two");
  opened[0]!.socket.answer("to one");
  await settle();
  assertEquals(answered.toSorted(), ["1 to one", "2 to two"]);
  await backend[Symbol.asyncDispose]();
  assert(opened.every(({ socket }) => socket.isClosed));
});

test("a session that ends closes its socket, also one that is still being opened", async () => {
  const { backend, opened } = pass();
  const [one, two] = [session(1), session(2)];
  const sending = [one, two].map(({ client, controller }) =>
    backend.handleMessage(client, {}, bytesOf("x"), controller.signal).catch(() => {})
  );
  opened[0]!.gate.resolve();
  await sending[0];
  one.controller.abort();
  two.controller.abort();
  opened[1]!.gate.resolve();
  await Promise.all(sending);
  await settle();
  assertEquals(opened.map(({ socket }) => socket.isClosed), [true, true]);
});

test("a socket that cannot be opened fails its datagrams, and the next one tries again", async () => {
  const { backend, opened } = pass();
  const { client, controller } = session(1);
  const first = backend.handleMessage(client, {}, bytesOf("x"), controller.signal);
  opened[0]!.gate.reject(new Error("no such host"));
  await assertRejects(() => first, Error, "no such host");
  const second = backend.handleMessage(client, {}, bytesOf("y"), controller.signal);
  opened[1]!.gate.resolve();
  await second;
  assertEquals(opened[1]!.socket.sent, ["y"]);
  controller.abort();
  await settle();
  assert(opened[1]!.socket.isClosed);
});

test("sockets that cannot be opened leave nothing behind at the session that asks for them", async () => {
  const { backend, opened } = pass();
  const { client, controller: { signal } } = session(1);
  let listeners = 0;
  Object.assign(signal, { addEventListener: () => listeners++, removeEventListener: () => listeners-- });
  for (let i = 0; i < 10; i++) {
    const sending = backend.handleMessage(client, {}, bytesOf("x"), signal);
    opened[i]!.gate.reject(new Error("no such host"));
    await assertRejects(() => sending, Error, "no such host");
  }
  assertEquals(listeners, 0);
});

test("a session that has ended opens no socket", async () => {
  const { backend, opened } = pass();
  const { client } = session(1);
  const sending = backend.handleMessage(client, {}, bytesOf("x"), AbortSignal.abort());
  await assertRejects(() => sending, DOMException, "aborted");
  assertEquals(opened, []);
});

test("a client without a way back fails its datagram, and opens no socket", async () => {
  const { backend, opened } = pass();
  backend.initialize(() => {
    throw new Error("no such client");
  });
  const { client, controller } = session(1);
  const sending = backend.handleMessage(client, {}, bytesOf("x"), controller.signal);
  await assertRejects(() => sending, Error, "no such client");
  assertEquals(opened, []);
});

test("an answer that a program cannot write is lost, and those after it are not", async () => {
  const { backend, opened, answered } = pass();
  let writes = 0;
  backend.initialize((client) => ({
    client,
    write(message) {
      if (writes++ === 0) return Promise.reject(new Error("cannot write"));
      return Promise.resolve(answered.push(String.fromCharCode(...message)) > 0);
    },
  }));
  const { client, controller } = session(1);
  const sending = backend.handleMessage(client, {}, bytesOf("x"), controller.signal);
  opened[0]!.gate.resolve();
  await sending;
  for (const answer of ["a", "b"]) opened[0]!.socket.answer(answer);
  await settle();
  assertEquals(answered, ["b"]);
  controller.abort();
});

test("it is disposed of also while a socket cannot be opened", async () => {
  const { backend, opened } = pass();
  const [one, two] = [session(1), session(2)];
  const sending = [one, two].map(({ client, controller }) =>
    backend.handleMessage(client, {}, bytesOf("x"), controller.signal).catch(() => {})
  );
  opened[1]!.gate.resolve();
  await sending[1];
  const disposed = backend[Symbol.asyncDispose]();
  opened[0]!.gate.reject(new Error("too late"));
  await disposed;
  await Promise.all(sending);
  assert(opened[1]!.socket.isClosed);
});

test("it is disposed of without waiting for the socket of a session that has ended", async () => {
  const { backend, opened } = pass();
  const { client, controller } = session(1);
  const sending = backend.handleMessage(client, {}, bytesOf("x"), controller.signal);
  controller.abort();
  await backend[Symbol.asyncDispose]();
  opened[0]!.gate.resolve();
  await assertRejects(() => sending, DOMException, "aborted");
  assert(opened[0]!.socket.isClosed);
});

test("a target on a Unix socket takes connections, but no datagrams", async () => {
  const { backend } = pass("a:pass:target.path=/run/a.sock");
  const inspection = inspectionOf({ networkProtocol: "udp" });
  const { signal } = new AbortController();
  assertEquals(backend.canHandleMessage(inspection.client, {}, inspection.bytes, signal), "mismatch");
  assertEquals(backend.canHandleConnection(inspection, signal), "match");
  assertEquals(backend.connect({ client: inspection.client, properties: {} }, signal), {
    transport: "unix",
    path: "/run/a.sock",
  });
  await backend[Symbol.asyncDispose]();
});
