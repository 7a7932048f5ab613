/**
 * Why a client goes where it goes: what each backend makes of it, and what the routing strategy then does.
 *
 * @module
 */

import { maskUrls, maskValue } from "../config/secrets.ts";
import type { NetworkProtocol } from "../config/types.ts";
import type { Facts, Verdict } from "../protocol/detector.ts";
import type { PriorityTier } from "../routing/backend.ts";
import type { BackendEntry } from "../routing/backend_entry.ts";
import type { ClientInfo } from "../routing/client.ts";
import { Router } from "../routing/router.ts";
import type { RoutingStrategy } from "../routing/routing_strategy.ts";
import { eligible } from "../routing/selection.ts";
import { type Answer, decide, type Judge, type Sent } from "./explain_decision.ts";

/** A verdict, and what it took. */
export interface VerdictExplanation {
  /** The verdict. */
  readonly verdict: Exclude<Verdict, "incomplete">;
  /** How many bytes were needed. */
  readonly bytes: number;
  /** Whether it also took that nothing more came. */
  readonly atEnd: boolean;
}

/** What one condition of a backend says. */
export interface MatcherExplanation extends VerdictExplanation {
  /** The parameter as written. */
  readonly matcher: string;
  /** Its value as written, unless it is secret. */
  readonly value: string;
}

/** What one backend says. */
export interface BackendExplanation extends VerdictExplanation {
  /** Its name. */
  readonly backend: string;
  /** Its protocol. */
  readonly protocol: string;
  /** Its tier. */
  readonly priorityTier: PriorityTier;
  /** Its conditions. Where all of them hold, the rest of the verdict is its module's own. */
  readonly matchers: readonly MatcherExplanation[];
}

/** Why a client goes where it goes. */
export interface Explanation {
  /** The transport. */
  readonly networkProtocol: NetworkProtocol;
  /** Who calls, and which of our addresses it called. */
  readonly client: ClientInfo;
  /** How many bytes there were to look at, in each datagram or in the stream. */
  readonly sizes: readonly number[];
  /** What was found in them. */
  readonly facts: Facts;
  /** Every backend of the transport, in routing order. */
  readonly backends: readonly BackendExplanation[];
  /** The rule in force. */
  readonly strategy: string;
  /** The backend that is chosen; null if none wants the client. */
  readonly chosen: string | null;
  /** How many bytes decide the choice. */
  readonly bytes: number;
  /** Whether it also takes that nothing more comes. */
  readonly atEnd: boolean;
  /** Why this backend. */
  readonly reason: string;
}

/** Where a client may go. */
export interface Routing {
  /** The backends, in routing order. */
  readonly entries: readonly BackendEntry[];
  /** Makes the rule, with nothing counted yet. */
  readonly strategy: () => RoutingStrategy;
}

/** How the built-in strategies of ranking `tier` choose among several. */
const RULES: Readonly<Record<string, string>> = {
  "least-requests": "takes the one that was given the fewest, which is the first while nothing is counted",
  "round-robin": "takes the one whose turn is longest ago, which is the first while nothing is counted",
  "random": "takes one of them at random, and may take another one next time",
  "least-connections": "takes the one with the fewest connections, which is the first while there are none",
  "ip-hash": "takes the one that the client's address leads to",
};

/** Explains where a client goes, without opening a connection. Health is not considered. */
export async function explainRoute(sent: Sent, { entries, strategy }: Routing): Promise<Explanation> {
  const { networkProtocol, client, messages, learnt } = sent;
  const own = entries.filter((entry) => entry.networkProtocol === networkProtocol);
  const backends = await Promise.all(own.map((entry) => explainBackend(entry, sent)));
  const { signal } = new AbortController();
  const { outcome, bytes, atEnd, facts } = await decide<BackendEntry | "none">(sent, {
    otherwise: "none",
    judge(inspection) {
      const router = new Router({ strategy: strategy() });
      router.replace(own);
      return router.route(inspection, signal).next();
    },
  });
  const { name, ranking } = strategy();
  const positions = eligible(backends.map(({ verdict }) => verdict), own, ranking);
  const offered = positions === "incomplete" ? [] : positions.map((position) => own[position]!);
  return {
    networkProtocol,
    client,
    sizes: messages.map(({ length }) => length),
    facts: { ...learnt, ...facts },
    backends,
    strategy: name,
    chosen: outcome === "none" ? null : outcome.spec.name,
    bytes,
    atEnd,
    reason: outcome === "none" ? closing(sent) : reasonFor({ name, ranking }, offered),
  };
}

async function explainBackend(entry: BackendEntry, sent: Sent): Promise<BackendExplanation> {
  const { signal } = new AbortController();
  const { spec: { name, protocol }, priorityTier } = entry;
  const ask = async (judge: Judge<Verdict>) =>
    verdictOf(await decide<Verdict>(sent, { judge, otherwise: "mismatch" }));
  const matchers: MatcherExplanation[] = [];
  for (const matcher of entry.matchers) {
    const explained = await ask((inspection) => matcher.evaluate(inspection));
    matchers.push({ matcher: matcher.key, value: maskValue(matcher.key, matcher.value), ...explained });
  }
  const all = await ask((inspection) => entry.wants(inspection, signal));
  return { backend: name, protocol: maskUrls(protocol), priorityTier, ...all, matchers };
}

function verdictOf({ outcome, bytes, atEnd }: Answer<Verdict>): VerdictExplanation {
  return { verdict: outcome === "match" ? "match" : "mismatch", bytes, atEnd };
}

function closing({ networkProtocol }: Sent): string {
  const consequence = networkProtocol === "tcp" ? "the connection is closed" : "the datagrams are dropped";
  return `no backend wants it: ${consequence}`;
}

function reasonFor(
  { name, ranking }: Pick<RoutingStrategy, "name" | "ranking">,
  offered: readonly BackendEntry[],
): string {
  if (ranking === "order") return `${name} takes the first backend in order that wants it`;
  const [first] = offered;
  if (offered.length === 1) return `no other backend of its tier (${first!.priorityTier}) or above wants it`;
  const names = offered.map(({ spec }) => spec.name).join(", ");
  return `${names} (${first!.priorityTier}) want it, and ${name} ${RULES[name] ?? "chooses among them"}`;
}
