import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ClientExplanation } from "../../lib/cli/explain_negotiation.ts";
import { explainRoute } from "../../lib/cli/explain_route.ts";
import { routingOf } from "../../lib/cli/explain_routing.ts";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { parseBindingSpec } from "../../lib/config/binding_spec.ts";
import { Multiplexer } from "../../lib/engine/multiplexer.ts";
import { validateBackends } from "../../lib/engine/validate_backends.ts";
import type { LiveConnection } from "../../lib/net/live_connection.ts";
import { silentObserver } from "../../lib/net/observer.ts";
import { encodeProxyV2 } from "../../lib/protocol/proxy_v2.ts";
import { detectorNames } from "../../lib/protocol/table.ts";
import type { RoutingStrategy } from "../../lib/routing/routing_strategy.ts";
import type { TrafficObserver } from "../../lib/routing/traffic.ts";
import { packets } from "../fixtures/protocol/packets.ts";
import { clientHello } from "../support/client_hello.ts";
import { exchange } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { cryptoFrame, sealInitialPacket } from "../support/quic_initial.ts";
import { pmmux } from "./fake_host.ts";

const MIXED = [
  "-b=ssh:pass:detect=ssh,target.ip=127.0.0.1,target.port=22",
  "-b=tls:pass:sni=*.example.com,remote-ip!=10.0.0.0/8,target.ip=127.0.0.1,target.port=443",
  "-b=rest:noop",
  "-p=!:8443",
];

async function explain(...args: readonly string[]): Promise<ClientExplanation> {
  const { status, out, err } = await pmmux(["explain", "--json", ...args], { validateBackends });
  assertEquals([status, err], [0, ""]);
  return JSON.parse(out);
}

Deno.test({
  name: "every matcher is told with its verdict and the bytes that decided it",
  permissions: "none",
  async fn() {
    const { backends, chosen, bytes, facts } = await explain(...MIXED, "--text", "SSH-2.0-x\\r\\n");
    assertEquals(
      backends.map((it) => [it.backend, it.verdict, it.bytes]),
      [["ssh", "match", 8], ["tls", "mismatch", 1], ["rest", "match", 0]],
    );
    assertEquals(backends[1]!.matchers, [
      { matcher: "sni", value: "*.example.com", verdict: "mismatch", bytes: 1, atEnd: false },
      { matcher: "remote-ip!", value: "10.0.0.0/8", verdict: "match", bytes: 0, atEnd: false },
    ]);
    assertEquals([chosen, bytes, facts["ssh.version"]], ["ssh", 8, "SSH-2.0-x"]);
  },
});

Deno.test({
  name: "explain masks the secrets of conditions and of URLs of modules",
  async fn() {
    const url = new URL("../../docs/examples/echo.ts?token=hunter2", import.meta.url).href;
    const { backends } = await explain(`-b=a:"${url}":property[x.token]=hunter2`, "--text", "x");
    assertEquals(backends[0]!.matchers[0]!.value, "***");
    assertEquals(JSON.stringify(backends).includes("hunter2"), false);
  },
});

Deno.test({
  name: "what is decided only because nothing more comes is said to be so",
  permissions: "none",
  async fn() {
    const { chosen, bytes, atEnd, backends } = await explain(...MIXED, "--text", "SSH-");
    assertEquals([chosen, bytes, atEnd], ["rest", 4, true]);
    assertEquals([backends[0]!.verdict, backends[0]!.atEnd], ["mismatch", true]);
    assert(!backends[2]!.atEnd);
  },
});

Deno.test({
  name: "a stream is looked at no further than the preview may grow",
  permissions: "none",
  async fn() {
    const { sizes, chosen } = await explain(
      ...MIXED,
      "--preview-buffer-limit=5",
      "--text",
      "SSH-2.0-x\\r\\n",
    );
    assertEquals([sizes, chosen], [[5], "rest"]);
  },
});

Deno.test({
  name: "client and local address are those given, else loopback and the first binding",
  permissions: "none",
  async fn() {
    const known = await explain(...MIXED, "--hex", "16");
    assertEquals(known.client, {
      remote: { address: "127.0.0.1", port: 50000 },
      local: { address: "127.0.0.1", port: 8443 },
    });
    const given = await explain(...MIXED, "--hex=16", "--client=10.1.2.3", "--local=[2001:db8::1]:9");
    assertEquals(given.client, {
      remote: { address: "10.1.2.3", port: 50000 },
      local: { address: "2001:db8::1", port: 9 },
    });
    assertEquals(given.backends[1]!.matchers[1]!.verdict, "mismatch");
  },
});

