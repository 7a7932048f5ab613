/**
 * Lists of network destinations, as `--allow-net` takes them and as a guest's dials are held to them.
 *
 * @module
 */

import ipaddr from "ipaddr.js";
import { hostOf } from "../config/address.ts";
import { compileNetwork, type NetworkTest } from "../routing/network.ts";
import { ANYTHING } from "./grant.ts";

/** One entry of a list, in the form that Deno takes. */
export interface NetEntry {
  /** The entry as Deno takes it. */
  readonly text: string;
  /** Whether it names this host name. */
  readonly hasName: (name: string) => boolean;
  /** Whether it contains this address. */
  readonly hasAddress: NetworkTest;
  /** The only port that it permits; undefined permits all. */
  readonly port?: number;
  /** The path of the Unix socket that it permits, and nothing else. */
  readonly path?: string;
}

/** A host as a dial names it: an IP address in its usual form, or a name in lower case. */
export type Host = { readonly address: string } | { readonly name: string };

const LABEL = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?";
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
/** A last label like this makes other software read the name as an IPv4 address: `127.1`, `0x7f.1`. */
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;
const LONGEST_NAME = 253;

/**
 * Reads a host without guessing: numbers that only some software takes for an address (octal, decimal,
 * shortened) are neither addresses nor names. Answers undefined for them.
 *
 * @example
 * ```ts
 * import { parseHost } from "./net_list.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseHost("[::FFFF:127.0.0.1]"), { address: "127.0.0.1" });
 * assertEquals(parseHost("Example.COM."), { name: "example.com" });
 * assertEquals(parseHost("0177.0.0.1"), undefined);
 * ```
 */
export function parseHost(text: string): Host | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return { address: text };
  if (bare.includes(":")) {
    return ipaddr.IPv6.isValid(bare) && !bare.includes("%")
      ? { address: ipaddr.process(bare).toString() }
      : undefined;
  }
  const name = text.toLowerCase().replace(/\.$/, "");
  const isName = name.length <= LONGEST_NAME && NAME.test(name) && !NUMERIC_END.test(name);
  return isName ? { name } : undefined;
}

/** Reads an entry of a list; undefined if it is malformed. */
export function parseNetEntry(text: string): NetEntry | undefined {
  if (text === ANYTHING) return { text, hasName: () => true, hasAddress: () => true };
  if (text.startsWith("unix:")) return socketEntry(text.slice("unix:".length));
  const [, host, digits] = /^(\[[^\]]*\](?:\/\d+)?|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined || Number(digits ?? 0) > 65_535) return undefined;
  const matches = host.includes("/") ? networkEntry(host) : hostEntry(host);
  if (matches === undefined) return undefined;
  const { shown, ...tests } = matches;
  const port = digits === undefined ? undefined : Number(digits);
  return { text: port === undefined ? shown : `${shown}:${port}`, ...tests, port };
}

/** A whole list, as dials are held to it. */
export class NetList {
  readonly #entries: readonly NetEntry[];

  /**
   * A list of entries.
   *
   * @throws {SyntaxError} if one is malformed.
   */
  constructor(texts: readonly string[]) {
    this.#entries = texts.map((text) => {
      const entry = parseNetEntry(text);
      if (entry !== undefined) return entry;
      throw new SyntaxError(`"${text}" is no network destination`);
    });
  }

  /** Whether it names this host name, for this port. */
  hasName(name: string, port: number): boolean {
    return this.#entries.some((entry) => entry.hasName(name) && isPort(entry, port));
  }

  /** Whether it contains this address, for this port. */
  hasAddress(address: string, port: number): boolean {
    return this.#entries.some((entry) => entry.hasAddress(address) && isPort(entry, port));
  }

  /** Whether it permits the Unix socket of this path. */
  hasPath(path: string): boolean {
    return this.#entries.some((entry) => entry.path === path || entry.text === ANYTHING);
  }
}

/** Whether an address belongs to the public internet, and not to this host, its link or a private network. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}

/** Whether an address stands for "this host, whichever address that is": `0.0.0.0`, `::`. */
export function isUnspecified(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unspecified";
}

type HostTests = Pick<NetEntry, "hasName" | "hasAddress"> & { readonly shown: string };

function hostEntry(text: string): HostTests | undefined {
  const wildcard = text.startsWith("*.");
  const host = parseHost(wildcard ? text.slice(2) : text);
  if (host === undefined) return undefined;
  if ("name" in host) {
    const { name } = host;
    const hasName = wildcard
      ? (other: string) => other.endsWith(`.${name}`)
      : (other: string) => other === name;
    return { shown: wildcard ? `*.${name}` : name, hasName, hasAddress: () => false };
  }
  if (wildcard) return undefined;
  const { address } = host;
  return { shown: hostOf(address), hasName: () => false, hasAddress: compileNetwork(address) };
}

/** Deno takes networks of IPv4 only. */
function networkEntry(text: string): HostTests | undefined {
  if (!/^[\d.]+\/\d+$/.test(text)) return undefined;
  try {
    return { shown: text, hasName: () => false, hasAddress: compileNetwork(text) };
  } catch {
    return undefined;
  }
}

function socketEntry(path: string): NetEntry | undefined {
  if (!path.startsWith("/") || /\/\.{0,2}(\/|$)/.test(path)) return undefined;
  return { text: `unix:${path}`, hasName: () => false, hasAddress: () => false, path };
}

function isPort({ port, path }: NetEntry, asked: number): boolean {
  return path === undefined && (port === undefined || port === asked);
}
