/**
 * One UDP socket, bound to one local address, and its receive loop.
 *
 * @module
 */

import type { Awaitable, Endpoint } from "../routing/client.ts";
import type { TrafficObserver } from "../routing/traffic.ts";
import { datagramBuffers } from "./datagram_buffers.ts";
import { plainAddress } from "./plain_address.ts";

/** Takes one datagram; the bytes are valid until the answer settles. Must not throw or reject. */
export type MessageHandler = (socket: UdpSocket, message: Uint8Array, from: Deno.NetAddr) => Awaitable<void>;

/**
 * Datagrams of one socket that may be handled at once; beyond that the socket's own queue fills. Backends have
 * a lower bound each, so this only bounds the memory when many of them hang.
 */
const IN_FLIGHT = 1024;
/** How long the loop rests when receiving fails. */
const REST_MS = 100;

/** What a socket works with. */
export interface UdpSocketOptions {
  readonly endpoint: Endpoint;
  readonly onMessage: MessageHandler;
  /** Told when the socket is closed. */
  readonly onClose?: (socket: UdpSocket) => void;
  readonly observer: TrafficObserver;
}

/** A bound socket. */
export class UdpSocket implements AsyncDisposable {
  /** Where it is bound; the port is the real one. */
  readonly endpoint: Endpoint;
  readonly #socket: Deno.DatagramConn;
  readonly #options: UdpSocketOptions;
  readonly #receiving: Promise<void>;
  #inFlight = 0;
  #room: (() => void) | undefined;
  #closed = false;

  /** Binds the socket; throws what the operating system says. */
  constructor(options: UdpSocketOptions) {
    const { endpoint: { address, port } } = options;
    this.#options = options;
    this.#socket = openDatagram({ hostname: address, port });
    this.endpoint = { address, port: (this.#socket.addr as Deno.NetAddr).port };
    this.#receiving = this.#receive();
  }

  /** Sends one datagram; false if the network would not take it. */
  async send(message: Uint8Array, to: Deno.NetAddr): Promise<boolean> {
    try {
      await this.#socket.send(message, to);
      return true;
    } catch (error) {
      if (!this.#closed) this.#options.observer.messagesDropped(1, "refused", error);
      return false;
    }
  }

  /** Closes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#socket.close();
      this.#room?.();
      this.#options.onClose?.(this);
    }
    await this.#receiving;
  }

  async #receive(): Promise<void> {
    const { onMessage, observer } = this.#options;
    let buffer = datagramBuffers.take();
    while (!this.#closed) {
      try {
        const [message, from] = await this.#socket.receive(buffer);
        // What came just before could not be answered any more.
        if (this.#closed) break;
        const handled = onMessage(this, message, plainAddress(from));
        if (handled === undefined) continue;
        this.#release(buffer, handled);
        buffer = datagramBuffers.take();
        if (this.#inFlight >= IN_FLIGHT) await new Promise<void>((resolve) => this.#room = resolve);
      } catch (error) {
        if (this.#closed) break;
        observer.acceptFailed(`udp ${this.endpoint.address}:${this.endpoint.port}`, error);
        await new Promise((resolve) => setTimeout(resolve, REST_MS));
      }
    }
    datagramBuffers.give(buffer);
  }

  /** Keeps a buffer until its datagram has been handled. */
  #release(buffer: Uint8Array<ArrayBuffer>, handled: Promise<void>): void {
    this.#inFlight++;
    handled.then(() => {
      this.#inFlight--;
      datagramBuffers.give(buffer);
      this.#room?.();
      this.#room = undefined;
    });
  }
}

/** Opens a UDP socket; says what is missing where the unstable API is off. */
export function openDatagram(options: { hostname: string; port: number }): Deno.DatagramConn {
  if (Deno.listenDatagram === undefined) {
    throw new Error("UDP needs Deno's unstable network API: start with --unstable-net");
  }
  return Deno.listenDatagram({ transport: "udp", ...options });
}
