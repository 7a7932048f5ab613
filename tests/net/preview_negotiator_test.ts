import { assertEquals } from "@std/assert";
import type { ConnectionNegotiator, Negotiation } from "../../lib/routing/negotiator.ts";
import { exchange, readAll, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startEchoServer } from "../support/servers.ts";
import { passTo, type Setup, startMultiplexer } from "./harness.ts";
import { resetAfter } from "./resetting.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

function negotiator(name: string, negotiate: ConnectionNegotiator["negotiate"]): ConnectionNegotiator {
  return { name, negotiate };
}

const accept: Negotiation = { outcome: "accept" };

interface Client extends Setup {
  /** What it sends, piece by piece. */
  readonly says?: readonly string[];
  /** What the backend wants. */
  readonly matcher?: string;
}

/** What a client hears through a multiplexer with these negotiators, in the order of adding, and what became of it. */
async function through(
  negotiators: readonly ConnectionNegotiator[],
  { says = ["hello"], matcher = "", ...setup }: Client = {},
) {
  await using echo = startEchoServer();
  await using running = await startMultiplexer({
    backends: [passTo(echo) + matcher],
    ...setup,
    options: { negotiators },
  });
  const { observer, port } = running;
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  for (const piece of says) {
    await writeAll(client, bytesOf(piece));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await client.closeWrite().catch(() => {});
  const hears = await readAll(client).then((bytes) => new TextDecoder().decode(bytes), () => "");
  return { hears, refusals: observer.refusals, routed: observer.routedConnections };
}

Deno.test("NEG-02 the negotiator that was added last is asked first", async () => {
  const asked: string[] = [];
  const asking = (name: string) =>
    negotiator(name, () => {
      asked.push(name);
      return accept;
    });
  assertEquals((await through(["a", "b", "c"].map(asking))).hears, "hello");
  assertEquals(asked, ["c", "b", "a"]);
});

Deno.test("NEG-03 properties that a negotiator adds are seen by the next one and by matchers", async () => {
  const seen: (string | undefined)[] = [];
  const { hears, routed } = await through([
    negotiator("inner", ({ properties }) => {
      seen.push(properties.land);
      return accept;
    }),
    negotiator("outer", () => ({ outcome: "accept", properties: { land: "at" } })),
  ], { matcher: ",property[land]=at" });
  assertEquals([hears, seen, routed[0]?.learnt.land], ["hello", ["at"], "at"]);
});

Deno.test("a client that a negotiator names is the client for all that follows", async () => {
  const remote = { address: "192.0.2.7", port: 7 };
  const { routed } = await through([
    negotiator("names", ({ client }) => ({ outcome: "accept", client: { ...client, remote } })),
  ]);
  assertEquals(routed[0]?.client.remote, remote);
});

Deno.test("NEG-07 a negotiator that rejects closes the connection for its reason, and the next is not asked", async () => {
  const { hears, refusals } = await through([
    negotiator("inner", () => {
      throw new Error("must not be asked");
    }),
    negotiator("outer", () => ({ outcome: "reject", reason: "not today" })),
  ]);
  assertEquals(hears, "");
  assertEquals(refusals, [{ reason: "negotiation_failed", detail: "outer: not today" }]);
});

Deno.test("a negotiator sees more bytes for as long as it cannot decide, and loses none of them", async () => {
  const seen: string[] = [];
  const { hears } = await through([
    negotiator("line", ({ bytes, ended }) => {
      seen.push(new TextDecoder().decode(bytes));
      return bytes.includes(10) || ended ? accept : { outcome: "incomplete" };
    }),
  ], { says: ["he", "llo", "\n", "rest"] });
  assertEquals(seen, ["", "he", "hello", "hello\n"]);
  assertEquals(hears, "hello\nrest");
});

Deno.test("one that cannot decide at the end of the bytes lets the connection pass", async () => {
  let ended = false;
  const { hears } = await through([
    negotiator("never", (preview) => {
      ended = preview.ended;
      return { outcome: "incomplete" };
    }),
  ]);
  assertEquals([hears, ended], ["hello", true]);
});

Deno.test("a client that breaks off while a negotiator waits for it is no failure of the negotiator", async () => {
  let asked = 0;
  const patient = negotiator("patient", () => (asked++, { outcome: "incomplete" }));
  await using echo = startEchoServer();
  await using running = await startMultiplexer({
    backends: [passTo(echo)],
    options: { negotiators: [patient] },
  });
  await resetAfter(running.port, bytesOf("hello"), () => eventually(() => asked > 0));
  await eventually(() => running.observer.refusals.length === 1);
  assertEquals(running.observer.reasons, ["client_gone"]);
});

for (
  const [what, negotiate, detail] of [
    ["throws", () => {
      throw new Error("out of order");
    }, "bad failed: out of order"],
    ["rejects its promise", () => Promise.reject(new Error("later")), "bad failed: later"],
    [
      "answers something else",
      () => ({ outcome: "deny" }) as never,
      'bad failed: it answered {"outcome":"deny"}, which is no outcome',
    ],
    ["answers a word", () => "reject" as never, 'bad failed: it answered "reject", which is no outcome'],
    ["never answers", () => new Promise(() => {}), "bad failed: no answer within 100 ms"],
  ] as readonly (readonly [string, ConnectionNegotiator["negotiate"], string])[]
) {
  Deno.test(`a negotiator that ${what} costs this one connection`, async () => {
    let calls = 0;
    const bad = negotiator("bad", (preview, signal) => calls++ === 0 ? negotiate(preview, signal) : accept);
    await using echo = startEchoServer();
    await using running = await startMultiplexer({
      backends: [passTo(echo)],
      selectionTimeout: 100,
      options: { negotiators: [bad] },
    });
    assertEquals(
      await exchange(running.port, new Uint8Array()).catch(() => new Uint8Array()),
      new Uint8Array(),
    );
    assertEquals(running.observer.refusals, [{ reason: "negotiation_failed", detail }]);
    assertEquals(await exchange(running.port, bytesOf("hello")), bytesOf("hello"));
  });
}

Deno.test("an answer that comes too late is told so by its signal", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = negotiator("late", (_preview, signal) => {
    signal.addEventListener("abort", () => resolve());
    return new Promise(() => {});
  });
  await through([late], { selectionTimeout: 50 });
  await promise;
});
