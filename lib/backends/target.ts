/**
 * Where a passthrough backend sends its clients.
 *
 * @module
 */

import { parseAddress } from "../config/address.ts";
import type { BackendSpec } from "../config/types.ts";
import type { Dial, Properties } from "../routing/client.ts";
import { ParameterError, readEach, required, requiredPort } from "./parameters.ts";

/** The parameters that {@linkcode targetOf} reads. */
export const TARGET_PARAMETERS = ["target.ip", "target.host", "target.port", "target.path"] as const;

/**
 * Reads `target.ip` or `target.host` with `target.port`, or `target.path` for a Unix socket.
 *
 * @throws {ParameterError} if none or more than one of them is given, or one is malformed; an `AggregateError` of
 * these if several are.
 */
export function targetOf(spec: BackendSpec): Dial {
  const { "target.ip": ip, "target.host": host, "target.path": path, "target.port": port } = spec.parameters;
  const given = Object.entries({ "target.ip": ip, "target.host": host, "target.path": path })
    .filter(([, value]) => value !== undefined).map(([name]) => name);
  if (given.length > 1) throw new ParameterError(spec, given.join(" and "), "exclude each other");
  if (path !== undefined && port !== undefined) {
    throw new ParameterError(spec, "target.path and target.port", "exclude each other");
  }
  if (path !== undefined) return { transport: "unix", path: unixPath(spec, path) };
  return readEach({
    hostname: () => host === undefined ? ipAddress(spec) : hostName(spec, host),
    port: () => requiredPort(spec, "target.port"),
  });
}

const encoder = new TextEncoder();

/** The target as properties for display. */
export function describeTarget({ transport, hostname, port, path }: Dial): Properties {
  if (transport === "unix") return { "target.path": path! };
  const name = parseAddress(hostname!) !== undefined ? "target.ip" : "target.host";
  return { [name]: hostname!, "target.port": String(port) };
}

function unixPath(spec: BackendSpec, path: string): string {
  if (path.startsWith("/") && encoder.encode(path).length <= 107) return path;
  throw new ParameterError(
    spec,
    "target.path",
    `is "${path}", but must be an absolute path of up to 107 bytes`,
  );
}

function ipAddress(spec: BackendSpec): string {
  const text = required(spec, "target.ip").replace(/^\[(.*)\]$/, "$1");
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new ParameterError(
    spec,
    "target.ip",
    `is "${text}", but must be an IP address; a name goes in target.host`,
  );
}

function hostName(spec: BackendSpec, host: string): string {
  if (/^[\w-]+(\.[\w-]+)*\.?$/.test(host) && host.length <= 253) return host;
  throw new ParameterError(spec, "target.host", `is "${host}", but must be a host name`);
}
