/**
 * What a detector is: a pure function from a client's first bytes to a verdict.
 *
 * A detector never performs I/O, never throws, never keeps a reference to its input, and reads no more
 * than it needs. Its final verdict does not depend on how the bytes were split on their way here.
 *
 * @module
 */

/**
 * What a detector (or a matcher, or a backend) makes of the bytes so far: `incomplete` means that more
 * bytes may still turn it into either of the others.
 *
 * @example
 * ```ts
 * import type { Verdict } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const isGreeting = (text: string): Verdict =>
 *   text.startsWith("HELLO ") ? "match" : "HELLO ".startsWith(text) ? "incomplete" : "mismatch";
 * assertEquals(["HEL", "HELLO world", "GET /"].map(isGreeting), ["incomplete", "match", "mismatch"]);
 * ```
 */
export type Verdict = "match" | "mismatch" | "incomplete";

/**
 * What a detector learnt beside its verdict, by property name (`sni`, `alpn`, `http.host`, …).
 *
 * @example
 * ```ts
 * import type { Facts } from "@pmmux/cli/mod";
 *
 * const facts: Facts = { sni: "www.example.com", alpn: "h2;http/1.1" };
 * ```
 */
export type Facts = Readonly<Record<string, string>>;

/**
 * The transport that a detector reads: a TCP byte stream from its start, or one whole UDP datagram.
 *
 * @example
 * ```ts
 * import type { DetectorTransport } from "@pmmux/cli/mod";
 *
 * const transports: DetectorTransport[] = ["tcp", "udp"];
 * ```
 */
export type DetectorTransport = "tcp" | "udp";

/**
 * A pure recogniser of one protocol.
 *
 * @example
 * ```ts
 * import type { Detector } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const MAGIC = 0x05;
 * const socks5: Detector = {
 *   name: "socks5",
 *   transport: "tcp",
 *   budget: 1,
 *   detect: ([first]) => first === undefined ? "incomplete" : first === MAGIC ? "match" : "mismatch",
 * };
 * assertEquals(socks5.detect(new Uint8Array([5, 1, 0])), "match");
 * ```
 */
export interface Detector {
  /** The protocol's name, as written in `detect=`. */
  readonly name: string;
  /** Where the protocol is spoken. A protocol with two framings has two detectors of the same name. */
  readonly transport: DetectorTransport;
  /** How many bytes at most decide: with that many, the verdict is never `incomplete`. */
  readonly budget: number;
  /**
   * Judges the bytes so far. A UDP detector is given one whole datagram and never answers `incomplete`,
   * unless the protocol itself spreads its first message over several datagrams.
   */
  detect(bytes: Uint8Array): Verdict;
  /** Facts of a message that {@linkcode Detector.detect} called a match. */
  facts?(bytes: Uint8Array): Facts;
  /**
   * Whether a stream that matches has told all the facts that it will; without it, the match tells them. Nobody
   * needs to wait for what will not come.
   */
  hasToldAll?(bytes: Uint8Array): boolean;
}
