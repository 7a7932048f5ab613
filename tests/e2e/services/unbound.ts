/**
 * A DNS server that knows a few names and asks nobody.
 *
 * @module
 */

import { runProgram } from "../../support/program.ts";
import { type Service, startService } from "./service.ts";

/** What unbound is to do. */
export interface UnboundOptions {
  /** The port on which it listens, UDP and TCP. */
  readonly port: number;
  /** Lines of its `server` clause beside those that every test needs. */
  readonly server?: readonly string[];
  /** Clauses after that. */
  readonly clauses?: string;
}

/** Starts unbound. */
export function startUnbound({ port, server = [], clauses = "" }: UnboundOptions): Promise<Service> {
  return startService("unbound", (directory) => {
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
    const config = `server:\n${
      lines.map((line) => `  ${line}\n`).join("")
    }${clauses}\nremote-control:\n  control-enable: no\n`;
    return { port, args: ["-d", "-c", directory.write("unbound.conf", config)] };
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
