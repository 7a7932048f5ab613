/**
 * The listeners of a running multiplexer, TCP and UDP, by address and port.
 *
 * @module
 */

import { hostAndPort } from "../config/address.ts";
import type { BindingSpec } from "../config/types.ts";
import type { MessageServer } from "../net/message_server.ts";
import type { Negotiator } from "../net/negotiation.ts";
import {
  type DatagramUnwrap,
  proxyProtocolNegotiators,
  proxyProtocolUnwrap,
} from "../net/proxy_negotiator.ts";
import { TcpListener } from "../net/tcp_listener.ts";
import type { TcpServer } from "../net/tcp_server.ts";
import { localAddresses, UdpListener } from "../net/udp_listener.ts";
import type { TrafficObserver } from "../routing/traffic.ts";
import type { Events, ListenerInfo } from "./events.ts";
import { listenError } from "./listen_error.ts";

/** What a set works with. */
export interface ListenerSetOptions {
  readonly tcp: TcpServer;
  readonly udp: MessageServer;
  readonly observer: TrafficObserver;
  readonly events: Events;
  /** Steps before routing, after those that a binding asks for. */
  readonly negotiators: readonly Negotiator[];
  readonly queueLength: () => number;
  readonly reusePort: boolean;
}

/** An open listener. What it was asked for may change while it is open. */
export interface OpenListener {
  binding: BindingSpec;
  /** The steps before routing that the binding asks for. */
  steps: readonly Negotiator[];
  /** What it does to datagrams first. */
  unwrap: DatagramUnwrap | undefined;
  readonly info: ListenerInfo;
  readonly socket: TcpListener | UdpListener;
}

/** The listeners. */
export class ListenerSet {
  readonly #options: ListenerSetOptions;
  readonly #open = new Map<string, OpenListener>();

  /** An empty set. */
  constructor(options: ListenerSetOptions) {
    this.#options = options;
  }

  /** What is open, in the order of opening. */
  get open(): readonly OpenListener[] {
    return [...this.#open.values()];
  }

  /** The listener that serves a binding already. */
  find(binding: BindingSpec): OpenListener | undefined {
    return this.#open.get(keyOf(binding));
  }

  /** The listeners on the port of a binding whose address includes that of the binding, or is included by it. */
  overlapping({ networkProtocol, bindAddress, localPort }: BindingSpec): readonly OpenListener[] {
    return this.open.filter(({ binding, info }) =>
      binding.networkProtocol === networkProtocol && info.port === localPort &&
      [binding.bindAddress, bindAddress].some(isWildcard)
    );
  }

  /** Whether a listener is the one of a binding; several bindings of one address have one between them. */
  serves(listener: OpenListener, binding: BindingSpec): boolean {
    return binding.listen && (binding === listener.binding || this.find(binding) === listener);
  }

  /**
   * Opens a listener.
   *
   * @throws {Error} for the user: which address, and why not.
   */
  add(binding: BindingSpec): OpenListener {
    const { networkProtocol, bindAddress } = binding;
    const key = keyOf(binding);
    if (this.#open.has(key)) throw new Error(`Cannot listen on ${key}: this program listens there already`);
    const asked = this.#wishesOf(binding);
    let listener: OpenListener;
    try {
      const socket = networkProtocol === "tcp" ? this.#tcp(asked) : this.#udp(asked);
      const info = { networkProtocol, address: bindAddress, port: socket.endpoint.port };
      listener = Object.assign(asked, { info, socket });
    } catch (error) {
      const [own] = error instanceof Deno.errors.AddrInUse ? this.overlapping(binding) : [];
      if (own === undefined) throw listenError(key, error);
      throw new Error(`Cannot listen on ${key}: this program listens on ${keyOf(own.binding)} already`, {
        cause: error,
      });
    }
    this.#open.set(keyOf({ ...binding, localPort: listener.info.port }), listener);
    this.#options.events.emit("listenerAdded", listener.info);
    return listener;
  }

  /** Opens one again that was removed, on the port that it had. */
  reopen({ binding, info }: OpenListener): void {
    this.add({ ...binding, localPort: info.port }).binding = binding;
  }

  /** Closes a listener; connections that it accepted go on. */
  async remove(listener: OpenListener): Promise<void> {
    this.#open.delete(keyOf({ ...listener.binding, localPort: listener.info.port }));
    await listener.socket[Symbol.asyncDispose]();
    this.#options.events.emit("listenerRemoved", listener.info);
  }

  /** Gives an open listener what another binding of the same address asks for. */
  rebind(listener: OpenListener, binding: BindingSpec): void {
    Object.assign(listener, this.#wishesOf(binding));
  }

  #wishesOf(binding: BindingSpec): Wishes {
    const steps = [...proxyProtocolNegotiators(binding), ...this.#options.negotiators];
    return { binding, steps, unwrap: proxyProtocolUnwrap(binding) };
  }

  #tcp(asked: Wishes): TcpListener {
    const { tcp, udp, observer, queueLength, reusePort } = this.#options;
    return new TcpListener({
      endpoint: endpointOf(asked.binding),
      queueLength: queueLength(),
      reusePort,
      observer,
      onConnection: (conn) => void tcp.serve(conn, asked.steps),
      onLackOfDescriptors: () => udp.makeRoom(),
    });
  }

  #udp(asked: Wishes): UdpListener {
    const { udp, observer } = this.#options;
    return new UdpListener({
      endpoint: endpointOf(asked.binding),
      observer,
      localAddresses,
      onMessage: (socket, message, from) => udp.handle(socket, message, from, asked.unwrap),
      onClose: (socket) => udp.socketClosed(socket),
    });
  }
}

type Wishes = Pick<OpenListener, "binding" | "steps" | "unwrap">;

function endpointOf({ bindAddress, localPort }: BindingSpec): { address: string; port: number } {
  return { address: bindAddress, port: localPort === "auto" ? 0 : localPort };
}

function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

function keyOf({ networkProtocol, bindAddress, localPort }: BindingSpec): string {
  return `${networkProtocol} ${hostAndPort(bindAddress, localPort)}`;
}
