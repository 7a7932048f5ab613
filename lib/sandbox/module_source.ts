/**
 * Pins a module to its source: `integrity=sha256-…`.
 *
 * The pin covers the one file that the URL names. The engine fetches or reads it, compares its hash, and
 * hands exactly these bytes to the guest, so that nothing can change between check and use. What the module
 * imports in turn is not covered: relative imports are refused, since the source has no place of its own
 * any more, and absolute ones are what `import=` permits and, where there is one, the lockfile pins. A
 * module that shall be pinned as a whole is best bundled into one file. Packages (`jsr:`, `npm:`) are pinned
 * by the lockfile.
 *
 * @module
 */

import { ParameterError } from "../backends/parameters.ts";
import type { BackendSpec } from "../config/types.ts";
import { messageOf } from "../routing/message_of.ts";

/** Gives the bytes that a `file:` or `https:` URL names. */
export type ReadModule = (url: string) => Promise<Uint8Array<ArrayBuffer>>;

/** A module that is longer than this is not pinned: it crosses the wire as a whole. */
const MAX_SOURCE_BYTES = 4 * 1024 * 1024;
const HASH_BYTES = 32;
const FETCH_TIMEOUT_MS = 10_000;

/**
 * The hash in an `integrity` parameter, in hexadecimal. Written in hexadecimal or base64 (as in HTML's
 * subresource integrity).
 *
 * @throws {ParameterError} if it is malformed.
 */
export function parseIntegrity(spec: BackendSpec, text: string): string {
  const [, hash] = /^sha256-([\w+/=-]+)$/.exec(text) ?? [];
  if (/^(jsr|npm):/.test(spec.protocol)) {
    throw new ParameterError(spec, "integrity", `pins a file, and not a package: the lockfile pins those`);
  }
  if (hash !== undefined && /^[0-9a-f]{64}$/i.test(hash)) return hash.toLowerCase();
  try {
    const bytes = Uint8Array.fromBase64(hash ?? "", {
      alphabet: /[-_]/.test(hash ?? "") ? "base64url" : "base64",
    });
    if (bytes.length === HASH_BYTES) return bytes.toHex();
  } catch {
    // Malformed, as any other that falls through.
  }
  throw new ParameterError(
    spec,
    "integrity",
    `is "${text}", but must be sha256- and 32 bytes in hexadecimal or base64`,
  );
}

/**
 * The source of a pinned module.
 *
 * @throws {ParameterError} if it cannot be had or is another one; the message tells the hash that was found.
 */
export async function pinnedSource(
  spec: BackendSpec,
  { url, integrity, readModule = readSource }: { url: string; integrity: string; readModule?: ReadModule },
): Promise<Uint8Array<ArrayBuffer>> {
  let source: Uint8Array<ArrayBuffer>;
  try {
    source = await readModule(url);
  } catch (error) {
    throw new ParameterError(spec, "integrity", `cannot be checked: ${messageOf(error)}`);
  }
  if (source.length > MAX_SOURCE_BYTES) {
    throw new ParameterError(
      spec,
      "integrity",
      `cannot pin ${source.length} bytes, at most ${MAX_SOURCE_BYTES}`,
    );
  }
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", source)).toHex();
  if (found === integrity) return source;
  throw new ParameterError(spec, "integrity", `is not that of ${url}, which has sha256-${found}`);
}

async function readSource(url: string): Promise<Uint8Array<ArrayBuffer>> {
  if (url.startsWith("file:")) return await Deno.readFile(new URL(url));
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
