/**
 * The OpenVPN client.
 *
 * @module
 */

import { eventually } from "../../support/eventually.ts";
import { type RunningProgram, startProgram } from "../../support/program.ts";
import { makeCertificate } from "./certificate.ts";
import type { TempDirectory } from "./temp_directory.ts";

/** Where a client connects to. */
export interface OpenvpnOptions {
  readonly transport: "tcp" | "udp";
  readonly port: number;
  /** Where its certificate is put. */
  readonly directory: TempDirectory;
}

/** Starts a client in TLS mode, without a network device. It repeats its first packet until it is answered. */
export async function startOpenvpn(options: OpenvpnOptions): Promise<RunningProgram> {
  const { transport, port, directory } = options;
  const { certificate, key } = await makeCertificate(`${transport}.vpn.test`, directory);
  return await startProgram("openvpn", {
    args: ["--client", "--dev", "null", "--nobind", "--proto", `${transport}4`]
      .concat(
        "--remote",
        "127.0.0.1",
        String(port),
        "--ca",
        certificate,
        "--cert",
        certificate,
        "--key",
        key,
      ),
    ready: /link remote/,
  });
}

/** What begins a session: P_CONTROL_HARD_RESET_CLIENT_V2 with key id 0. */
export const HARD_RESET: number = 7 << 3;

/** Waits for the client's first packet at a sink, and gives its opcode. Over TCP, a length stands before it. */
export async function firstOpcode(
  received: readonly Uint8Array[],
  transport: "tcp" | "udp",
): Promise<number> {
  const position = transport === "tcp" ? 2 : 0;
  return await eventually(() => received[0]?.[position], {
    timeout: 15_000,
    what: `the first packet of OpenVPN over ${transport}`,
  });
}
