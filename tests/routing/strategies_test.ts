import { assert, assertEquals } from "@std/assert";
import type { PriorityTier } from "../../lib/routing/backend.ts";
import type { BackendStatus, RoutingRequest } from "../../lib/routing/routing_strategy.ts";
import { strategies } from "../../lib/routing/strategies.ts";
import { fakeEntry } from "./fake_backend.ts";
import { inspectionOf } from "./inspections.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `strategy ${name}`, permissions: "none", fn });
}

function request(remote = "192.0.2.7"): RoutingRequest {
  return inspectionOf({ remote });
}

function statuses(...names: string[]): BackendStatus[] {
  return names.map((name) => fakeEntry({ name }));
}

/** The names that a strategy chooses, one for each set of candidates. */
function choose(strategy: string, rounds: readonly (readonly BackendStatus[])[]): string[] {
  const { select } = strategies.get(strategy)!(() => 0.5);
  return rounds.map((candidates) => select(request(), candidates).spec.name);
}

/** Which backend each client gets, by client. */
function assign(clients: readonly string[], candidates: readonly BackendStatus[]): Map<string, string> {
  const { select } = strategies.get("ip-hash")!(Math.random);
  return new Map(clients.map((client) => [client, select(request(client), candidates).spec.name]));
}

function shares(assigned: Map<string, string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of assigned.values()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

test("first-available takes the first, in configuration order; all others rank by tier", () => {
  const ranked = [...strategies].map(([name, make]) => [name, make(Math.random).ranking]);
  assertEquals(Object.fromEntries(ranked), {
    "first-available": "order",
    "least-requests": "tier",
    "round-robin": "tier",
    "random": "tier",
    "least-connections": "tier",
    "ip-hash": "tier",
  });
  assertEquals(choose("first-available", times(2, statuses("a", "b"))), ["a", "a"]);
});

test("least-requests evens out how many were routed, the first of equals first", () => {
  const [a, b, c] = statuses("a", "b", "c") as [BackendStatus, BackendStatus, BackendStatus];
  const chosen = choose("least-requests", [[a, b, c], [a, b, c], [a, b, c], [b, c], [b, c], [a, b, c]]);
  assertEquals(chosen, ["a", "b", "c", "b", "c", "a"]);
});

test("least-requests takes the first of the fallback tier, and does not count it", () => {
  const tier: PriorityTier = "fallback";
  const last = [fakeEntry({ name: "a", tier }), fakeEntry({ name: "b", tier })];
  assertEquals(choose("least-requests", times(3, last)), ["a", "a", "a"]);
});

test("least-requests forgets its counts when it is reset", () => {
  const strategy = strategies.get("least-requests")!(Math.random);
  const candidates = statuses("a", "b");
  const next = () => strategy.select(request(), candidates).spec.name;
  assertEquals([next(), next(), next()], ["a", "b", "a"]);
  strategy.reset!();
  assertEquals([next(), next()], ["a", "b"]);
});

test("round-robin gives every backend its turn, whichever are there", () => {
  const [a, b, c] = statuses("a", "b", "c") as [BackendStatus, BackendStatus, BackendStatus];
  assertEquals(choose("round-robin", times(6, [a, b, c])), ["a", "b", "c", "a", "b", "c"]);
  const chosen = choose("round-robin", [[a, b, c], [a, c], [a, c], [a, b, c], [a, b, c], [b]]);
  assertEquals(chosen, ["a", "c", "a", "b", "c", "b"]);
});

for (const name of ["round-robin", "least-requests"]) {
  test(`${name} keeps connections and sessions of the same backends apart`, () => {
    const specs = ["a", "b"].map((name) => ({ name, protocol: "fake", parameters: {} }));
    const half = (networkProtocol: "tcp" | "udp") =>
      specs.map((spec) => {
        const entry = fakeEntry(spec, { networkProtocol });
        Object.defineProperty(entry.backend.info, "spec", { value: spec });
        return entry;
      });
    const [tcp, udp] = [half("tcp"), half("udp")];
    assertEquals(choose(name, [tcp, udp, tcp, udp, tcp, udp]), ["a", "a", "b", "b", "a", "a"]);
  });
}

test("random takes each candidate for an equal part of the numbers", () => {
  const candidates = statuses("a", "b", "c", "d");
  const chosen = [0, 0.24, 0.25, 0.5, 0.75, 1 - Number.EPSILON].map((number) =>
    strategies.get("random")!(() => number).select(request(), candidates).spec.name
  );
  assertEquals(chosen, ["a", "a", "b", "c", "d", "d"]);
});

test("least-connections takes the one that carries least now, the first of equals first", () => {
  const candidates = [2, 1, 1, 3].map((activeConnections, i) =>
    Object.assign(fakeEntry({ name: "abcd"[i]! }), { activeConnections })
  );
  assertEquals(choose("least-connections", [candidates]), ["b"]);
});

test("ip-hash gives a client the same backend, whatever its port and the order of the backends", () => {
  const candidates = statuses("a", "b", "c");
  const { select } = strategies.get("ip-hash")!(Math.random);
  for (const remote of ["192.0.2.1", "192.0.2.2", "2001:db8::7"]) {
    const names = [1, 2, 3].map((remotePort) =>
      select(inspectionOf({ remote, remotePort }), remotePort === 2 ? candidates.toReversed() : candidates)
        .spec.name
    );
    assertEquals(new Set(names).size, 1);
  }
});

const CLIENTS = {
  "IPv4 neighbours": times(4000, "").map((_, i) => `10.0.${i >> 8}.${i & 255}`),
  "IPv6 networks": times(4000, "").map((_, i) => `2001:db8:${i.toString(16)}::1`),
};

for (const [kind, clients] of Object.entries(CLIENTS)) {
  test(`ip-hash spreads ${kind} evenly, also over similar names`, () => {
    for (const names of [["a", "b", "c", "d"], ["web-1", "web-2", "web-3", "web-4"]]) {
      const counts = Object.values(shares(assign(clients, statuses(...names))));
      assert(counts.length === 4 && counts.every((count) => count > 850 && count < 1150), `${counts}`);
    }
  });

  test(`ip-hash moves only the clients of a backend that goes away, to all others: ${kind}`, () => {
    const before = assign(clients, statuses("a", "b", "c", "d"));
    const after = assign(clients, statuses("a", "b", "d"));
    const moved = new Map([...after].filter(([client, name]) => before.get(client) !== name));
    assertEquals(new Set([...moved.keys()].map((client) => before.get(client))), new Set(["c"]));
    const counts = shares(moved);
    assert(
      ["a", "b", "d"].every((name) => counts[name]! > 240 && counts[name]! < 440),
      JSON.stringify(counts),
    );
  });
}
