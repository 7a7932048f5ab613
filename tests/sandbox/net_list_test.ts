import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  isPublicAddress,
  isUnspecified,
  NetList,
  parseHost,
  parseNetEntry,
} from "../../lib/sandbox/net_list.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `net list: ${name}`, permissions: "none", fn });
}

test("addresses have one form, however they are written", () => {
  assertEquals(parseHost("127.0.0.1"), { address: "127.0.0.1" });
  for (const text of ["::ffff:127.0.0.1", "[::FFFF:7f00:1]", "0:0:0:0:0:ffff:127.0.0.1"]) {
    assertEquals(parseHost(text), { address: "127.0.0.1" }, text);
  }
  for (const text of ["::1", "[::1]", "0:0:0:0:0:0:0:1", "0000::0001"]) {
    assertEquals(parseHost(text), { address: "::1" }, text);
  }
});

test("names are in lower case and without a dot at the end", () => {
  assertEquals(parseHost("Example.COM."), { name: "example.com" });
  assertEquals(parseHost("_service.example-1.com"), { name: "_service.example-1.com" });
});

test("what only some software takes for an address is neither address nor name", () => {
  const spellings = [
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "127.0.0.1.",
    "1.2.3.4.5",
    "256.0.0.1",
    "example.0x7f",
    "example.1",
    "[127.0.0.1]",
    "fe80::1%eth0",
    "::1%lo",
  ];
  for (const text of spellings) assertEquals(parseHost(text), undefined, text);
});

test("no other text is a host", () => {
  const texts = [
    "",
    ".",
    "a..b",
    "-a",
    "a-",
    "a b",
    "a/b",
    "a\0b",
    "user@host",
    "host:80",
    "ä.example",
    "[",
    "]",
  ];
  for (const text of [...texts, "x".repeat(254)]) assertEquals(parseHost(text), undefined, text);
});

test("entries take the form that Deno knows", () => {
  const forms: Record<string, string> = {
    "127.0.0.1:80": "127.0.0.1:80",
    "127.0.0.1": "127.0.0.1",
    "[::0001]:80": "[::1]:80",
    "[::1]": "[::1]",
    "Example.com:443": "example.com:443",
    "*.Example.com": "*.example.com",
    "10.0.0.0/8:80": "10.0.0.0/8:80",
    "0.0.0.0:0": "0.0.0.0:0",
    "unix:/run/app.sock": "unix:/run/app.sock",
    "*": "*",
  };
  for (const [text, form] of Object.entries(forms)) assertEquals(parseNetEntry(text)?.text, form, text);
});

test("malformed entries are none", () => {
  const texts = [
    "",
    ":80",
    "host:",
    "host:x",
    "host:65536",
    "host:80:81",
    "10.0.0.0/33",
    "10.0.0.0/",
    "2001:db8::/32",
    "[2001:db8::/32]",
    "[2001:db8::]/32",
    "::1",
    "0177.0.0.1:80",
    "*.127.0.0.1",
    "**.example.com",
    "unix:relative",
    "unix:/run/../etc/shadow",
    "unix:/run//x",
    "unix:",
    "http://example.com",
  ];
  for (const text of texts) assertEquals(parseNetEntry(text), undefined, text);
  assertThrows(() => new NetList(["127.1:80"]), SyntaxError, '"127.1:80"');
});

test("a port permits that port, and no port all of them", () => {
  const list = new NetList(["127.0.0.1:80", "10.0.0.1", "example.com:443"]);
  assert(list.hasAddress("127.0.0.1", 80) && !list.hasAddress("127.0.0.1", 81));
  assert(list.hasAddress("10.0.0.1", 1) && list.hasAddress("10.0.0.1", 65_535));
  assert(list.hasName("example.com", 443) && !list.hasName("example.com", 80));
});

test("a name permits no address and an address no name", () => {
  const list = new NetList(["localhost:80", "127.0.0.2:80"]);
  assert(!list.hasAddress("127.0.0.1", 80));
  assert(!list.hasName("127.0.0.2", 80));
});

test("a network contains its addresses, a wildcard the names below it", () => {
  const list = new NetList(["10.0.0.0/8:80", "*.example.com"]);
  assert(list.hasAddress("10.255.0.1", 80) && !list.hasAddress("11.0.0.1", 80));
  assert(list.hasName("a.b.example.com", 1));
  assert(!list.hasName("example.com", 1) && !list.hasName("badexample.com", 1));
});

test("only the very socket of a path is permitted", () => {
  const list = new NetList(["unix:/run/app.sock"]);
  assert(list.hasPath("/run/app.sock"));
  for (const path of ["/run/app.sock/", "/run/./app.sock", "/run/app.sock2", ""]) {
    assert(!list.hasPath(path), path);
  }
  assert(!list.hasAddress("127.0.0.1", 80));
});

test("everything is everything, and nothing is nothing", () => {
  const all = new NetList(["*"]);
  assert(all.hasAddress("127.0.0.1", 1) && all.hasName("a", 1) && all.hasPath("/x"));
  const none = new NetList([]);
  assert(!none.hasAddress("127.0.0.1", 1) && !none.hasName("a", 1) && !none.hasPath("/x"));
});

test("public is what the whole internet can reach", () => {
  for (const address of ["8.8.8.8", "2606:4700::1111"]) assert(isPublicAddress(address), address);
  const local = [
    "127.0.0.1",
    "10.0.0.1",
    "192.168.0.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "name",
    "",
  ];
  for (const address of local) assert(!isPublicAddress(address), address);
});

test("unspecified is no host", () => {
  for (const address of ["0.0.0.0", "::", "::ffff:0.0.0.0"]) assert(isUnspecified(address), address);
  assert(!isUnspecified("127.0.0.1"));
});
