/**
 * An explanation as people read it.
 *
 * @module
 */

import { hostAndPort } from "../config/address.ts";
import { escapeInvisible } from "../telemetry/log_value.ts";
import type { ClientInfo } from "../routing/client.ts";
import type { ClientExplanation } from "./explain_negotiation.ts";
import type { BackendExplanation, VerdictExplanation } from "./explain_route.ts";

/** Where verdicts stand, unless what is before them is longer. */
const MAX_COLUMN = 48;

/** The lines of an explanation. */
export function explanationLines(explanation: ClientExplanation): string[] {
  const { networkProtocol, client, through, listens, sizes, facts, backends, chosen, reason } = explanation;
  const found = Object.entries(facts).map(([name, value]) => `${name}=${escapeInvisible(value)}`);
  const width = Math.min(MAX_COLUMN, Math.max(...backends.flatMap(labels).map(({ length }) => length), 0));
  return [
    `client     ${networkProtocol} ${clientText(client)}`,
    ...(through
      ? [`through    ${clientText(through.client)}, with ${bytesText(through.bytes)} for pmmux`]
      : []),
    ...(listens ? [] : ["           no port binding listens there"]),
    `sends      ${networkProtocol === "udp" ? "datagrams of " : ""}${sizesText(sizes)}`,
    ...(found.length > 0 ? [`found      ${found.join(" ")}`] : []),
    "",
    ...backends.flatMap((backend) => backendLines(backend, width)),
    ...(backends.length > 0 ? [""] : []),
    `goes to    ${chosen === null ? "nobody" : `${chosen}, ${whenText(explanation)}`}`,
    `because    ${reason}`,
  ];
}

function clientText({ remote, local }: ClientInfo): string {
  return `${hostAndPort(remote.address, remote.port)} to ${hostAndPort(local.address, local.port)}`;
}

function sizesText(sizes: readonly number[]): string {
  return [...sizes.slice(0, -1), bytesText(sizes.at(-1)!)].join(", ");
}

function bytesText(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

/** When a decision falls. */
export function whenText({ bytes, atEnd }: Pick<VerdictExplanation, "bytes" | "atEnd">): string {
  const after = `after ${bytesText(bytes)}`;
  if (!atEnd) return bytes === 0 ? "before any byte" : after;
  return bytes === 0 ? "when nothing comes" : `${after}, when no more come`;
}

function backendLines(backend: BackendExplanation, width: number): string[] {
  const { verdict, matchers } = backend;
  const own = verdict === "mismatch" && matchers.every((matcher) => matcher.verdict === "match")
    ? " (its module declines)"
    : "";
  const rows = [
    `${verdict === "match" ? "wants it" : "does not want it"} ${whenText(backend)}${own}`,
    ...matchers.map((matcher) => `${matcher.verdict === "match" ? "holds" : "fails"} ${whenText(matcher)}`),
  ];
  return labels(backend).map((label, row) => `${label.padEnd(width)}  ${rows[row]}`);
}

function labels({ backend, protocol, priorityTier, matchers }: BackendExplanation): string[] {
  const tier = priorityTier === "normal" ? "" : ` (${priorityTier})`;
  return [
    `${backend} → ${protocol}${tier}`,
    ...matchers.map(({ matcher, value }) => `  ${matcher}=${value}`),
  ];
}
