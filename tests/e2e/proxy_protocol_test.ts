import { assertEquals, assertStringIncludes } from "@std/assert";
import { exchange } from "../support/conversation.ts";
import { requireProgram } from "../support/find_program.ts";
import { freePort } from "../support/ports.ts";
import { startPmmux } from "./pmmux.ts";
import { makeCertificate } from "./services/certificate.ts";
import { startHaproxy } from "./services/haproxy.ts";
import { answering, curl, startNginx } from "./services/nginx.ts";
import { TempDirectory } from "./services/temp_directory.ts";
import { lookUpText, startUnbound } from "./services/unbound.ts";

/** Where clients call from, so that they are told from the proxies, which call from 127.0.0.1. */
const CLIENT = "127.0.0.5";
const FROM_CLIENT = ["--interface", CLIENT];

/** An nginx that wants the header and says whom it names. */
function startNginxBehindProxy(): ReturnType<typeof startNginx> {
  const port = freePort();
  return startNginx({
    port,
    http: answering(`${port} proxy_protocol`, "$proxy_protocol_addr $proxy_protocol_server_port"),
  });
}

/** An HAProxy that sends every connection to a port, with the header. */
function startHaproxyInFront(target: number, version: "v1" | "v2"): ReturnType<typeof startHaproxy> {
  const port = freePort();
  const send = version === "v1" ? "send-proxy" : "send-proxy-v2";
  const sections =
    `listen front\n  mode tcp\n  bind 127.0.0.1:${port}\n  server pmmux 127.0.0.1:${target} ${send}\n`;
  return startHaproxy({ port, sections });
}

for (const inbound of ["v1", "v2"] as const) {
  for (const outbound of ["v1", "v2"] as const) {
    Deno.test({
      name: `the client's address travels from haproxy by ${inbound} through pmmux by ${outbound} to nginx`,
      ...requireProgram("haproxy", "nginx", "curl"),
      async fn() {
        await using nginx = await startNginxBehindProxy();
        await using pmmux = await startPmmux([
          ...[
            "-b",
            `web:pass:target.ip=127.0.0.1,target.port=${nginx.port},remote-ip=${CLIENT},proxy-protocol=${outbound}`,
          ],
          ...["-p", "!:?:tcp:bind-address=127.0.0.1,proxy-protocol=require,proxy-protocol-from=127.0.0.1"],
        ]);
        await using haproxy = await startHaproxyInFront(pmmux.port, inbound);
        const body = await pmmux.explain(() =>
          curl(haproxy.port, { url: "http://web.test/", options: FROM_CLIENT })
        );
        assertEquals(body, `${CLIENT} ${haproxy.port}`);
        const [line] = await pmmux.waitForLog({ message: "connection closed", backend: "web" });
        assertStringIncludes(String(line!.client), `${CLIENT}:`);
        assertEquals(line!["proxy-protocol"], inbound);
      },
    });
  }
}

Deno.test({
  name: "with proxy-protocol=accept a trusted proxy may send the header and may leave it out",
  ...requireProgram("haproxy", "nginx", "curl"),
  async fn() {
    await using nginx = await startNginxBehindProxy();
    await using pmmux = await startPmmux([
      ...["-b", `web:pass:target.ip=127.0.0.1,target.port=${nginx.port},proxy-protocol=v1`],
      ...["-p", "!:?:tcp:bind-address=127.0.0.1,proxy-protocol=accept,proxy-protocol-from=127.0.0.0/8"],
    ]);
    await using haproxy = await startHaproxyInFront(pmmux.port, "v2");
    const url = "http://web.test/";
    assertEquals(
      await curl(haproxy.port, { url, options: FROM_CLIENT }),
      `${CLIENT} ${haproxy.port}`,
      "with the header",
    );
    assertEquals(
      await curl(pmmux.port, { url, options: FROM_CLIENT }),
      `${CLIENT} ${pmmux.port}`,
      "without it",
    );
  },
});

