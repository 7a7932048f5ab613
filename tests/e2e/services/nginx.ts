/**
 * nginx in the foreground.
 *
 * @module
 */

import { runProgram } from "../../support/program.ts";
import { type Service, startService } from "./service.ts";
import type { TempDirectory } from "./temp_directory.ts";

/** What nginx is to do. */
export interface NginxOptions {
  /** The port on which it is up. */
  readonly port: number;
  /** The content of its `http` block. */
  readonly http: string | ((directory: TempDirectory) => Promise<string>);
}

/** Starts nginx. */
export function startNginx({ port, http }: NginxOptions): Promise<Service> {
  return startService("nginx", async (directory) => {
    const block = typeof http === "string" ? http : await http(directory);
    const config = directory.write("nginx.conf", configuration(block, directory));
    return { port, args: ["-p", directory.path, "-e", "stderr", "-c", config] };
  });
}

/** A server that answers every request with a text, which may have nginx's variables in it. */
export function answering(listen: string, text: string, more = ""): string {
  return `server { listen 127.0.0.1:${listen}; ${more} location / { return 200 "${text}"; } }`;
}

function configuration(http: string, { path }: TempDirectory): string {
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) =>
    `${kind}_temp_path ${path}/${kind};`
  );
  return `
    daemon off; master_process off; user root; pid ${path}/nginx.pid; error_log stderr;
    events { worker_connections 4096; }
    http {
      access_log off; default_type text/plain; ${paths.join(" ")}
      ${http}
    }
  `;
}

/** What curl is asked to do. */
export interface CurlOptions {
  /** Its host name says whom to ask for; the connection goes to 127.0.0.1 all the same. */
  readonly url: string;
  /** More of curl's options. */
  readonly options?: readonly string[];
}

/** Fetches a URL from the TCP port of 127.0.0.1 with curl, and gives the body. Certificates are not checked. */
export function curl(port: number, { url, options = [] }: CurlOptions): Promise<string> {
  return runProgram("curl", {
    args: ["-sSk", "--max-time", "20", "--connect-to", `::127.0.0.1:${port}`, ...options, url],
  });
}
