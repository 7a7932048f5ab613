/**
 * The program of every guest: `guest_main.ts SOCKET` in a process of its own, or this file as a Worker.
 *
 * @module
 */

import { fenceWorker } from "./guest_hardening.ts";
import { GuestProgram } from "./guest_program.ts";
import { type MessageEnd, MessageWire, SocketWire, type Wire } from "./wire_transport.ts";

/** Connects to the host, and gives up the permission to do so: the module shall not have it. */
async function meetHost(path: string): Promise<Wire> {
  const conn = await Deno.connect({ transport: "unix", path });
  await Deno.permissions.revoke({ name: "net", host: `unix:${path}` });
  await Deno.permissions.revoke({ name: "read", path });
  await Deno.permissions.revoke({ name: "write", path });
  return new SocketWire(conn);
}

async function runInProcess(): Promise<never> {
  const path = Deno.args.at(-1);
  if (path === undefined) {
    console.error("usage: guest_main.ts SOCKET; pmmux starts this program by itself");
    Deno.exit(2);
  }
  await new GuestProgram(await meetHost(path)).run();
  Deno.exit(0);
}

async function runInWorker(): Promise<void> {
  const pulse = await receivePort();
  // Whoever asks here learns that this Worker can be ended.
  pulse.onmessage = ({ data }) => pulse.postMessage(data);
  const wire = new MessageWire(globalThis as unknown as MessageEnd);
  fenceWorker();
  await new GuestProgram(wire).run();
}

/** The first message of the host is a port. */
function receivePort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    const receive = (event: Event) => resolve((event as MessageEvent).data);
    globalThis.addEventListener("message", receive, { once: true });
  });
}

// Not awaited: a Worker that is ended while its module still awaits something leaves descriptors behind.
if ("DedicatedWorkerGlobalScope" in globalThis) runInWorker();
else if (import.meta.main) await runInProcess();