Deno.test({
  name: "haproxy learns client and server name of a TLS connection by version 2",
  ...requireProgram("haproxy", "openssl", "curl"),
  async fn() {
    using directory = new TempDirectory();
    const { certificate, key } = await makeCertificate("shop.test", directory);
    const both = directory.write("both.pem", Deno.readTextFileSync(certificate) + Deno.readTextFileSync(key));
    const port = freePort();
    await using haproxy = await startHaproxy({
      port,
      sections: `
frontend shop
  mode http
  bind 127.0.0.1:${port} accept-proxy ssl crt ${both} alpn h2,http/1.1
  http-request return status 200 content-type text/plain lf-string "%[src] %[fc_pp_authority]"
`,
    });
    await using pmmux = await startPmmux([
      ...["-b", `shop:pass:target.ip=127.0.0.1,target.port=${haproxy.port},sni=shop.test,proxy-protocol=v2`],
      ...["-p", "!:?:tcp:bind-address=127.0.0.1"],
    ]);
    const body = await pmmux.explain(() =>
      curl(pmmux.port, { url: "https://shop.test/", options: FROM_CLIENT })
    );
    assertEquals(body, `${CLIENT} shop.test`);
  },
});

Deno.test({
  name: "unbound answers by the client's address, which version 2 brings over UDP and TCP",
  ...requireProgram("unbound", "dig"),
  async fn() {
    const port = freePort();
    await using unbound = await startUnbound({
      port,
      server: [
        `proxy-protocol-port: ${port}`,
        `access-control: 127.0.0.0/8 allow`,
        `access-control-view: ${CLIENT}/32 client`,
        `local-data: 'who.test. TXT "somebody"'`,
      ],
      clauses:
        `view:\n  name: client\n  local-zone: "test." static\n  local-data: 'who.test. TXT "the client"'\n`,
    });
    await using pmmux = await startPmmux([
      ...["-b", `dns:pass:target.ip=127.0.0.1,target.port=${unbound.port},proxy-protocol=v2`],
      ...["-p", "!:?:tcp:bind-address=127.0.0.1", "-p", "!:?:udp:bind-address=127.0.0.1"],
    ]);
    const [tcp, udp] = pmmux.ports as [number, number];
    const name = "who.test";
    const asClient = ["-b", CLIENT];
    assertEquals(await lookUpText(udp, { name, options: asClient }), "the client");
    assertEquals(await lookUpText(udp, { name }), "somebody");
    assertEquals(await lookUpText(tcp, { name, options: [...asClient, "+tcp"] }), "the client");
    assertEquals(await lookUpText(tcp, { name, options: ["+tcp"] }), "somebody");
  },
});

for (const mode of ["accept", "require"] as const) {
  Deno.test({
    name: `with proxy-protocol=${mode} nobody is believed who is not trusted`,
    ...requireProgram("nginx"),
    async fn() {
      const port = freePort();
      await using nginx = await startNginx({ port, http: answering(`${port}`, "hello") });
      const target = `target.ip=127.0.0.1,target.port=${nginx.port}`;
      await using pmmux = await startPmmux([
        ...["-b", `inside:pass:${target},remote-ip=10.0.0.0/8`, "-b", `web:pass:${target}`],
        ...["-p", `!:?:tcp:bind-address=127.0.0.1,proxy-protocol=${mode},proxy-protocol-from=${CLIENT}`],
      ]);
      const spoofed = "PROXY TCP4 10.1.2.3 10.0.0.1 1000 80\r\nGET / HTTP/1.0\r\n\r\n";
      const answer = new TextDecoder().decode(await exchange(pmmux.port, new TextEncoder().encode(spoofed)));
      const message = mode === "accept" ? "connection closed" : "connection not routed";
      const [line] = await pmmux.waitForLog({ message });
      assertStringIncludes(String(line!.client), "127.0.0.1:");
      assertEquals(pmmux.logged({ backend: "inside" }), []);
      // What is no header for pmmux is data for nginx, to which it means nothing.
      if (mode === "accept") assertStringIncludes(answer, "400 Bad Request");
      else assertEquals([answer, line!.reason], ["", "negotiation_failed"]);
    },
  });
}
