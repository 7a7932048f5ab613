/**
 * What `pmmux explain` is asked about: the client and its bytes, out of the command line.
 *
 * @module
 */

import { parseAddress } from "../config/address.ts";
import { ConfigError } from "../config/errors.ts";
import type { BindingSpec, Config } from "../config/types.ts";
import { parseWholeNumber, PORT_RANGE } from "../config/whole_number.ts";
import { unescapeBytes } from "../protocol/escaped_bytes.ts";
import type { Endpoint } from "../routing/client.ts";
import type { CommandContext } from "./command.ts";
import type { Sent } from "./explain_decision.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The ways in which bytes can be given, and how each becomes bytes. */
const READERS: Readonly<Record<string, (text: string) => Bytes | Promise<Bytes>>> = {
  hex: hexBytes,
  text: unescapeBytes,
  file: (path) => path === "-" ? readInput() : Deno.readFile(path),
};

/** A port that clients often have. */
const CLIENT_PORT = 50_000;

/** The part of a context that says what is asked. */
export type Asked = Pick<CommandContext, "option" | "values">;

/** The client that is asked about. */
export interface AskedClient {
  /** The client and its bytes. */
  readonly sent: Sent;
  /** The binding of the listener that it calls; undefined if none listens there. */
  readonly binding: BindingSpec | undefined;
}

/**
 * Reads what is asked. Without bytes on the command line they come from standard input, unless that is a terminal.
 *
 * @throws {ConfigError} if an option's value is wrong, or bytes are given in more than one way.
 */
export async function readAskedClient(asked: Asked, config: Config): Promise<AskedClient> {
  const networkProtocol = asked.option("udp") === "true" ? "udp" : "tcp";
  const remote = { address: "127.0.0.1", port: CLIENT_PORT, ...endpointOption(asked, "client") };
  const called = endpointOption(asked, "local");
  const binding = config.portBindings.find((it) =>
    it.networkProtocol === networkProtocol && it.listen && isAt(it, called)
  );
  const local = { ...endpointOf(binding, remote.address), ...called };
  const [first = new Uint8Array(), ...more] = await readMessages(asked);
  const messages: Sent["messages"] = networkProtocol === "udp"
    ? [first, ...more]
    : [(await new Blob([first, ...more]).bytes()).subarray(0, config.previewBufferLimit)];
  return { sent: { networkProtocol, client: { remote, local }, messages }, binding };
}

async function readMessages({ values }: Asked): Promise<Bytes[]> {
  const given = Object.keys(READERS).filter((name) => values(name).length > 0);
  if (given.length > 1) {
    throw wrong(given.at(-1)!, `excludes --${given[0]}: the order of the bytes would not be known`);
  }
  const [name] = given;
  if (name === undefined) return Deno.stdin.isTerminal() ? [] : [await readInput()];
  return await Promise.all(
    values(name).map(async (text) => {
      try {
        return await READERS[name]!(text);
      } catch (error) {
        throw wrong(name, describe(text, error as Error));
      }
    }),
  );
}

function describe(text: string, error: Error): string {
  if (error instanceof Deno.errors.NotFound) return `there is no file "${text}"`;
  return error instanceof Deno.errors.IsADirectory ? `"${text}" is a directory` : error.message;
}

function hexBytes(text: string): Bytes {
  const digits = text.replace(/[\s:]|0x/gi, "");
  if (/^([0-9a-f]{2})*$/i.test(digits)) return Uint8Array.fromHex(digits);
  throw new SyntaxError(`"${text}" is not made of hexadecimal bytes such as 16 03 01`);
}

async function readInput(): Promise<Bytes> {
  return await new Response(Deno.stdin.readable).bytes();
}

/** An address, or an address and a port: `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`. */
function endpointOption({ option }: Asked, name: string): Partial<Endpoint> | undefined {
  const text = option(name);
  if (text === undefined) return undefined;
  const [, bracketed, plain, portText] = /^(?:\[(.*)\]|([^:]*))(?::([^:]*))?$/.exec(text) ?? [];
  const address = parseAddress(bracketed ?? plain ?? text);
  if (address !== undefined && portText === undefined) return { address };
  const port = parseWholeNumber(portText ?? "", PORT_RANGE);
  if (address !== undefined && port !== undefined) return { address, port };
  throw wrong(name, `is "${text}", not an IP address, or one with a port: 192.0.2.1:443, [2001:db8::1]:443`);
}

/** Whether a listener is reached at an address, a port or both. */
function isAt({ bindAddress, localPort }: BindingSpec, { address, port }: Partial<Endpoint> = {}): boolean {
  const isPort = port === undefined || localPort === "auto" || port === localPort;
  return isPort && (address === undefined || isWildcard(bindAddress) || address === bindAddress);
}

/** Where a client arrives that names no address. */
function endpointOf(binding: BindingSpec | undefined, client: string): Endpoint {
  const { bindAddress = "0.0.0.0", localPort = "auto" } = binding ?? {};
  const loopback = client.includes(":") ? "::1" : "127.0.0.1";
  return {
    address: isWildcard(bindAddress) ? loopback : bindAddress,
    port: localPort === "auto" ? 0 : localPort,
  };
}

function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

function wrong(option: string, problem: string): ConfigError {
  return new ConfigError(problem, { source: `command line: --${option}` });
}
