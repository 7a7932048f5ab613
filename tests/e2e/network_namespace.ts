/**
 * A host with addresses of its own, beside this one: two network namespaces and a cable between them.
 *
 * @module
 */

import { requireAll, requireProgram } from "../support/find_program.ts";
import { runProgram } from "../support/program.ts";

/** The name of the interface at both ends of the cable. */
const INTERFACE = "cable";

let made = 0;

/**
 * For a test that needs a lab and these programs. As {@linkcode requireProgram}; without root there are no
 * namespaces.
 */
export function requireLab(...programs: string[]): { readonly ignore: boolean } {
  const { ignore } = requireProgram("ip", ...programs);
  return ignore ? { ignore } : requireAll(Deno.uid() === 0 ? [] : ["root"]);
}

/** One end of the cable. */
export class Namespace {
  /** Its name, for `ip netns exec`. */
  readonly name: string;

  /** The end of a name; nothing is made yet. */
  constructor(name: string) {
    this.name = name;
  }

  /** What has to stand before a command line to have it run here. */
  get through(): readonly string[] {
    return ["ip", "netns", "exec", this.name];
  }

  /** Runs a program here, and gives its output. */
  run(program: string, ...args: string[]): Promise<string> {
    return runProgram("ip", { args: [...this.through.slice(1), program, ...args] });
  }

  /** Adds an address, such as `10.77.0.1/24`, which can be used at once. */
  async addAddress(address: string): Promise<void> {
    // Without duplicate address detection, which would keep an IPv6 address from use for a second.
    const options = address.includes(":") ? ["nodad"] : [];
    await this.run("ip", "address", "add", address, "dev", INTERFACE, ...options);
  }

  /** Takes an address away. */
  async removeAddress(address: string): Promise<void> {
    await this.run("ip", "address", "del", address, "dev", INTERFACE);
  }
}

/** Two hosts that reach each other and nobody else. */
export interface Lab extends AsyncDisposable {
  readonly server: Namespace;
  readonly client: Namespace;
}

/** Makes two namespaces. Needs root and `ip`. */
export async function makeLab(): Promise<Lab> {
  const prefix = `pmmux${Deno.pid}-${made++}`;
  const [server, client] = [new Namespace(`${prefix}-server`), new Namespace(`${prefix}-client`)];
  const ip = (...args: string[]) => runProgram("ip", { args });
  async function remove(): Promise<void> {
    for (const { name } of [server, client]) await ip("netns", "delete", name).catch(() => {});
  }
  try {
    for (const { name } of [server, client]) await ip("netns", "add", name);
    await ip(
      ...["link", "add", INTERFACE, "netns", server.name, "type", "veth"],
      ...["peer", "name", INTERFACE, "netns", client.name],
    );
    for (const end of [server, client]) {
      await end.run("ip", "link", "set", "lo", "up");
      await end.run("ip", "link", "set", INTERFACE, "up");
    }
    return { server, client, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
