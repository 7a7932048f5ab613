import { assert, assertEquals, assertFalse } from "@std/assert";
import type { Detector, Verdict } from "../../lib/protocol/detector.ts";
import { tcpDetectors, udpDetectors } from "../../lib/protocol/table.ts";
import { compileMatchers } from "../../lib/routing/matchers.ts";
import { packets } from "../fixtures/protocol/packets.ts";
import { clientHello, tlsRecords } from "../support/client_hello.ts";
import { cryptoFrame, SAMPLE_CRYPTO_FRAME, sealInitialPacket } from "../support/quic_initial.ts";
import { bytesOf } from "../support/verdicts.ts";
import { inspectionOf } from "./inspections.ts";

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name: `inspection: ${name}`, permissions: "none", fn });
}

/** A detector of a word, which counts how often it runs. */
function wordDetector(word: string): Detector & { runs: number } {
  return {
    name: "word",
    transport: "tcp",
    budget: word.length,
    runs: 0,
    detect(bytes) {
      this.runs++;
      const text = String.fromCharCode(...bytes.subarray(0, word.length));
      return text === word ? "match" : word.startsWith(text) ? "incomplete" : "mismatch";
    },
    facts: (bytes) => ({ "word.length": `${bytes.length}` }),
  };
}

const HELLO = tlsRecords(clientHello({ sni: "a.example", alpn: ["h2", "http/1.1"], versions: [0x0304] }));

/** The verdict of one matcher for every number of bytes, as how many bytes it takes and what it says then. */
function decideLive(
  parameters: Record<string, string>,
  bytes: Uint8Array,
): { verdict: Verdict; after: number } {
  const [matcher] = compileMatchers(parameters);
  const inspection = inspectionOf();
  for (let length = 0; length <= bytes.length; length++) {
    inspection.bytes = bytes.subarray(0, length);
    const verdict = matcher!.evaluate(inspection);
    if (verdict !== "incomplete") return { verdict, after: length };
  }
  return { verdict: "incomplete", after: bytes.length };
}

test("a detector runs once for the same bytes, again for more, and no more once it is certain", () => {
  const word = wordDetector("ssh");
  const inspection = inspectionOf();
  const detectTwice = () => [inspection.detect(word), inspection.detect(word)];
  assertEquals([detectTwice(), word.runs], [["incomplete", "incomplete"], 1]);
  inspection.bytes = bytesOf("ss");
  assertEquals([detectTwice(), word.runs], [["incomplete", "incomplete"], 2]);
  inspection.bytes = bytesOf("ssh");
  assertEquals([detectTwice(), word.runs], [["match", "match"], 3]);
  inspection.bytes = bytesOf("ssh2");
  assertEquals([detectTwice(), word.runs], [["match", "match"], 3]);
});

test("what a detector found becomes properties, beside those of the connection", () => {
  const inspection = inspectionOf({ properties: { tls: "no" }, bytes: "ss" });
  const word = wordDetector("ssh");
  inspection.detect(word);
  assertEquals(inspection.properties, { tls: "no" });
  inspection.bytes = bytesOf("ssh!");
  inspection.detect(word);
  assertEquals(inspection.properties, { tls: "no", detected: "word", "word.length": "4" });
  assertEquals(inspection.facts, { detected: "word", "word.length": "4" });
});

test("the end of the bytes is a change that verdicts may depend on", () => {
  const inspection = inspectionOf({ bytes: "s" });
  const before = inspection.revision;
  inspection.ended = true;
  assert(inspection.revision > before);
});

test("sni and alpn are known with the last byte of the ClientHello, and wrong at the first that is not TLS", () => {
  assertEquals(decideLive({ sni: "*.example" }, HELLO), { verdict: "match", after: HELLO.length });
  assertEquals(decideLive({ alpn: "h2" }, HELLO), { verdict: "match", after: HELLO.length });
  assertEquals(decideLive({ alpn: "h3" }, HELLO), { verdict: "mismatch", after: HELLO.length });
  assertEquals(decideLive({ sni: ".*" }, bytesOf("GET / HTTP/1.1")), { verdict: "mismatch", after: 1 });
});

test("a property that a parser finds out is asked for, and undecided until it is known", () => {
  assertEquals(decideLive({ "property[sni]": "a\\.example" }, HELLO), {
    verdict: "match",
    after: HELLO.length,
  });
  assertEquals(decideLive({ "property[tls.version]": ".*1\\.3" }, HELLO), {
    verdict: "match",
    after: HELLO.length,
  });
  const request = bytesOf("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n");
  assertEquals(decideLive({ "property[http.host]": "b\\.example" }, request).verdict, "match");
  const banner = bytesOf("SSH-2.0-OpenSSH_9.2\r\n");
  assertEquals(decideLive({ "property[detected]": "ssh" }, banner).verdict, "match");
  assertEquals(decideLive({ "property[ssh.version]": "SSH-2\\.0-OpenSSH.*" }, banner), {
    verdict: "match",
    after: banner.length,
  });
  assertEquals(decideLive({ "property[ssh.version]!": ".*" }, request).verdict, "match");
  assertEquals(decideLive({ "property[ssh.version]": "SSH-2\\.0-OpenSSH.*" }, banner.subarray(0, 12)), {
    verdict: "incomplete",
    after: 12,
  });
});