Deno.test({
  name: "the pieces of a stream are joined, whatever the way they are given in",
  permissions: { read: true, write: true },
  async fn() {
    const [first, second] = [await Deno.makeTempFile(), await Deno.makeTempFile()];
    await Deno.writeTextFile(first, "SS");
    await Deno.writeTextFile(second, "H-2.0-x\r\n");
    const ways = [["--file", first, "--file", second], ["--hex", "5353", "--hex", "0x48:2d 322e302d780d0a"]];
    for (const way of ways) assertEquals((await explain(...MIXED, ...way)).chosen, "ssh");
    for (const path of [first, second]) await Deno.remove(path);
  },
});

Deno.test({
  name: "a QUIC server name that takes two datagrams is found in them",
  permissions: "none",
  async fn() {
    const hello = clientHello({ sni: "www.example.com", extensions: [[51, new Uint8Array(1400)]] });
    const datagrams = await Promise.all(
      [[0, 1000], [1000, hello.length]].map(([from, to], packetNumber) =>
        sealInitialPacket({
          packetNumber,
          payload: cryptoFrame({ offset: from!, data: hello.subarray(from, to) }),
        })
      ),
    );
    const hex = datagrams.map((datagram) => `--hex=${datagram.toHex()}`);
    const { chosen, bytes, facts, atEnd } = await explain(...MIXED, "--udp", ...hex);
    assertEquals([chosen, bytes, facts.sni, atEnd], ["tls", 2400, "www.example.com", false]);
    const half = await explain(...MIXED, "--udp", hex[0]!);
    assertEquals([half.chosen, half.atEnd], ["rest", true]);
  },
});

for (
  const [strategy, args, chosen, reason] of [
    ["first-available", [], "b", "first-available takes the first backend in order that wants it"],
    ["ip-hash", ["--client=192.0.2.7"], undefined, "b, c (normal) want it, and ip-hash takes the one that"],
    ["round-robin", [], "b", "b, c (normal) want it, and round-robin takes the one whose turn"],
    ["least-requests", ["--text=x"], "a", "no other backend of its tier (vip) or above wants it"],
  ] as const
) {
  Deno.test({
    name: `the reason is that of the strategy: ${strategy}, ${reason}`,
    permissions: "none",
    async fn() {
      const specs = ["a:noop:priority=vip,payload=x", "b:noop:priority=normal", "c:noop:priority=normal"];
      const text = args.some((arg) => arg.startsWith("--text")) ? [] : ["--text=y"];
      const options = [...specs.map((spec) => `-b=${spec}`), "-r", strategy, ...text, ...args];
      const explanation = await explain(...options);
      assertStringIncludes(explanation.reason, reason);
      if (chosen !== undefined) assertEquals(explanation.chosen, chosen);
    },
  });
}

Deno.test({
  name: "where nobody wants the client, that is the answer",
  permissions: "none",
  async fn() {
    const { chosen, reason } = await explain("-b=ssh:noop:detect=ssh", "--text=x");
    assertEquals([chosen, reason], [null, "no backend wants it: the connection is closed"]);
  },
});

Deno.test({
  name: "the text form names client, backends, choice and reason",
  permissions: "none",
  async fn() {
    const { status, out } = await pmmux(["explain", ...MIXED, "--text=SSH-2.0-x\\r\\n"], {
      validateBackends,
    });
    assertEquals(status, 0);
    assertEquals(out.split("\n"), [
      "client     tcp 127.0.0.1:50000 to 127.0.0.1:8443",
      "sends      11 bytes",
      "found      detected=ssh ssh.version=SSH-2.0-x",
      "",
      "ssh → pass               wants it after 8 bytes",
      "  detect=ssh             holds after 8 bytes",
      "tls → pass               does not want it after 1 byte",
      "  sni=*.example.com      fails after 1 byte",
      "  remote-ip!=10.0.0.0/8  holds before any byte",
      "rest → noop (fallback)   wants it before any byte",
      "",
      "goes to    ssh, after 8 bytes",
      "because    first-available takes the first backend in order that wants it",
    ]);
  },
});

const PROXIED = [
  "-b=office:noop:remote-ip=10.0.0.0/8,local-port=443,detect=ssh",
  "-b=named:noop:property[proxy-protocol.authority]=a\\.example",
  "-b=rest:noop",
];
const ACCEPTING = "proxy-protocol=accept,proxy-protocol-from=127.0.0.1";
const HEADER = "PROXY TCP4 10.0.0.1 10.0.0.2 5555 443\\r\\n";

