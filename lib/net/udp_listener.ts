/**
 * Listens for datagrams on one address, or on every address of this host.
 *
 * A wildcard socket cannot tell to which address a datagram came, so its answer might leave from another
 * one. Therefore a wildcard binding opens one socket for each local address, and follows the addresses as
 * they come and go.
 *
 * @module
 */

import type { Endpoint } from "../routing/client.ts";
import { UdpSocket, type UdpSocketOptions } from "./udp_socket.ts";

/** What a UDP listener works with. */
export interface UdpListenerOptions extends UdpSocketOptions {
  /** All addresses of this host; undefined where they cannot be read. */
  readonly localAddresses?: () => readonly string[] | undefined;
}

/** How often the addresses of the host are looked at. */
const FOLLOW_MS = 2000;

/** One UDP binding. */
export class UdpListener implements AsyncDisposable {
  /** Where it listens; the port is the real one. */
  readonly endpoint: Endpoint;
  readonly #options: UdpListenerOptions;
  readonly #sockets = new Map<string, UdpSocket>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  /** Opens the sockets; throws what the operating system says. */
  constructor(options: UdpListenerOptions) {
    this.#options = options;
    const { endpoint: { address, port } } = options;
    const addresses = this.#wanted();
    let chosen = port;
    try {
      for (const each of addresses ?? []) chosen = this.#openUsable(each, chosen)?.endpoint.port ?? chosen;
      if (this.#sockets.size === 0) chosen = this.#open(address, port).endpoint.port;
    } catch (error) {
      for (const socket of this.#sockets.values()) socket[Symbol.asyncDispose]();
      throw error;
    }
    this.endpoint = { address, port: chosen };
    if (addresses !== undefined) this.#timer = setInterval(() => this.#follow(), FOLLOW_MS);
  }

  /** The addresses that it is bound to now. */
  get addresses(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  /** Closes the sockets. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#sockets.values()].map((socket) => socket[Symbol.asyncDispose]()));
    this.#sockets.clear();
  }

  #open(address: string, port: number): UdpSocket {
    const socket = new UdpSocket({ ...this.#options, endpoint: { address, port } });
    this.#sockets.set(address, socket);
    return socket;
  }

  /** An address of an interface that is not connected, or that is not known to be unique yet, cannot be used. */
  #openUsable(address: string, port: number): UdpSocket | undefined {
    try {
      return this.#open(address, port);
    } catch (error) {
      if (error instanceof Deno.errors.AddrNotAvailable) return undefined;
      throw error;
    }
  }

  /** The addresses that a wildcard stands for; undefined for a binding of one address, or if they cannot be read. */
  #wanted(): readonly string[] | undefined {
    const { endpoint: { address }, localAddresses } = this.#options;
    if (address !== "0.0.0.0" && address !== "::") return undefined;
    const all = localAddresses?.();
    return address === "::" ? all : all?.filter((it) => !it.includes(":"));
  }

  async #follow(): Promise<void> {
    const wanted = new Set(this.#wanted());
    if (wanted.size === 0) return;
    const lost = [...this.#sockets].filter(([address]) => !wanted.delete(address));
    for (const [address] of lost) this.#sockets.delete(address);
    // A socket of all addresses has to be gone before one of them can be opened.
    await Promise.all(lost.map(([, socket]) => socket[Symbol.asyncDispose]()));
    for (const address of this.#closed ? [] : wanted) {
      try {
        this.#openUsable(address, this.endpoint.port);
      } catch (error) {
        this.#options.observer.acceptFailed(`udp ${address}:${this.endpoint.port}`, error);
      }
    }
  }
}

/** The addresses of this host, which several interfaces may share, but for link-local ones that need a zone. */
export function localAddresses(): readonly string[] | undefined {
  try {
    const addresses = new Set(Deno.networkInterfaces().map(({ address }) => address));
    return [...addresses].filter((address) => !/^fe[89ab]/i.test(address));
  } catch {
    return undefined;
  }
}
