/**
 * Matchers over what is known before the client sends a byte: addresses, ports and properties.
 *
 * @module
 */

import type { Endpoint } from "./client.ts";
import { factSource } from "./facts.ts";
import type { Inspection } from "./inspection.ts";
import type { MatcherKind, Test } from "./matcher_kind.ts";
import { compileNetwork } from "./network.ts";
import { compilePattern } from "./pattern.ts";

type Side = "local" | "remote";

/** The matchers by name. */
export const connectionMatchers: readonly (readonly [string, MatcherKind])[] = [
  ["local-ip", (value) => ipTest(value, "local")],
  ["remote-ip", (value) => ipTest(value, "remote")],
  ["local-port", (value) => portTest(value, "local")],
  ["remote-port", (value) => portTest(value, "remote")],
  ["property[]", propertyTest],
];

function ipTest(value: string, side: Side): Test {
  const contains = compileNetwork(value);
  return ({ client }) => contains(client[side].address) ? "match" : "mismatch";
}

function portTest(value: string, side: Side): Test {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from <= 65535 && to <= 65535)) {
    throw new SyntaxError(`"${value}" is not a port or a range of ports such as 8000-8999 (0 to 65535)`);
  }
  const fits = ({ port }: Endpoint) => port >= from && port <= to;
  return ({ client }) => fits(client[side]) ? "match" : "mismatch";
}

/** A property that is not there fits no pattern. */
function propertyTest(value: string, name: string): Test {
  if (name === "") throw new SyntaxError("names no property: it stands in the brackets, as in property[sni]");
  const fits = compilePattern(value);
  const source = factSource(name);
  return (inspection) => {
    const known = valueOf(inspection, name);
    if (known !== undefined) return fits(known) ? "match" : "mismatch";
    if (source === undefined) return "mismatch";
    const verdict = source(inspection);
    const learnt = valueOf(inspection, name);
    if (learnt !== undefined) return fits(learnt) ? "match" : "mismatch";
    return verdict === "incomplete" ? verdict : "mismatch";
  };
}

/** A property's value; never what every object inherits under that name. */
function valueOf({ properties }: Inspection, name: string): string | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}
