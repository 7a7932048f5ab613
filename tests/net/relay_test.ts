import { assert, assertEquals, assertFalse } from "@std/assert";
import { pools } from "../../lib/net/buffers.ts";
import { type Head, Relay, type RelayEnd } from "../../lib/net/relay.ts";
import { concat } from "../support/conversation.ts";
import { bytesOf } from "../support/verdicts.ts";
import { FakeStream, settle } from "./fake_stream.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `relay: ${name}`, permissions: "none", fn });
}

interface Running {
  readonly client: FakeStream;
  readonly backend: FakeStream;
  readonly traffic: {
    bytesIn: number;
    bytesOut: number;
    active: boolean;
    halfClosed: boolean;
    writing: number;
  };
  readonly relay: Relay;
  readonly end: Promise<RelayEnd>;
}

function start(
  head?: Head,
  arrange: (ends: Pick<Running, "client" | "backend">) => void = () => {},
): Running {
  const [client, backend] = [new FakeStream(), new FakeStream()];
  arrange({ client, backend });
  const traffic = { bytesIn: 0, bytesOut: 0, active: false, halfClosed: false, writing: 0 };
  const relay = new Relay(client, backend, traffic);
  return { client, backend, traffic, relay, end: relay.run(head) };
}

test("each direction ends on its own, and both ends are closed when both have", async () => {
  const { client, backend, traffic, end } = start();
  client.say(bytesOf("question"));
  client.end();
  await settle();
  assertEquals([backend.written, backend.writeClosed], [bytesOf("question"), true]);
  assertFalse(client.writeClosed || client.closed > 0 || backend.closed > 0);
  backend.say(bytesOf("answer"));
  backend.end();
  assertEquals(await end, "client closed");
  assertEquals(client.written, bytesOf("answer"));
  assert(client.closed > 0 && backend.closed > 0);
  assertEquals(traffic, { bytesIn: 8, bytesOut: 6, active: true, halfClosed: true, writing: 0 });
});

test("what was read before comes first, then the read that was under way, then the rest", async () => {
  const pending = Promise.withResolvers<number | null>();
  const buffer = new Uint8Array(10);
  const { client, backend, traffic, end } = start({
    bytes: bytesOf("one "),
    pending: { count: pending.promise, buffer },
  });
  await settle();
  assertEquals([backend.written, client.reads], [bytesOf("one "), 0]);
  buffer.set(bytesOf("two "));
  pending.resolve(4);
  client.say(bytesOf("three"));
  client.end();
  backend.end();
  await end;
  assertEquals(backend.written, bytesOf("one two three"));
  assertEquals(traffic.bytesIn, 13);
});

test("a client that had closed before is closed towards the backend after its bytes", async () => {
  const ended = { count: Promise.resolve(null), buffer: new Uint8Array() };
  const { backend, end } = start({ bytes: bytesOf("all"), pending: ended });
  await settle();
  assertEquals([backend.written, backend.writeClosed], [bytesOf("all"), true]);
  backend.end();
  assertEquals(await end, "client closed");
});

test("what a write leaves over is written again", async () => {
  const { client, backend, end } = start({ bytes: bytesOf("head") }, ({ backend }) => {
    backend.take = (bytes) => Math.min(3, bytes.length);
  });
  client.say(bytesOf("a longer body"));
  client.end();
  backend.end();
  await end;
  assertEquals(backend.written, bytesOf("heada longer body"));
});

test("nothing is read while the other side has not taken what was read before", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { client, backend, end } = start(undefined, ({ client }) => {
    client.take = (bytes) => promise.then(() => bytes.length);
  });
  backend.say(new Uint8Array(10_000_000));
  await settle();
  assertEquals(backend.reads, 1);
  resolve();
  backend.end();
  client.end();
  await end;
  assertEquals(client.written.length, 10_000_000);
});