Deno.test({
  name: "a header of the PROXY protocol is taken off, and the client is the one that it names",
  permissions: "none",
  async fn() {
    const asked = [...PROXIED, `-p=!:8443:tcp:${ACCEPTING}`, `--text=${HEADER}SSH-2.0-x\\r\\n`];
    const { client, through, sizes, facts, chosen, bytes } = await explain(...asked);
    assertEquals(client, {
      remote: { address: "10.0.0.1", port: 5555 },
      local: { address: "10.0.0.2", port: 443 },
    });
    assertEquals([through?.client.local.port, through?.bytes, sizes], [8443, 39, [11]]);
    assertEquals([facts["proxy-protocol"], chosen, bytes], ["v1", "office", 8]);
    const { out } = await pmmux(["explain", ...asked]);
    assertStringIncludes(out, "through    127.0.0.1:50000 to 127.0.0.1:8443, with 39 bytes for pmmux\n");
    const stranger = await explain(...asked, "--client=192.0.2.7");
    assertEquals([stranger.chosen, stranger.through, stranger.sizes], ["rest", undefined, [50]]);
  },
});

Deno.test({
  name: "what the PROXY protocol tells beside the client can be matched, over TCP and UDP",
  permissions: "none",
  async fn() {
    const source = { hostname: "192.0.2.1", port: 40000 };
    const destination = { hostname: "192.0.2.2", port: 443 };
    const tlvs = { authority: "a.example" };
    const header = encodeProxyV2({ source, destination, tlvs });
    const overTcp = await explain(...PROXIED, `-p=!:1:tcp:${ACCEPTING}`, `--hex=${header.toHex()}16`);
    assertEquals([overTcp.chosen, overTcp.sizes], ["named", [1]]);
    const datagram = encodeProxyV2({ source, destination, transport: "udp", tlvs }).toHex();
    const udp = [...PROXIED, `-p=!:1:udp:${ACCEPTING}`, "--udp"];
    const overUdp = await explain(...udp, `--hex=${datagram}01`, `--hex=${datagram}0203`, "--hex=04");
    assertEquals([overUdp.chosen, overUdp.sizes], ["named", [1, 2, 1]]);
    assertEquals(overUdp.client.remote.address, "192.0.2.1");
  },
});

for (
  const [what, args, reason] of [
    ["without a header", ["--text=x"], "the PROXY protocol is required, and there is no valid header"],
    [
      "with half a header",
      [`--text=PROXY TCP4`],
      "the PROXY protocol is required, and there is no valid header",
    ],
    [
      "of an untrusted peer",
      [`--text=${HEADER}x`, "--client=192.0.2.7"],
      "the PROXY protocol is required, and the peer is not trusted",
    ],
    [
      "over UDP without a header",
      ["--udp", "--text=x"],
      "the PROXY protocol is required, and there is no valid header",
    ],
  ] as const
) {
  Deno.test({
    name: `a client ${what} goes to nobody where the PROXY protocol is required`,
    permissions: "none",
    async fn() {
      const binding = `-p=!:8443::${ACCEPTING.replace("accept", "require")}`;
      const explained = await explain(...PROXIED, binding, ...args);
      assertEquals([explained.chosen, explained.backends, explained.reason], [null, [], reason]);
    },
  });
}

Deno.test({
  name: "the binding that the client calls decides what is done with its first bytes",
  permissions: "none",
  async fn() {
    const asked = [
      ...PROXIED,
      "-p=!:1:tcp",
      `-p=!:2:tcp:bind-address=10.0.0.9,${ACCEPTING}`,
      `--text=${HEADER}x`,
    ];
    const called = async (...local: string[]) => {
      const { through, listens } = await explain(...asked, ...local);
      return [through !== undefined, listens];
    };
    assertEquals(await called(), [false, true]);
    assertEquals(await called("--local=10.0.0.9:2"), [true, true]);
    assertEquals(await called("--local=10.0.0.8:2"), [false, false]);
    assertEquals(await called("--udp"), [false, false]);
    const { out } = await pmmux(["explain", ...asked, "--local=127.0.0.1:3"]);
    assertStringIncludes(out, "to 127.0.0.1:3\n           no port binding listens there\n");
  },
});

