import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import type { Verdict } from "../../lib/protocol/detector.ts";
import { allMatch, compileMatchers, isMatcher, matcherNames } from "../../lib/routing/matchers.ts";
import { inspectionOf, type InspectionParts } from "./inspections.ts";

/** The verdict of all matchers among the parameters. */
function judge(parameters: Record<string, string>, parts: InspectionParts = {}): Verdict {
  return allMatch(compileMatchers(parameters), inspectionOf(parts));
}

function test(name: string, fn: () => void): void {
  Deno.test({ name: `matchers: ${name}`, permissions: "none", fn });
}

test("parameters that are no matchers are left alone", () => {
  const keys = compileMatchers({ "target.ip": "!", priority: "x", "remote-ip": "::/0", property: "(" });
  assertEquals(keys.map(({ key }) => key), ["remote-ip"]);
  assertFalse(isMatcher("property"));
  assertFalse(isMatcher("remote-ip!!"));
  for (const name of matcherNames) assert(isMatcher(name) && isMatcher(`${name}!`), name);
});

test("names are recognised in any case, the argument of a property is not changed", () => {
  assertEquals(judge({ "Remote-IP": "192.0.2.7" }), "match");
  assertEquals(judge({ "REMOTE-PORT!": "50000" }), "mismatch");
  assertEquals(judge({ "Property[Tls]": "True" }, { properties: { Tls: "True" } }), "match");
  assertEquals(judge({ "property[Tls]": "True" }, { properties: { tls: "True" } }), "mismatch");
});

test("of several values any may fit", () => {
  const parameters = { "remote-port": "80;443; 8000-8999 ;" };
  for (const [remotePort, expected] of [[80, "match"], [8500, "match"], [81, "mismatch"]] as const) {
    assertEquals(judge(parameters, { remotePort }), expected, `${remotePort}`);
  }
});

test("of several negated values none may fit", () => {
  const parameters = { "local-port!": "80;443" };
  assertEquals(judge(parameters, { localPort: 443 }), "mismatch");
  assertEquals(judge(parameters, { localPort: 22 }), "match");
});

test("no value at all, negated or not, lets everything through", () => {
  for (const value of ["", ";", " ; "]) {
    assertEquals(judge({ "remote-ip": value }), "match");
    assertEquals(judge({ "remote-ip!": value }), "match");
  }
});

test("all parameters must hold", () => {
  const parameters = { "remote-ip": "192.0.2.0/24", "local-port": "443", "property[tls]": "yes" };
  assertEquals(judge(parameters, { properties: { tls: "yes" } }), "match");
  assertEquals(judge(parameters, { properties: { tls: "no" } }), "mismatch");
  assertEquals(judge(parameters, { properties: { tls: "yes" }, localPort: 80 }), "mismatch");
  assertEquals(judge({}), "match");
});

test("a matcher and its negation stand together: this network, but not that part of it", () => {
  const parameters = { "remote-ip": "10.0.0.0/8", "remote-ip!": "10.1.0.0/16;10.2.3.4" };
  assertEquals(judge(parameters, { remote: "10.9.9.9" }), "match");
  assertEquals(judge(parameters, { remote: "10.1.9.9" }), "mismatch");
  assertEquals(judge(parameters, { remote: "10.2.3.4" }), "mismatch");
  assertEquals(judge(parameters, { remote: "192.0.2.1" }), "mismatch");
});

test("local-ip and local-port look at the address that the client called", () => {
  assertEquals(judge({ "local-ip": "127.0.0.2" }, { local: "127.0.0.2" }), "match");
  assertEquals(judge({ "local-ip": "127.0.0.2" }, { local: "127.0.0.1", remote: "127.0.0.2" }), "mismatch");
  assertEquals(judge({ "local-port": "443" }, { remotePort: 443, localPort: 80 }), "mismatch");
});

test("a port range includes both ends, and one that ends before it begins fits nothing", () => {
  const fits = (value: string) =>
    [7999, 8000, 8500, 8999, 9000].filter((localPort) =>
      judge({ "local-port": value }, { localPort }) === "match"
    );
  assertEquals(fits("8000-8999"), [8000, 8500, 8999]);
  assertEquals(fits("0-65535"), [7999, 8000, 8500, 8999, 9000]);
  assertEquals(fits("8999-8000"), []);
});

test("a port that is none is an error that quotes it and shows a right one", () => {
  for (
    const value of ["http", "-1", "65536", "80-", "-80", "80-http", "1-2-3", "8 0", "0x50", "1e3", "80-70000"]
  ) {
    const error = assertThrows(() => judge({ "local-port": value }), SyntaxError);
    assertEquals(
      error.message,
      `local-port: "${value}" is not a port or a range of ports such as 8000-8999 (0 to 65535)`,
    );
  }
});

test("one wrong value among several is an error that quotes only that one", () => {
  const error = assertThrows(() => judge({ "remote-ip!": "10.0.0.0/8; nowhere" }), SyntaxError);
  assertEquals(
    error.message,
    'remote-ip!: "nowhere" is not an IP address or a network such as 10.0.0.0/8 or 2001:db8::/32',
  );
});