for (const [side, other] of [["client", "backend"], ["backend", "client"]] as const) {
  test(`a ${side} that breaks ends the ${other} at once`, async () => {
    const running = start();
    running[side].break();
    assertEquals(await running.end, `${side} reset`);
    assertEquals([running.client.closed, running.backend.closed], [1, 1]);
  });

  test(`closing it ends a write that the ${side} does not take`, async () => {
    const stuck = Promise.withResolvers<number>();
    const running = start(undefined, (ends) => {
      ends[side].take = () => stuck.promise;
    });
    const close = running[side].close.bind(running[side]);
    running[side].close = () => {
      close();
      stuck.reject(new Deno.errors.Interrupted("closed"));
    };
    running[other].say(bytesOf("never taken"));
    await settle();
    running.relay.close();
    await running.end;
  });
}

test("the answer of a backend that takes no more still reaches a client that goes on", async () => {
  const { client, backend, end } = start(undefined, ({ backend }) => {
    backend.take = () => {
      throw new Deno.errors.BrokenPipe("gone");
    };
  });
  client.say(bytesOf("too late"));
  await settle();
  backend.say(bytesOf("413 too large"));
  backend.end();
  client.say(bytesOf("and more"));
  client.end();
  assertEquals(await end, "backend reset");
  assertEquals(client.written, bytesOf("413 too large"));
});

test("an end that fails to close, now or later, ends no more than itself", async () => {
  const { client, backend, relay, end } = start();
  client.close = () => {
    throw new Error("now");
  };
  backend.close = (): Promise<void> => Promise.reject(new Error("later"));
  relay.close();
  client.end();
  backend.end();
  await end;
});

test("relays that share buffers do not mix their bytes", async () => {
  const streams = Array.from({ length: 12 }, (_, i) => {
    const sizes = Array.from(
      { length: 60 },
      (_, j) => [1, 700, 1024, 5000, 16_384, 300_000][(i * 7 + j * 3) % 6]!,
    );
    return concat(sizes.map((size, j) => new Uint8Array(size).fill((i * 31 + j) % 251)));
  });
  await Promise.all(streams.map(async (bytes, i) => {
    const { client, backend, end } = start();
    backend.take = async (chunk) => {
      if (i % 3 === 0) await Promise.resolve();
      return i % 2 === 0 ? chunk.length : Math.ceil(chunk.length / 2);
    };
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 5) % 400_000 + 1) {
      client.say(bytes.subarray(at, at + size));
      if (at % 4 === 0) await settle();
    }
    client.end();
    backend.end();
    await end;
    assert(backend.written.every((byte, at) => byte === bytes[at]), `stream ${i}`);
    assertEquals(backend.written.length, bytes.length);
  }));
});

test("an end that takes no bytes is broken, and is not asked for ever", async () => {
  const { client, backend, end } = start(undefined, ({ backend }) => {
    backend.take = () => 0;
  });
  client.say(bytesOf("never taken"));
  client.end();
  await settle();
  backend.end();
  assertEquals(await end, "backend reset");
});

const endings: Record<string, (ends: Pick<Running, "client" | "backend" | "relay">) => void> = {
  "both sides have closed": ({ client, backend }) => [client, backend].forEach((side) => side.end()),
  "the client is reset": ({ client }) => client.break(),
  "the backend is reset": ({ backend }) => backend.break(),
  "the backend takes no bytes": ({ client, backend }) => {
    backend.take = () => 0;
    client.say(new Uint8Array(2000));
    client.end();
    backend.end();
  },
  "it is closed": ({ relay }) => relay.close(),
};

for (const [what, happens] of Object.entries(endings)) {
  test(`no buffer is with a connection any more when ${what}`, async () => {
    const lent = () => Object.values(pools).map((pool) => pool.lent);
    const before = lent();
    const running = start();
    running.client.say(new Uint8Array(400_000));
    running.backend.say(new Uint8Array(2000));
    await settle();
    happens(running);
    await running.end;
    assertEquals(lent(), before);
  });
}

for (const count of [-1, NaN, 1e9]) {
  test(`a side that says it has read ${count} bytes is broken`, async () => {
    const { client, end } = start(undefined, ({ backend }) => backend.read = () => Promise.resolve(count));
    assertEquals(await end, "backend reset");
    assertEquals(client.written.length, 0);
  });
}
