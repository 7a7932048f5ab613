/**
 * An OpenSSH server, and the client options to log in to it.
 *
 * @module
 */

import { runProgram } from "../../support/program.ts";
import { type Service, startService } from "./service.ts";

/** Starts sshd. Whoever has its key may log in as the user of this process. */
export function startSshd(port: number): Promise<Service> {
  return startService("sshd", async (directory) => {
    for (const name of ["host_key", "user_key"]) {
      await runProgram("ssh-keygen", {
        args: ["-q", "-t", "ed25519", "-N", "", "-f", directory.file(name)],
      });
    }
    // As root, sshd refuses to start without it; Debian makes it when its service starts.
    if (Deno.uid() === 0) Deno.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    const settings = [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${directory.file("host_key")}`,
      `AuthorizedKeysFile ${directory.file("user_key.pub")}`,
      `PidFile ${directory.file("pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin yes",
    ];
    return {
      port,
      args: ["-D", "-e", "-f", directory.write("sshd_config", `${settings.join("\n")}\n`)],
      ready: /listening on/,
    };
  });
}

/** Runs a command at the server of `port` by ssh, and gives what it writes. */
export async function ssh(
  port: number,
  { server, command }: { server: Service; command: string },
): Promise<string> {
  const options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"];
  return await runProgram("ssh", {
    args: ["-p", String(port), "-i", server.directory.file("user_key"), "-F", "none", "-q"]
      .concat(options.flatMap((option) => ["-o", option]))
      .concat("127.0.0.1", command),
  });
}
