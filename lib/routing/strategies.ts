/**
 * The built-in routing strategies. Each is a small object with just the memory its rule needs.
 *
 * @module
 */

import type { BackendStatus, RoutingStrategy } from "./routing_strategy.ts";

/** Makes a strategy by name; `random` gives numbers in [0, 1). */
export type StrategyFactory = (random: () => number) => RoutingStrategy;

/** The candidate with the smallest value; the first of equals. */
function smallest(candidates: readonly BackendStatus[], value: (it: BackendStatus) => number): BackendStatus {
  let best = candidates[0]!;
  let least = value(best);
  for (let i = 1; i < candidates.length; i++) {
    const candidate = candidates[i]!;
    const own = value(candidate);
    if (own < least) [best, least] = [candidate, own];
  }
  return best;
}

function firstAvailable(): RoutingStrategy {
  return { name: "first-available", ranking: "order", select: (_request, candidates) => candidates[0]! };
}

/** Counts what it routed to each half of a backend, not what is open; the fallback tier is not counted. */
function leastRequests(): RoutingStrategy {
  let counts = new WeakMap<BackendStatus, number>();
  return {
    name: "least-requests",
    ranking: "tier",
    select(_request, candidates) {
      if (candidates[0]!.priorityTier === "fallback") return candidates[0]!;
      const chosen = smallest(candidates, (candidate) => counts.get(candidate) ?? 0);
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
      return chosen;
    },
    reset: () => void (counts = new WeakMap()),
  };
}

/** The least recently chosen one, which is fair however the set of candidates changes between calls. */
function roundRobin(): RoutingStrategy {
  const turns = new WeakMap<BackendStatus, number>();
  let turn = 0;
  return {
    name: "round-robin",
    ranking: "tier",
    select(_request, candidates) {
      const chosen = smallest(candidates, (candidate) => turns.get(candidate) ?? 0);
      turns.set(chosen, ++turn);
      return chosen;
    },
  };
}

function random(random: () => number): RoutingStrategy {
  return {
    name: "random",
    ranking: "tier",
    select: (_request, candidates) => candidates[Math.floor(random() * candidates.length)]!,
  };
}

function leastConnections(): RoutingStrategy {
  return {
    name: "least-connections",
    ranking: "tier",
    select: (_request, candidates) => smallest(candidates, ({ activeConnections }) => activeConnections),
  };
}

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998) of the client's address and the backend's name: a
 * client keeps its backend, and when a backend goes away only its own clients move.
 */
function ipHash(): RoutingStrategy {
  return {
    name: "ip-hash",
    ranking: "tier",
    select: ({ client }, candidates) =>
      smallest(candidates, ({ spec }) => rendezvousHash(client.remote.address, spec.name)),
  };
}

/** FNV-1a over both names, with a final avalanche so that similar names spread. */
function rendezvousHash(client: string, backend: string): number {
  let hash = 0x811c9dc5;
  for (const text of [client, "\0", backend]) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The built-in strategies by name. */
export const strategies: ReadonlyMap<string, StrategyFactory> = new Map<string, StrategyFactory>([
  ["first-available", firstAvailable],
  ["least-requests", leastRequests],
  ["round-robin", roundRobin],
  ["random", random],
  ["least-connections", leastConnections],
  ["ip-hash", ipHash],
]);
