/**
 * The network as backends use it: connections, and UDP sockets towards one target.
 *
 * @module
 */

import ipaddr from "ipaddr.js";
import type { BackendNetwork, UpstreamSocket } from "../routing/backend_module.ts";
import type { Connection, Dial } from "../routing/client.ts";
import { unmapAddress } from "../routing/network.ts";
import { dial } from "./dial.ts";
import { InOrder } from "./in_order.ts";
import { names } from "./names.ts";
import { plainAddress } from "./plain_address.ts";
import { connectTls } from "./tls_client.ts";
import { openDatagram } from "./udp_socket.ts";

/** How long a backend's own connections may take, in milliseconds. */
const DIAL_TIMEOUT_MS = 5000;

/** The network without any limit but the process's own permissions. */
export const backendNetwork: BackendNetwork = {
  connect: (target: Dial, signal: AbortSignal): Promise<Connection> =>
    target.tls === undefined
      ? dial(target, { timeout: DIAL_TIMEOUT_MS, controller: following(signal) })
      : connectTls(target, { verify: target.tls.verify, signal }),

  async openDatagram({ hostname, port }: { hostname: string; port: number }): Promise<UpstreamSocket> {
    // In the form in which the system names the sender of an answer.
    const address = ipaddr.isValid(hostname)
      ? ipaddr.process(hostname).toString()
      : (await names.addresses({ hostname, port }))[0]!;
    const hostnameToBind = address.includes(":") ? "::" : "0.0.0.0";
    return new TargetSocket(openDatagram({ hostname: hostnameToBind, port: 0 }), { hostname: address, port });
  },
};

/** A controller that is aborted when the signal is. */
function following(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener("abort", () => controller.abort(signal.reason), { once: true });
  return controller;
}

/** A UDP socket that speaks with one target only. */
class TargetSocket implements UpstreamSocket {
  readonly #socket: Deno.DatagramConn;
  readonly #target: Deno.NetAddr;
  readonly #order = new InOrder();

  constructor(socket: Deno.DatagramConn, target: { hostname: string; port: number }) {
    this.#socket = socket;
    this.#target = { transport: "udp", ...target };
  }

  send(message: Uint8Array): Promise<void> {
    return this.#order.run(() =>
      this.#socket.send(message, this.#target) as Promise<unknown> as Promise<void>
    );
  }

  /** Drops what comes from anybody but the target. */
  async receive(buffer: Uint8Array): Promise<Uint8Array | null> {
    for (;;) {
      let received: [Uint8Array, Deno.Addr];
      try {
        received = await this.#socket.receive(buffer);
      } catch {
        return null;
      }
      const { hostname, port } = plainAddress(received[1]);
      if (port !== this.#target.port) continue;
      if (hostname === this.#target.hostname || unmapAddress(hostname) === this.#target.hostname) {
        return received[0];
      }
    }
  }

  close(): void {
    try {
      this.#socket.close();
    } catch {
      // Closed before.
    }
  }
}