for (
  const [fault, args, message] of [
    ["half a byte", ["--hex=1"], '--hex: "1" is not made of hexadecimal bytes'],
    ["bytes given in two ways", ["--hex=16", "--text=x"], "--text: excludes --hex"],
    ["a file that is not there", ["--file=/nowhere/at/all"], '--file: there is no file "/nowhere/at/all"'],
    ["a client that is no address", ["--hex=16", "--client=example.com:1"], '--client: is "example.com:1"'],
    ["a port out of range", ["--hex=16", "--local=127.0.0.1:65536"], '--local: is "127.0.0.1:65536"'],
    ["a configuration that is wrong", ["--hex=16", "-q=0"], "--queue-length"],
    ["a backend that is wrong", ["--hex=16", "-b=x:pass:"], "target.ip is missing"],
  ] as const
) {
  Deno.test({
    name: `status 2 for ${fault}`,
    permissions: { read: ["/nowhere"] },
    async fn() {
      const { status, out, err } = await pmmux(["explain", ...args], { validateBackends });
      assertEquals([status, out], [2, ""]);
      assertStringIncludes(err, message);
    },
  });
}

Deno.test("bytes come from standard input unless something else is given", async () => {
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const args = ["run", "--quiet", "-A", "--cached-only", main, "explain", "--json", ...MIXED];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("SSH-2.0-x\r\n"));
  await writer.close();
  const { success, stdout } = await child.output();
  assert(success);
  assertEquals((JSON.parse(new TextDecoder().decode(stdout)) as ClientExplanation).chosen, "ssh");
});

Deno.test("explain says of every recorded client what live traffic does with it", async (test) => {
  const backends = ["http", ...detectorNames.filter((name) => name !== "http")]
    .map((name) => parseBackendSpec(`${name}:noop:detect=${name}`));
  const arrived: (string | null)[] = [];
  const observer: TrafficObserver = {
    ...silentObserver,
    routed: ({ entry }: LiveConnection) => void arrived.push(entry!.spec.name),
    refused: () => void arrived.push(null),
  };
  const portBindings = [
    ...parseBindingSpec("!:?:tcp:bind-address=127.0.0.1", 0),
    ...parseBindingSpec("!:?:udp:bind-address=127.0.0.1", 1),
  ];
  await using multiplexer = new Multiplexer({ backends, portBindings }, { observer });
  await multiplexer.start();
  using sockets = new DisposableStack();
  const [tcp, udp] = multiplexer.listeners;
  const args = backends.map(({ name }) => `-b=${name}:noop:detect=${name}`);
  for (const { protocol, transport, name, hex } of packets) {
    await test.step(`${protocol} over ${transport}: ${name}`, async () => {
      const bytes = Uint8Array.fromHex(hex.replaceAll(/\s/g, ""));
      arrived.length = 0;
      if (transport === "tcp") await exchange(tcp!.port, bytes);
      else await sendDatagram(bytes, { port: udp!.port, sockets });
      const live = await eventually(() => arrived.length > 0 && arrived);
      const explained = await explain(...args, ...transport === "udp" ? ["--udp"] : [], `--hex=${hex}`);
      assertEquals([explained.chosen], live);
    });
  }
});

/** Sends from a socket that stays open: a port that is used again would be that of a session. */
async function sendDatagram(
  bytes: Uint8Array,
  { port, sockets }: { readonly port: number; readonly sockets: DisposableStack },
): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  sockets.defer(() => socket.close());
  await socket.send(bytes, { transport: "udp", hostname: "127.0.0.1", port });
}
Deno.test("EXT-05 negotiators of extensions are asked before routing", async () => {
  const blocklist = new URL("../../docs/examples/blocklist.ts", import.meta.url).href;
  const args = [`-x=${blocklist}`, "--blocked-client=192.0.2.0/24", "-b=rest:noop", "-p=!:1:tcp", "--text=x"];
  assertEquals((await explain(...args)).chosen, "rest");
  const { chosen, reason } = await explain(...args, "--client=192.0.2.7");
  assertEquals([chosen, reason], [null, "blocklist: 192.0.2.7 is blocked"]);
});
Deno.test({
  name: "EXT-06 a strategy of an extension is asked with nothing counted, however often",
  permissions: "none",
  async fn() {
    let turn = 0;
    const turns: RoutingStrategy = {
      name: "turns",
      ranking: "tier",
      select: (_request, candidates) => candidates[turn++ % candidates.length]!,
      reset: () => turn = 0,
    };
    const config = {
      backends: ["a:noop", "b:noop", "c:noop"].map(parseBackendSpec),
      routingStrategy: "turns",
    };
    await using multiplexer = new Multiplexer(config, { strategies: [turns] });
    await multiplexer.start();
    const client = {
      remote: { address: "192.0.2.7", port: 50000 },
      local: { address: "192.0.2.1", port: 1 },
    };
    for (const length of [0, 1, 2, 100]) {
      const sent = { networkProtocol: "tcp", client, messages: [new Uint8Array(length)] } as const;
      assertEquals((await explainRoute(sent, routingOf(multiplexer, [turns]))).chosen, "a");
    }
  },
});
