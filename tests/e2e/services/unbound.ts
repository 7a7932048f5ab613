/**
 * A DNS server that knows a few names and asks nobody.
 *
 * @module
 */

import { runProgram } from "../../support/program.ts";
import type { Namespace } from "../network_namespace.ts";
import { type Service, startService } from "./service.ts";

/** What unbound is to do. */
export interface UnboundOptions {
  /** The port on which it listens, UDP and TCP. */
  readonly port: number;
  /** Lines of its `server` clause beside those that every test needs. */
  readonly server?: readonly string[];
  /** Clauses after that. */
  readonly clauses?: string;
  /** Where it runs, if not on this host. */
  readonly namespace?: Namespace;
}

/** Starts unbound. */
export function startUnbound(options: UnboundOptions): Promise<Service> {
  const { port, server = [], clauses = "", namespace } = options;
  const [program, ...before] = [...namespace?.through ?? [], "unbound"];
  return startService(program!, (directory) => {
    const lines = [
      `interface: 127.0.0.1@${port}`,
      "do-daemonize: no",
      "use-syslog: no",
      'username: ""',
      'chroot: ""',
      `directory: "${directory.path}"`,
      `pidfile: "${directory.file("pid")}"`,
      "num-threads: 1",
      "do-not-query-localhost: no",
      'local-zone: "test." static',
      ...server,
    ];
    const config = [
      "server:",
      ...lines.map((line) => `  ${line}`),
      "remote-control:",
      "  control-enable: no",
      clauses,
    ];
    const file = directory.write("unbound.conf", `${config.join("\n")}\n`);
    return { port, args: [...before, "-d", "-v", "-c", file], ready: /start of service/ };
  });
}

/** Asks the DNS server behind a port for the text of a name with dig, and gives it without its quotes. */
export async function lookUpText(
  port: number,
  { name, options = [] }: { name: string; options?: readonly string[]; through?: readonly string[] },
): Promise<string> {
  const answer = await runProgram("dig", {
    args: ["@127.0.0.1", "-p", String(port), "+short", "+tries=1", "+time=10", ...options, name, "TXT"],
  });
  return answer.trim().replaceAll('"', "");
}
