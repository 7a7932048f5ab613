/**
 * A PostgreSQL server with TLS, which everybody may use.
 *
 * @module
 */

import { runProgram } from "../../support/program.ts";
import { makeCertificate } from "./certificate.ts";
import { type Service, startService } from "./service.ts";

const USER = "postgres";

/** Starts PostgreSQL. As root it runs as the user that Debian made for it, because it refuses root. */
export function startPostgres(port: number): Promise<Service> {
  return startService("postgres", async (directory) => {
    const owner = Deno.uid() === 0 ? await accountOf(USER) : {};
    const { certificate, key } = await makeCertificate("db.test", directory);
    for (const path of [directory.path, certificate, key]) {
      if (owner.uid !== undefined) Deno.chownSync(path, owner.uid, owner.gid!);
    }
    const data = directory.file("data");
    await runProgram("initdb", {
      ...owner,
      cwd: directory.path,
      args: ["-D", data, "-U", USER, "-A", "trust", "--no-sync", "--locale=C"],
    });
    const settings = {
      port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      ssl: "on",
      ssl_cert_file: certificate,
      ssl_key_file: key,
      fsync: "off",
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return {
      ...owner,
      port,
      cwd: directory.path,
      args: ["-D", data, ...args],
      // Ends without waiting for clients.
      stopSignal: "SIGINT",
    };
  });
}

async function accountOf(user: string): Promise<{ uid?: number; gid?: number }> {
  const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => runProgram("id", { args: [flag, user] })));
  return { uid: Number(uid), gid: Number(gid) };
}

/** How psql connects. */
export interface PsqlOptions {
  readonly sslmode: "require" | "disable";
  /** The name that it asks for; the connection goes to 127.0.0.1 all the same. */
  readonly host?: string;
}

/** Asks the server behind a port with psql whether the connection is encrypted. */
export async function isEncrypted(
  port: number,
  { sslmode, host = "127.0.0.1" }: PsqlOptions,
): Promise<boolean> {
  const query = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
  const connection = `host=${host} hostaddr=127.0.0.1 port=${port} user=${USER} sslmode=${sslmode}`;
  return (await runProgram("psql", { args: ["-XAt", "-c", query, connection] })).trim() === "t";
}
