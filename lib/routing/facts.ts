/**
 * Which detector finds out a property, so that `property[...]` may ask for what nobody has detected yet.
 *
 * @module
 */

import type { Verdict } from "../protocol/detector.ts";
import { detectorTable, tcpDetectors, udpDetectors } from "../protocol/table.ts";
import type { Inspection } from "./inspection.ts";

/** Tries to find out; `incomplete` while more bytes may tell what is still unknown then. */
export type FactSource = (inspection: Inspection) => Verdict;

/** Properties that a ClientHello tells. */
const HELLO_FACTS: ReadonlySet<string> = new Set(["sni", "alpn", "ech", "tls.version"]);

/** What finds out a property; undefined if no detector does. */
export function factSource(name: string): FactSource | undefined {
  if (HELLO_FACTS.has(name)) return (inspection) => inspection.clientHello().verdict;
  if (name.startsWith("http.")) return (inspection) => inspection.requestHead().verdict;
  if (name === "detected") {
    return (inspection) => {
      const detectors = inspection.networkProtocol === "tcp" ? tcpDetectors : udpDetectors;
      return firstMatch(inspection, detectors);
    };
  }
  const detectors = detectorTable.get(name.split(".", 1)[0]!) ?? [];
  if (detectors.length === 0) return undefined;
  return (inspection) => {
    const own = detectors.filter(({ transport }) => transport === inspection.networkProtocol);
    const verdict = firstMatch(inspection, own);
    // A detector of streams may be certain before the fact that it will tell has arrived whole.
    const awaited = verdict === "match" && own.some((it) => it.hasToldAll?.(inspection.bytes) === false);
    return awaited ? "incomplete" : verdict;
  };
}

/** Whether any of some detectors matches. */
export function firstMatch(
  inspection: Inspection,
  detectors: readonly Parameters<Inspection["detect"]>[0][],
): Verdict {
  let verdict: Verdict = "mismatch";
  for (const detector of detectors) {
    const own = inspection.detect(detector);
    if (own === "match") return own;
    if (own === "incomplete") verdict = own;
  }
  return verdict;
}
