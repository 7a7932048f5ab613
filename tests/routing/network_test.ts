import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { compileNetwork, unmapAddress } from "../../lib/routing/network.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `network: ${name}`, permissions: "none", fn });
}

test("it contains the addresses of its prefix, with host bits or without", () => {
  for (const source of ["10.16.0.0/12", "10.20.30.40/12"]) {
    const contains = compileNetwork(source);
    assertEquals(
      ["10.16.0.0", "10.31.255.255", "10.15.255.255", "10.32.0.0", "11.16.0.0"].map(contains),
      [true, true, false, false, false],
      source,
    );
  }
});

test("prefixes of every length cut where arithmetic does", () => {
  const number = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const base = "172.29.217.84";
  for (let bits = 0; bits <= 32; bits++) {
    const contains = compileNetwork(`${base}/${bits}`);
    for (
      const other of [
        "172.29.217.84",
        "172.29.217.85",
        "172.29.216.84",
        "172.28.1.1",
        "44.0.0.1",
        "255.1.1.1",
      ]
    ) {
      const size = 2 ** (32 - bits);
      const expected = Math.floor(number(base) / size) === Math.floor(number(other) / size);
      assertEquals(contains(other), expected, `${other} in ${base}/${bits}`);
    }
  }
});

test("a bare address contains itself, however it is written", () => {
  assert(compileNetwork("127.0.0.1")("127.0.0.1"));
  assertFalse(compileNetwork("127.0.0.1")("127.0.0.2"));
  assert(compileNetwork("2001:DB8:0::1")("2001:db8::1"));
  assert(compileNetwork("2001:db8::1")("2001:db8:0:0:0:0:0:1"));
  assert(compileNetwork("::1/128")("::1"));
});

test("a network never contains an address of the other family", () => {
  assertFalse(compileNetwork("0.0.0.0/0")("2001:db8::1"));
  assertFalse(compileNetwork("::/0")("10.0.0.1"));
  assert(compileNetwork("0.0.0.0/0")("255.255.255.255"));
  assert(compileNetwork("::/0")("fe80::1"));
});

test("an IPv4-mapped address is an IPv4 address", () => {
  assert(compileNetwork("10.0.0.0/8")("::ffff:10.1.2.3"));
  assert(compileNetwork("::ffff:10.0.0.1")("10.0.0.1"));
  assert(compileNetwork("10.0.0.1")("::ffff:a00:1"));
});

test("a network of IPv4-mapped addresses is one of IPv4", () => {
  const contains = compileNetwork("::ffff:10.0.0.0/104");
  assert(contains("10.1.2.3"));
  assert(contains("::ffff:10.1.2.3"));
  assertFalse(contains("11.0.0.0"));
  assertFalse(contains("::ffff:11.0.0.0"));
  assert(compileNetwork("::ffff:0:0/96")("255.0.0.1"));
});

test("a zone is no part of the address", () => {
  assert(compileNetwork("fe80::/10")("fe80::1%eth0"));
  assert(compileNetwork("fe80::1")("fe80::1%eth0"));
});

test("what is no address belongs to no network", () => {
  for (const address of ["", "localhost", "10.0.0", "10.0.0.256", "[::1]"]) {
    assertFalse(compileNetwork("0.0.0.0/0")(address), address);
    assertFalse(compileNetwork("::/0")(address), address);
  }
});

test("a malformed network is an error that quotes it", () => {
  const wrong = [
    "",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0/8",
    "10.1",
    "0x0a.0.0.1",
    "010.0.0.1.1",
    "256.0.0.1",
    "::1/129",
    "::g",
    "[::1]",
    "localhost",
    "10.0.0.0/255.0.0.0",
    "fe80::1%eth0",
    "::ffff:10.0.0.0/24",
    "::ffff:10.0.0.0/129",
  ];
  for (const source of wrong) {
    const { message } = assertThrows(() => compileNetwork(source), SyntaxError, undefined, source);
    assertEquals(
      message,
      `"${source}" is not an IP address or a network such as 10.0.0.0/8 or 2001:db8::/32`,
    );
  }
});

test("unmapping gives the IPv4 address in both spellings, and leaves the rest alone", () => {
  assertEquals(unmapAddress("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(unmapAddress("::ffff:c000:201"), "192.0.2.1");
  assertEquals(unmapAddress("192.0.2.1"), "192.0.2.1");
  assertEquals(unmapAddress("::1"), "::1");
  assertEquals(unmapAddress("::ffff:nonsense"), "::ffff:nonsense");
});
