/**
 * The table that the demonstration prints.
 *
 * @module
 */

import { ascii } from "../protocol/bytes.ts";
import { escapeBytes } from "../protocol/escaped_bytes.ts";
import type { DemoExchange } from "./demo_exchanges.ts";
import type { Explanation } from "./explain_route.ts";
import { whenText } from "./explain_text.ts";

/** How an exchange went. */
export interface DemoOutcome {
  /** What was meant to happen. */
  readonly exchange: DemoExchange;
  /** The backends that got something meanwhile. */
  readonly reached: readonly string[];
  /** Why, as `pmmux explain` tells it. */
  readonly explanation: Explanation;
  /** What came back, one character a byte; or why nothing could. */
  readonly answer: string;
  /** Whether backend and answer were the right ones. */
  readonly ok: boolean;
}

const ANSWER_WIDTH = 44;

/** The lines of the table, with its heading. */
export function demoTable(outcomes: readonly DemoOutcome[]): string[] {
  const rows = outcomes.map(({ exchange, reached, explanation, answer, ok }) => [
    ok ? "ok" : "FAILED",
    exchange.client,
    exchange.networkProtocol,
    reached.join(", ") || "nobody",
    reasonOf(explanation),
    lastLine(answer),
  ]);
  const table = [["", "client", "over", "went to", "because", "answer"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd());
}

/** The condition that brought the client there, and when that was certain. */
function reasonOf(explanation: Explanation): string {
  const { chosen, backends } = explanation;
  const matchers = backends.find(({ backend }) => backend === chosen)?.matchers ?? [];
  const conditions = matchers.map(({ matcher, value }) => `${matcher}=${value}`).join(" and ");
  return `${conditions || explanation.reason}, ${whenText(explanation)}`;
}

/** The last line that has anything on it: what an HTTP server says comes after its headers. */
function lastLine(answer: string): string {
  const line = answer.split(/\r?\n/).findLast((it) => it.trim() !== "");
  if (line === undefined) return "nothing";
  const shown = escapeBytes(ascii(line));
  return shown.length <= ANSWER_WIDTH ? shown : `${shown.slice(0, ANSWER_WIDTH - 1)}…`;
}
