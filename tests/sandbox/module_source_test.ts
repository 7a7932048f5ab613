import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseIntegrity, pinnedSource } from "../../lib/sandbox/module_source.ts";

const SOURCE = new TextEncoder().encode("export default {};\n");
const HEX = "2ba2dab40d2a8f5c1a3fd4fc7ba5a3b9e32f8cd3a5c0d7dd9e3f3dd2f3b6a1c0";
const URL_OF_MODULE = "https://example.com/echo.ts";
const spec = { name: "echo", protocol: URL_OF_MODULE, parameters: {} };

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name: `integrity: ${name}`, permissions: "none", fn });
}

test("a hash may be written in hexadecimal or base64", () => {
  const bytes = Uint8Array.fromHex(HEX);
  const writings = [HEX, HEX.toUpperCase(), bytes.toBase64(), bytes.toBase64({ alphabet: "base64url" })];
  for (const text of writings) assertEquals(parseIntegrity(spec, `sha256-${text}`), HEX, text);
});

test("anything else is refused", () => {
  for (
    const text of ["", "sha256-", HEX, `sha512-${HEX}`, `sha256-${HEX}00`, "sha256-!!!!", `sha256-${HEX} `]
  ) {
    assertThrows(() => parseIntegrity(spec, text), Error, "32 bytes", text);
  }
});

test("packages are pinned elsewhere", () => {
  for (const protocol of ["jsr:@scope/echo", "npm:echo"]) {
    assertThrows(() => parseIntegrity({ ...spec, protocol }, `sha256-${HEX}`), Error, "lockfile");
  }
});

test("the source that has the hash is handed out", async () => {
  const integrity = await hashOf(SOURCE);
  const readModule = () => Promise.resolve(SOURCE);
  assertEquals(await pinnedSource(spec, { url: URL_OF_MODULE, integrity, readModule }), SOURCE);
});

test("another source is refused, and its hash told", async () => {
  const readModule = () => Promise.resolve(SOURCE);
  await assertRejects(
    () => pinnedSource(spec, { url: URL_OF_MODULE, integrity: HEX, readModule }),
    Error,
    `Cannot use backend "echo": integrity is not that of ${URL_OF_MODULE}, which has sha256-${await hashOf(
      SOURCE,
    )}`,
  );
});

test("a source that cannot be had is refused", async () => {
  const readModule = () => Promise.reject(new Error("not found"));
  await assertRejects(
    () => pinnedSource(spec, { url: URL_OF_MODULE, integrity: HEX, readModule }),
    Error,
    "cannot be checked: not found",
  );
});

test("a source without end is refused", async () => {
  const bytes = new Uint8Array(5 * 1024 * 1024);
  const integrity = await hashOf(bytes);
  await assertRejects(
    () => pinnedSource(spec, { url: URL_OF_MODULE, integrity, readModule: () => Promise.resolve(bytes) }),
    Error,
    "at most",
  );
});
