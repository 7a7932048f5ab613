import { assertEquals, assertRejects } from "@std/assert";
import { Names } from "../../lib/net/names.ts";
import { eventually } from "../support/eventually.ts";

const DEAD = { hostname: "dead.test", port: 80 };
const ALIVE = { hostname: "alive.test", port: 80 };

/** A resolver of which one name gets no answer until it is said to be out of reach. */
function outage() {
  const { promise, reject } = Promise.withResolvers<never>();
  const started: string[] = [];
  const looked: string[] = [];
  const names = new Names({
    connect({ hostname }, signal) {
      started.push(hostname);
      if (hostname === ALIVE.hostname) return Promise.resolve({} as Deno.Conn);
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
    lookUp({ hostname }) {
      looked.push(hostname);
      return hostname === ALIVE.hostname ? Promise.resolve(["192.0.2.1"]) : promise;
    },
  });
  return { names, started, looked, end: () => reject(new Error("no name server answers")) };
}

Deno.test("names: one that cannot be looked up takes few threads, whoever wants it and gives up", async () => {
  const { names, started, looked, end } = outage();
  const clients = Array.from({ length: 100 }, () => new AbortController());
  const dials = clients.map(({ signal }) => names.connect(DEAD, signal));
  const failed = Promise.allSettled(dials);
  await eventually(() => looked.length > 0);
  for (const client of clients) client.abort(new Error("no answer in time"));
  await failed;
  await assertRejects(() => names.connect(DEAD, AbortSignal.abort(new Error("no answer in time"))));
  assertEquals([started.length, looked], [16, [DEAD.hostname]]);
  await names.connect(ALIVE, new AbortController().signal);
  assertEquals(started.at(-1), ALIVE.hostname);
  end();
});

Deno.test("names: what waits for one learns that it cannot be looked up, and the next client tries again", async () => {
  const { names, started, end } = outage();
  const client = new AbortController();
  const first = Array.from({ length: 16 }, () => names.connect(DEAD, client.signal));
  const failed = Promise.allSettled(first);
  client.abort(new Error("gone"));
  await failed;
  const waiting = names.connect(DEAD, new AbortController().signal);
  end();
  await assertRejects(() => waiting, Error, "no name server answers");
  const next = new AbortController();
  const again = names.connect(DEAD, next.signal);
  assertEquals(started.length, 17);
  next.abort(new Error("gone"));
  await assertRejects(() => again, Error, "gone");
});

Deno.test("names: who asks for one while it is looked up gets the same answer, who asks later a new one", async () => {
  let lookups = 0;
  const names = new Names({ lookUp: () => Promise.resolve([`192.0.2.${++lookups}`]) });
  const both = await Promise.all([names.addresses(ALIVE), names.addresses(ALIVE)]);
  assertEquals(both, [["192.0.2.1"], ["192.0.2.1"]]);
  assertEquals(await names.addresses(ALIVE), ["192.0.2.2"]);
});