test("a property that has not come when no more bytes come is missing", () => {
  const [matcher, negated] = compileMatchers({
    "property[ssh.version]": ".*",
    "property[ssh.version]!": ".*",
  });
  const inspection = inspectionOf({ bytes: "SSH-2.0-Open", ended: true });
  assertEquals(matcher!.evaluate(inspection), "mismatch");
  assertEquals(negated!.evaluate(inspection), "match");
});

test("a property that a client does not tell is missing as soon as that is certain", () => {
  const after = (property: string, hex: string) =>
    decideLive({ [`property[${property}]`]: "x" }, Uint8Array.fromHex(hex));
  const sslRequest = "0000000804d2162f";
  assertEquals(after("postgres.user", sslRequest), { verdict: "mismatch", after: 8 });
  const withoutCookie = "030000130ee000000000000100080003000000";
  assertEquals(after("rdp.user", withoutCookie), { verdict: "mismatch", after: 19 });
  const withoutUser = "040100500102030400";
  assertEquals(after("socks4.user", withoutUser), { verdict: "mismatch", after: 9 });
  const withoutClientId = "0000000a00120000000000000000";
  assertEquals(after("kafka.client-id", withoutClientId), { verdict: "mismatch", after: 14 });
  const withoutTo = bytesOf("<stream:stream xmlns='jabber:client' id='1'>").toHex();
  assertEquals(after("xmpp.to", withoutTo), { verdict: "mismatch", after: withoutTo.length / 2 });
  const endlessBanner = bytesOf("SSH-2.0-" + "a".repeat(300)).toHex();
  assertEquals(after("ssh.version", endlessBanner), { verdict: "mismatch", after: 255 });
});

for (const { protocol, transport, name, hex } of packets) {
  test(`every fact of ${protocol} over ${transport}, ${name}, can be asked for as a property`, () => {
    const bytes = Uint8Array.fromHex(hex);
    const detectors = [...tcpDetectors, ...udpDetectors];
    const detector = detectors.find((it) => it.name === protocol && it.transport === transport);
    for (const [fact, value] of Object.entries(detector?.facts?.(bytes) ?? {})) {
      const evaluate = (key: string) => {
        const [matcher] = compileMatchers({ [key]: `\\Q${value.replaceAll(";", "\\;")}\\E` });
        return matcher!.evaluate(inspectionOf({ networkProtocol: transport, bytes }));
      };
      assertEquals(
        [evaluate(`property[${fact}]`), evaluate(`property[${fact}]!`)],
        ["match", "mismatch"],
        fact,
      );
    }
  });
}

test("a method and a path decide long before the head is whole", () => {
  const request = bytesOf("POST /upload HTTP/1.1\r\nHost: a\r\n\r\n");
  const { verdict, after } = decideLive({ "http.path": "/upload" }, request);
  assertEquals(verdict, "match");
  assert(after <= bytesOf("POST /upload HTTP/1.1\r\n").length, `${after}`);
});

test("a QUIC hello is awaited only when somebody asks for it, and found over two datagrams", async () => {
  const hello = SAMPLE_CRYPTO_FRAME.subarray(4);
  const datagrams = await Promise.all(
    [hello.subarray(0, 100), hello.subarray(100)].map((data, packetNumber) =>
      sealInitialPacket({ packetNumber, payload: cryptoFrame({ offset: 100 * packetNumber, data }) })
    ),
  );
  const inspection = inspectionOf({ networkProtocol: "udp", bytes: datagrams[0] });
  const [detect, sni] = compileMatchers({ detect: "quic", sni: "example.com" });
  assertEquals(detect!.evaluate(inspection), "match");
  assertFalse(inspection.awaitsQuic);
  const verdicts: Verdict[] = [sni!.evaluate(inspection)];
  assert(inspection.awaitsQuic);
  for (const datagram of datagrams) {
    await inspection.readQuic(datagram);
    verdicts.push(sni!.evaluate(inspection));
  }
  assertEquals(verdicts, ["incomplete", "incomplete", "match"]);
  assertFalse(inspection.awaitsQuic);
  assertEquals([inspection.facts.detected, inspection.facts.sni], ["quic", "example.com"]);
});
