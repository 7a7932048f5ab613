/**
 * HAProxy in the foreground.
 *
 * @module
 */

import { type Service, startService } from "./service.ts";

/** Starts HAProxy with these sections of its configuration; it is up when it accepts on `port`. */
export function startHaproxy({ port, sections }: { port: number; sections: string }): Promise<Service> {
  return startService("haproxy", (directory) => {
    const config = `
global
  log stdout format raw local0
defaults
  log global
  timeout connect 5s
  timeout client 30s
  timeout server 30s
${sections}
`;
    return { port, args: ["-db", "-f", directory.write("haproxy.cfg", config)] };
  });
}
