/**
 * An explanation as people read it.
 *
 * @module
 */

import { escapeInvisible } from "../telemetry/log_value.ts";
import type { Endpoint } from "../routing/contracts.ts";
import type { BackendExplanation, Explanation, VerdictExplanation } from "./explain_route.ts";

/** Where verdicts stand, unless what is before them is longer. */
const MAX_COLUMN = 48;

/** The lines of an explanation. */
export function explanationLines(explanation: Explanation): string[] {
  const { networkProtocol, client: { remote, local }, sizes, facts, backends, chosen, reason } = explanation;
  const found = Object.entries(facts).map(([name, value]) => `${name}=${escapeInvisible(value)}`);
  const width = Math.min(MAX_COLUMN, Math.max(...backends.flatMap(labels).map(({ length }) => length), 0));
  return [
    `client     ${networkProtocol} ${endpointText(remote)} to ${endpointText(local)}`,
    `sends      ${networkProtocol === "udp" ? "datagrams of " : ""}${sizes.join(", ")} bytes`,
    ...(found.length > 0 ? [`found      ${found.join(" ")}`] : []),
    "",
    ...backends.flatMap((backend) => backendLines(backend, width)),
    ...(backends.length > 0 ? [""] : []),
    `goes to    ${chosen === null ? "nobody" : `${chosen}, ${whenText(explanation)}`}`,
    `because    ${reason}`,
  ];
}

/** An address and port as URLs write them. */
export function endpointText({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** When a decision falls. */
export function whenText({ bytes, atEnd }: Pick<VerdictExplanation, "bytes" | "atEnd">): string {
  const after = bytes === 1 ? "after 1 byte" : `after ${bytes} bytes`;
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
