/**
 * The contract of what is carried: who calls, the bytes so far, where the connection goes, and the way back. Everything
 * here is part of the public API.
 *
 * @module
 */

/**
 * A value that may come now or later. What is there now costs no turn of the event loop.
 *
 * @example
 * ```ts
 * import type { Awaitable, Verdict } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const now: Awaitable<Verdict> = "match";
 * const later: Awaitable<Verdict> = Promise.resolve("match");
 * assertEquals(await later, now);
 * ```
 */
export type Awaitable<T> = T | Promise<T>;

/**
 * Names and values that matchers, logs and strategies see: `detected`, `sni`, `socket.remote-ip`, …
 *
 * @example
 * ```ts
 * import type { Properties } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const properties: Properties = { detected: "tls", sni: "www.example.com" };
 * assertEquals(properties.sni, "www.example.com");
 * ```
 */
export type Properties = Readonly<Record<string, string>>;

/**
 * One end of a TCP connection or of a UDP session. IPv4-mapped IPv6 addresses appear as IPv4.
 *
 * @example
 * ```ts
 * import type { Endpoint } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const endpoint: Endpoint = { address: "2001:db8::1", port: 443 };
 * assertEquals(endpoint.address.includes(":"), true);
 * ```
 */
export interface Endpoint {
  /** The IP address, without brackets or zone. */
  readonly address: string;
  /** The port, 0 to 65535. */
  readonly port: number;
}

/**
 * Who is calling, and which of our addresses it called.
 *
 * @example
 * ```ts
 * import type { ClientInfo } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const client: ClientInfo = {
 *   local: { address: "192.0.2.1", port: 443 },
 *   remote: { address: "198.51.100.7", port: 50_000 },
 * };
 * assertEquals(client.remote.address, "198.51.100.7");
 * ```
 */
export interface ClientInfo {
  /** The address and port that the client used, also where the listener is bound to a wildcard. */
  readonly local: Endpoint;
  /** The client's own address and port; behind a trusted proxy, the real client's. */
  readonly remote: Endpoint;
}

/**
 * A client's connection while backends look at it: what is known, and the bytes so far.
 *
 * @example
 * ```ts
 * import type { Preview, Verdict } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * // Whether a client speaks first with a line that ends in CR LF (RFC 5234).
 * const hasLine = ({ bytes, ended }: Pick<Preview, "bytes" | "ended">): Verdict =>
 *   new TextDecoder().decode(bytes).includes("\r\n") ? "match" : ended ? "mismatch" : "incomplete";
 * assertEquals(hasLine({ bytes: new TextEncoder().encode("EHLO"), ended: false }), "incomplete");
 * ```
 */
export interface Preview {
  /** Who is calling. */
  readonly client: ClientInfo;
  /** What negotiators and detectors found out. */
  readonly properties: Properties;
  /** The first bytes, as many as have arrived. Do not keep or change them. */
  readonly bytes: Uint8Array;
  /** True when no more bytes will come: the client closed, the buffer is full, or time is up. */
  readonly ended: boolean;
}

/**
 * A routed client connection, as a backend's `connect` sees it.
 *
 * @example
 * ```ts
 * import type { ClientConnection, Dial } from "@pmmux/cli/mod";
 *
 * // Sends the clients of one network to a port of their own.
 * function connect({ client }: ClientConnection): Dial {
 *   const isLocal = client.remote.address.startsWith("192.168.");
 *   return { hostname: "127.0.0.1", port: isLocal ? 3001 : 3000 };
 * }
 * ```
 */
export interface ClientConnection {
  /** Who is calling. */
  readonly client: ClientInfo;
  /** What negotiators and detectors found out. */
  readonly properties: Properties;
}

/**
 * An answer to `connect`: the multiplexer itself connects there and relays, at full speed.
 *
 * @example
 * ```ts
 * import type { Dial } from "@pmmux/cli/mod";
 *
 * const web: Dial = { hostname: "127.0.0.1", port: 3000 };
 * const database: Dial = { transport: "unix", path: "/run/postgresql/.s.PGSQL.5432" };
 * const announced: Dial = { ...web, head: new TextEncoder().encode("PROXY UNKNOWN\r\n") };
 * ```
 */
export interface Dial {
  /** `tcp` unless given. */
  readonly transport?: "tcp" | "unix";
  /** For `tcp`: an IP address or a name, resolved anew for every connection. */
  readonly hostname?: string;
  /** For `tcp`: the port. */
  readonly port?: number;
  /** For `unix`: the absolute path of the socket. */
  readonly path?: string;
  /** Bytes to send before the client's own. */
  readonly head?: Uint8Array;
  /** Speaks TLS with the target; only where a backend dials for itself. */
  readonly tls?: { readonly verify: boolean };
}

/**
 * An answer to `connect`: the module speaks with the client itself.
 *
 * @example
 * ```ts
 * import type { Connection } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * // Says one thing and ends.
 * function say(text: string): Connection {
 *   let unread: Uint8Array = new TextEncoder().encode(text);
 *   return {
 *     read(buffer) {
 *       if (unread.length === 0) return Promise.resolve(null);
 *       const chunk = unread.subarray(0, buffer.length);
 *       buffer.set(chunk);
 *       unread = unread.subarray(chunk.length);
 *       return Promise.resolve(chunk.length);
 *     },
 *     write: (bytes) => Promise.resolve(bytes.length),
 *     closeWrite() {},
 *     close() {},
 *   };
 * }
 * assertEquals(await say("closed for today\n").read(new Uint8Array(64)), 17);
 * ```
 */
export interface Connection {
  /** Reads what the client shall receive; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Takes bytes from the client; answers how many were taken. A slow answer slows the client. */
  write(bytes: Uint8Array): Promise<number>;
  /** The client will send no more. */
  closeWrite(): Awaitable<void>;
  /** Ends both directions and frees what is held. Called once. */
  close(): void;
}

/**
 * Sends datagrams back to one client, from the socket and the address that the client wrote to.
 *
 * @example
 * ```ts
 * import type { ClientWriter } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const sent: Uint8Array[] = [];
 * const writer: ClientWriter = {
 *   client: { local: { address: "192.0.2.1", port: 53 }, remote: { address: "198.51.100.7", port: 50_000 } },
 *   write: (message) => Promise.resolve(sent.push(message) > 0),
 * };
 * assertEquals(await writer.write(new Uint8Array([1])), true);
 * ```
 */
export interface ClientWriter {
  /** Who is written to. */
  readonly client: ClientInfo;
  /** Sends one datagram; answers whether it was handed to the network (a full queue drops it). */
  write(message: Uint8Array): Promise<boolean>;
}

/**
 * Finds the writer of a client whose message is or was being handled; fails for any other.
 *
 * @example
 * ```ts
 * import type { ClientInfo, ClientWriterFactory } from "@pmmux/cli/mod";
 *
 * // Answers each datagram with its length.
 * class Lengths {
 *   #writer: ClientWriterFactory | undefined;
 *
 *   initialize(clientWriterFactory: ClientWriterFactory): void {
 *     this.#writer = clientWriterFactory;
 *   }
 *
 *   async handleMessage(client: ClientInfo, _metadata: unknown, message: Uint8Array): Promise<void> {
 *     await this.#writer!(client).write(new TextEncoder().encode(String(message.length)));
 *   }
 * }
 * ```
 */
export type ClientWriterFactory = (client: ClientInfo) => ClientWriter;
