/**
 * Port-binding specs: `public:local[:protocol][:parameters]`.
 *
 * @module
 */

import { parseAddress, parseNetwork } from "./address.ts";
import { parseCompact, type Segment } from "./compact.ts";
import { type Report, throwingReports } from "./errors.ts";
import { identifierAt } from "./module_url.ts";
import { suggest } from "./nearest.ts";
import type { BindingSpec, NetworkProtocol } from "./types.ts";
import { describeRange, parseWholeNumber, PORT_RANGE } from "./whole_number.ts";

const SHAPE = 'write public:local[:tcp|udp][:key=value,…], and a value with ":" in double quotes';

/** A spec may name the transport as the original numbered it. */
const TRANSPORTS: Readonly<Record<string, readonly NetworkProtocol[]>> = {
  "": ["tcp", "udp"],
  "tcp": ["tcp"],
  "udp": ["udp"],
  "0": ["tcp"],
  "1": ["udp"],
};

/** The parameters that a binding understands. */
export const BINDING_PARAMETERS = [
  "bind-address",
  "listen",
  "proxy-protocol",
  "proxy-protocol-from",
] as const;

/**
 * Reads a port-binding spec from its compact form: one binding, or one for TCP and one for UDP when the spec
 * names no protocol. `index` is the spec's position in the configuration.
 *
 * @example
 * ```ts
 * import { parseBindingSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const [binding] = parseBindingSpec('!:8080:tcp:bind-address="::"', 0);
 * assertEquals([binding?.localPort, binding?.networkProtocol, binding?.bindAddress], [8080, "tcp", "::"]);
 * ```
 *
 * @throws {ConfigError} If the spec is malformed, a port is out of range or a parameter is unknown.
 */
export function parseBindingSpec(spec: string, index = 0): BindingSpec[] {
  return throwingReports((report) => readBindingSpec(parseCompact(spec), { index, report }));
}

/** Reads a port-binding spec from its segments, or reports everything that is wrong with it. */
export function readBindingSpec(
  segments: readonly Segment[],
  { index, report }: { readonly index: number; readonly report: Report },
): BindingSpec[] | undefined {
  const fail = (problem: string) => report(`cannot read the port binding: ${problem}; ${SHAPE}`);
  if (segments.length === 0) return void fail("it is empty");
  const publicText = identifierAt(segments, 0);
  const localText = identifierAt(segments, 1);
  if (publicText === undefined || localText === undefined) {
    return void fail(`it needs two ports, as in !:${publicText ?? 8080}, which maps none on the router`);
  }
  const transportText = identifierAt(segments, 2);
  const [parameters, surplus] = segments.slice(transportText === undefined ? 2 : 3);
  if (parameters?.kind === "identifier") return void fail(`found "${parameters.text}" after the protocol`);
  if (surplus) return void fail("something follows the parameters");

  const publicPort = readPublicPort(publicText, report);
  const localPort = readLocalPort(localText, report);
  const transports = readTransports(transportText ?? "", report);
  const { bindAddress, listen, rest } = readParameters(parameters?.properties ?? new Map(), report);
  return transports.map((networkProtocol) => ({
    index,
    networkProtocol,
    ...(publicPort !== undefined && { publicPort }),
    localPort,
    bindAddress,
    listen,
    parameters: rest,
  }));
}

function readPublicPort(text: string, report: Report): number | "auto" | undefined {
  if (text === "!") return undefined;
  // A request for port 0 is how the mapping protocols ask for any port.
  if (text === "?" || text === "0") return "auto";
  const port = parseWholeNumber(text, PORT_RANGE);
  if (port === undefined) {
    report(`public port "${text}" is not a port ${describeRange(PORT_RANGE)}, "?" for any or "!" for none`);
  }
  return port;
}

function readLocalPort(text: string, report: Report): number | "auto" {
  if (text === "?") return "auto";
  const port = parseWholeNumber(text, PORT_RANGE);
  if (port === undefined) {
    report(`local port "${text}" is not a port ${describeRange(PORT_RANGE)} or "?" for any`);
  }
  return port ?? "auto";
}

function readTransports(text: string, report: Report): readonly NetworkProtocol[] {
  const transports = new Map(Object.entries(TRANSPORTS)).get(text.toLowerCase());
  if (!transports) report(`protocol "${text}" is unknown: ${suggest(text, ["tcp", "udp"])}`);
  return transports ?? [];
}

function readParameters(
  properties: ReadonlyMap<string, string>,
  report: Report,
): { bindAddress: string; listen: boolean; rest: Record<string, string> } {
  const { "bind-address": address = "0.0.0.0", listen = "true", ...rest } = Object.fromEntries(properties);
  for (const name of Object.keys(rest)) checkParameter(name, rest[name]!, report);
  if (rest["proxy-protocol-from"] !== undefined && rest["proxy-protocol"] === undefined) {
    report(
      "proxy-protocol-from says whom to believe, but proxy-protocol is not given: write accept or require",
    );
  }
  const bindAddress = parseAddress(address);
  if (bindAddress === undefined) report(`bind-address "${address}" is not an IP address`);
  if (!/^(true|false)$/i.test(listen)) report(`listen is "${listen}", not true or false`);
  return { bindAddress: bindAddress ?? address, listen: listen.toLowerCase() !== "false", rest };
}

function checkParameter(name: string, value: string, report: Report): void {
  if (name === "proxy-protocol") {
    if (value !== "accept" && value !== "require") {
      report(`proxy-protocol is "${value}", not accept or require`);
    }
  } else if (name === "proxy-protocol-from") {
    const wrong = value.split(";").map((item) => item.trim()).find((item) =>
      parseNetwork(item) === undefined
    );
    if (wrong !== undefined) {
      report(`proxy-protocol-from has "${wrong}", not an address or network like 10.0.0.0/8`);
    }
  } else {
    report(`parameter "${name}" is unknown: ${suggest(name, BINDING_PARAMETERS)}`);
  }
}
