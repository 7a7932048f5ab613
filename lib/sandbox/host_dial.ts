/**
 * Holds a guest's dials to its `net` list, a second time: the engine, which connects on its behalf, may
 * reach more than the guest.
 *
 * An address must be in the list. A name must be in the list by name, and is not even resolved otherwise;
 * it is resolved here, and what is dialled is an address that was checked, so that it cannot change in
 * between. A name whose owner is somebody else may lead anywhere: an address that is not of the public
 * internet must be in the list itself (`net=db.lan:5432;10.0.0.0/8:5432`). Only `localhost` may lead to this
 * host by name.
 *
 * @module
 */

import { hostAndPort } from "../config/address.ts";
import { names } from "../net/names.ts";
import { writeAll } from "../net/write_all.ts";
import type { BackendNetwork } from "../routing/backend_module.ts";
import type { Awaitable, Connection, Dial } from "../routing/client.ts";
import { messageOf } from "../routing/message_of.ts";
import { unmapAddress } from "../routing/network.ts";
import { isPublicAddress, isUnspecified, NetList, parseHost } from "./net_list.ts";

/** Finds the addresses of a name; undefined where this process may not ask. */
export type Resolve = (name: string) => Promise<readonly string[] | undefined>;

/** What a {@linkcode DialGuard} works with. */
export interface DialGuardOptions {
  /** The `net` list of the guest. */
  readonly net: readonly string[];
  /** Connects where only the connection itself can tell the address. */
  readonly network: BackendNetwork;
  /** Finds the addresses of a name; the system's way unless given. */
  readonly resolve?: Resolve;
  /** Whether this process may connect to a host and port; asks Deno unless given. */
  readonly mayConnect?: (host: string) => boolean;
}

/** A dial that the guest may not make. */
export class DialRefused extends Error {
  override readonly name = "DialRefused";
}

/** Targets of which it is remembered that they are permitted. */
const MAX_REMEMBERED = 256;
const LOCAL_ADDRESSES: ReadonlySet<string> = new Set(["127.0.0.1", "::1"]);

/** Checks the dials of one guest. */
export class DialGuard {
  readonly #net: NetList;
  readonly #options: Required<DialGuardOptions>;
  /** Addresses that were checked, by the targets that named them. Names are not kept: they change. */
  readonly #checked = new Map<string, string>();

  /** Holds dials to the list; throws {@linkcode SyntaxError} if it is malformed. */
  constructor({ resolve = resolveName, mayConnect = isPermitted, ...options }: DialGuardOptions) {
    this.#net = new NetList(options.net);
    this.#options = { resolve, mayConnect, ...options };
  }

  /**
   * A dial to be made instead: to a checked address; or the connection itself, where this process is
   * permitted the name and not its addresses.
   *
   * @throws {DialRefused} if it leads out of the list.
   */
  check(dial: Dial, signal: AbortSignal): Awaitable<Dial | Connection> {
    if (dial.transport === "unix") {
      if (this.#net.hasPath(dial.path ?? "")) return dial;
      throw refused(`unix:${dial.path}`, "is not in its net list");
    }
    const { hostname = "", port = 0 } = dial;
    const target = hostAndPort(hostname, port);
    const known = this.#checked.get(target);
    if (known !== undefined) return { ...dial, hostname: known };
    const host = parseHost(hostname);
    if (host === undefined || port < 1) throw refused(target, "is neither an address nor a name with a port");
    if ("name" in host) return this.#checkName(host.name, { dial, port, signal });
    const { address } = host;
    if (isUnspecified(address)) throw refused(target, "is no host");
    if (!this.#net.hasAddress(address, port)) throw refused(target, "is not in its net list");
    if (this.#checked.size >= MAX_REMEMBERED) this.#checked.clear();
    this.#checked.set(target, address);
    return { ...dial, hostname: address };
  }

  async #checkName(
    name: string,
    { dial, port, signal }: { dial: Dial; port: number; signal: AbortSignal },
  ): Promise<Dial | Connection> {
    const target = `${name}:${port}`;
    if (!this.#net.hasName(name, port)) throw refused(target, "is not in its net list");
    const found = await this.#options.resolve(name);
    signal.throwIfAborted();
    if (found === undefined) return await this.#connect(name, { dial, port, signal });
    if (found.length === 0) throw new Error(`Cannot resolve ${name}`);
    const addresses = found.map(unmapAddress).filter((address) => this.#mayLead(name, address, port));
    const [address] = addresses;
    if (address === undefined) {
      throw refused(target, `leads to ${found.join(", ")}, which is not in its net list`);
    }
    const permitted = addresses.find((it) => this.#options.mayConnect(hostAndPort(it, port)));
    if (permitted !== undefined) return { ...dial, hostname: permitted };
    return await this.#connect(name, { dial, port, signal });
  }

  /** Connects by name, and checks where that led before a byte is sent. */
  async #connect(
    name: string,
    { dial, port, signal }: { dial: Dial; port: number; signal: AbortSignal },
  ): Promise<Connection> {
    const connection = await this.#options.network.connect({ hostname: name, port }, signal);
    const address = unmapAddress((connection as Partial<Deno.TcpConn>).remoteAddr?.hostname ?? "");
    if (!this.#mayLead(name, address, port)) {
      connection.close();
      throw refused(`${name}:${port}`, `leads to ${address}, which is not in its net list`);
    }
    const { head } = dial;
    if (head !== undefined) await writeAll(connection, head);
    return connection;
  }

  #mayLead(name: string, address: string, port: number): boolean {
    if (this.#net.hasAddress(address, port)) return !isUnspecified(address);
    return name === "localhost" ? LOCAL_ADDRESSES.has(address) : isPublicAddress(address);
  }
}

function refused(target: string, why: string): DialRefused {
  return new DialRefused(`the guest may not dial ${target}: it ${why}`);
}

async function resolveName(name: string): Promise<readonly string[] | undefined> {
  try {
    return await names.addresses({ hostname: name });
  } catch (error) {
    if ((error as { code?: string }).code === "EPERM") return undefined;
    throw new Error(`Cannot resolve ${name}: ${messageOf(error)}`);
  }
}

function isPermitted(host: string): boolean {
  return Deno.permissions.querySync({ name: "net", host }).state === "granted";
}
