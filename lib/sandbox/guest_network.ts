/**
 * The network inside a guest: Deno's own, as far as the guest's permissions go.
 *
 * This file, like all of the guest program, imports no package: a guest starts without a configuration that
 * could say where packages are.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { openDatagram } from "../net/udp_socket.ts";
import type { BackendNetwork, UpstreamSocket } from "../routing/backend_module.ts";
import type { Connection, Dial } from "../routing/client.ts";

/** How long a dial may take, in milliseconds. */
const DIAL_TIMEOUT_MS = 5000;
const IP_ADDRESS = /^[\d.]+$|:/;

/**
 * The network of a guest. A UDP socket needs, beside the target's, the permission to bind: `0.0.0.0:0`, or
 * `[::]:0` for an IPv6 target.
 */
export const guestNetwork: BackendNetwork = {
  async connect(target: Dial, signal: AbortSignal): Promise<Connection> {
    if (target.transport === "unix") return await Deno.connect({ transport: "unix", path: target.path! });
    const { hostname = "127.0.0.1", port = 0 } = target;
    const either = AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
    return await Deno.connect({ hostname, port, signal: either });
  },

  async openDatagram({ hostname, port }: { hostname: string; port: number }): Promise<UpstreamSocket> {
    const address = IP_ADDRESS.test(hostname) ? hostname : (await lookup(hostname)).address;
    const any = address.includes(":") ? "::" : "0.0.0.0";
    return new TargetSocket(openDatagram({ hostname: any, port: 0 }), { hostname: address, port });
  },
};

/** A UDP socket that speaks with one target only. */
class TargetSocket implements UpstreamSocket {
  readonly #socket: Deno.DatagramConn;
  readonly #target: Deno.NetAddr;

  constructor(socket: Deno.DatagramConn, target: { hostname: string; port: number }) {
    this.#socket = socket;
    this.#target = { transport: "udp", ...target };
  }

  async send(message: Uint8Array): Promise<void> {
    await this.#socket.send(message, this.#target);
  }

  /** Drops what comes from anybody but the target. */
  async receive(buffer: Uint8Array): Promise<Uint8Array | null> {
    try {
      for (;;) {
        const [message, from] = await this.#socket.receive(buffer);
        const { hostname, port } = from as Deno.NetAddr;
        if (hostname === this.#target.hostname && port === this.#target.port) return message;
      }
    } catch {
      return null;
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
