/**
 * Whether one scope lies within another, so that a process which has the one can do with the other.
 *
 * @module
 */

import ipaddr from "ipaddr.js";
import type { PermissionKind } from "../routing/backend_module.ts";
import { ANYTHING, type Grant, type Scope } from "./grant.ts";

type Covers = (outer: string, inner: string) => boolean;

/** Whether every grant of a scope is covered by a grant of another. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  return missing(inner, outer).length === 0;
}

/** The grants of a scope that no grant of another covers. */
export function missing(inner: Scope, outer: Scope): Scope {
  return inner.filter((wanted) => !outer.some((grant) => covers(grant, wanted)));
}

/** Whether a permission includes another, as Deno decides it. */
export function covers(outer: Pick<Grant, "kind" | "value">, inner: Pick<Grant, "kind" | "value">): boolean {
  if (outer.kind !== inner.kind) return false;
  if (outer.value === ANYTHING || outer.value === inner.value) return true;
  return inner.value !== ANYTHING && (coversByKind[outer.kind]?.(outer.value, inner.value) ?? false);
}

const coversByKind: Partial<Record<PermissionKind, Covers>> = {
  net: coversAddress,
  import: coversAddress,
  read: coversPath,
  write: coversPath,
};

/** A directory includes what lies in it. */
function coversPath(outer: string, inner: string): boolean {
  return inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}

function coversAddress(outer: string, inner: string): boolean {
  const [wide, narrow] = [parseAddress(outer), parseAddress(inner)];
  if (wide === undefined || narrow === undefined) return false;
  if (wide.port !== undefined && wide.port !== narrow.port) return false;
  if (wide.host === narrow.host && wide.bits === narrow.bits) return true;
  if (wide.bits === undefined || !ipaddr.IPv4.isValidFourPartDecimal(narrow.host)) return false;
  return (narrow.bits ?? 32) >= wide.bits &&
    ipaddr.IPv4.parse(narrow.host).match(ipaddr.IPv4.parse(wide.host), wide.bits);
}

interface NetworkAddress {
  /** A name or an address in its canonical form. */
  readonly host: string;
  /** The length of the prefix, for a network. */
  readonly bits?: number;
  /** All ports unless given. */
  readonly port?: number;
}

/** Reads `name`, `name:port`, `10.0.0.0/8:80`, `[::1]:80`; undefined for a Unix socket. */
function parseAddress(value: string): NetworkAddress | undefined {
  const groups = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:/]+)(?:\/(?<bits>\d+))?)(?::(?<port>\d+))?$/.exec(value)
    ?.groups;
  if (groups === undefined) return undefined;
  const { v6, host, bits, port } = groups;
  return {
    host: v6 !== undefined && ipaddr.IPv6.isValid(v6)
      ? ipaddr.IPv6.parse(v6).toString()
      : (v6 ?? host)!.toLowerCase(),
    ...(bits !== undefined && { bits: Number(bits) }),
    ...(port !== undefined && { port: Number(port) }),
  };
}