test("a property pattern fits the whole value, in its case", () => {
  const verdict = (pattern: string, value: string) =>
    judge({ "property[sni.host]": pattern }, { properties: { "sni.host": value } });
  assertEquals(verdict("api\\..*", "api.example.com"), "match");
  assertEquals(verdict("api", "api.example.com"), "mismatch");
  assertEquals(verdict("API\\..*", "api.example.com"), "mismatch");
  assertEquals(verdict("a;b", "b"), "match");
});

test("a property that is missing fits no pattern, so that its negation holds", () => {
  assertEquals(judge({ "property[colour]": ".*" }), "mismatch");
  assertEquals(judge({ "property[colour]!": ".*" }), "match");
  assertEquals(judge({ "property[toString]": ".*" }), "mismatch");
});

test("sessions have properties as connections have", () => {
  const parts = { networkProtocol: "udp", properties: { "socket.type": "dgram" }, ended: true } as const;
  assertEquals(judge({ "property[socket.type]": "dgram" }, parts), "match");
  assertEquals(judge({ "property[socket.type]!": "dgram" }, parts), "mismatch");
});

test("a wrong pattern is an error at once, not at the first connection", () => {
  const error = assertThrows(() => compileMatchers({ "property[sni]": "a(b" }), SyntaxError);
  assert(error.message.startsWith('property[sni]: "a(b" is not a pattern: '), error.message);
});

test("a property has a name", () => {
  assertThrows(() => compileMatchers({ "property[]": "1" }), SyntaxError, "property[]: names no property");
});

test("a backslash protects a semicolon, and nothing else changes", () => {
  const fits = (pattern: string, value: string) =>
    judge({ "property[x]": pattern }, { properties: { x: value } }) === "match";
  assert(fits("a\\;b", "a;b"));
  assert(fits("no;a\\;b", "a;b"));
  assert(fits("a\\d;b", "a7"));
  assert(fits("a\\\\;b", "a\\"), "the first backslash protects the second");
  assert(fits("a\\\\;b", "b"));
});

test("detect= asks the detectors of the transport, and a fallback waits until it is certain", () => {
  const hello = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  assertEquals(judge({ detect: "http" }, { bytes: hello }), "match");
  assertEquals(judge({ detect: "SSH;HTTP" }, { bytes: hello }), "match");
  assertEquals(judge({ detect: "ssh" }, { bytes: hello }), "mismatch");
  assertEquals(judge({ detect: "ssh" }), "incomplete");
  assertEquals(judge({ "detect!": "ssh" }), "incomplete");
  assertEquals(judge({ "detect!": "ssh" }, { bytes: hello }), "match");
  assertEquals(judge({ "detect!": "http" }, { bytes: hello }), "mismatch");
  assertEquals(judge({ detect: "http" }, { bytes: hello, networkProtocol: "udp", ended: true }), "mismatch");
});

test("what is undecided when no more bytes come does not fit", () => {
  const late = { bytes: "SS", ended: true };
  assertEquals(judge({ detect: "ssh" }, { bytes: "SS" }), "incomplete");
  assertEquals(judge({ detect: "ssh" }, late), "mismatch");
  assertEquals(judge({ "detect!": "ssh" }, late), "match");
  assertEquals(judge({ payload: "SSH-2" }, late), "mismatch");
  assertEquals(judge({ "payload-hex!": "53 53 48" }, late), "match");
});

test("a protocol that is unknown, or whose server speaks first, is an error that says what to do", () => {
  const unknown = assertThrows(() => judge({ detect: "htpp" }), SyntaxError);
  assert(
    unknown.message.startsWith('detect: "htpp" is not a protocol that can be detected; known are adb, '),
    unknown.message,
  );
  const silent = assertThrows(() => judge({ detect: "smtp" }), SyntaxError);
  assert(silent.message.includes("its server speaks first: order that backend last"), silent.message);
});

test("sni, alpn and http matchers read what the client asks for", () => {
  const request = "GET /api/v1?x=1 HTTP/1.1\r\nHost: API.example.com:8080\r\n\r\n";
  const cases: [Record<string, string>, Verdict][] = [
    [{ "http.method": "GET|HEAD" }, "match"],
    [{ "http.method": "get" }, "mismatch"],
    [{ "http.path": "/api/.*" }, "match"],
    [{ "http.path": "/api/v1" }, "match"],
    [{ "http.path": "/api/v1\\?x=1" }, "match"],
    [{ "http.path": "/" }, "mismatch"],
    [{ "http.host": "api.example.com" }, "match"],
    [{ "http.host": "*.example.com" }, "match"],
    [{ "http.host": "api.example.com:8080" }, "match"],
    [{ "http.host": "example.com" }, "mismatch"],
    [{ "http.host!": "example.com" }, "match"],
    [{ sni: ".*" }, "mismatch"],
    [{ alpn: ".*" }, "mismatch"],
  ];
  for (const [parameters, expected] of cases) {
    assertEquals(judge(parameters, { bytes: request }), expected, JSON.stringify(parameters));
  }
});

test("later matchers are not asked once one does not hold", () => {
  const inspection = inspectionOf({ bytes: "GET / HTTP/1.1\r\n" });
  allMatch(compileMatchers({ "remote-port": "1", detect: "http" }), inspection);
  assertEquals(inspection.facts, {});
});

test("an undecided matcher does not hide one that fails", () => {
  assertEquals(judge({ detect: "http", "remote-port": "1" }), "mismatch");
  assertEquals(judge({ detect: "http", "remote-port": "50000" }), "incomplete");
});
