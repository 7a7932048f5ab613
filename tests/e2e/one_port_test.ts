import { assert, assertEquals } from "@std/assert";
import { requireProgram } from "../support/find_program.ts";
import { freePort } from "../support/ports.ts";
import { startSinkServer } from "../support/servers.ts";
import { type RunningPmmux, startPmmux } from "./pmmux.ts";
import {
  connectToTracker,
  greetPeer,
  pingNode,
  startBittorrentPeer,
  trackerConnectionId,
} from "./services/bittorrent_peer.ts";
import { makeCertificate } from "./services/certificate.ts";
import { answering, curl, startNginx } from "./services/nginx.ts";
import { firstOpcode, HARD_RESET, startOpenvpn } from "./services/openvpn.ts";
import { isEncrypted, startPostgres } from "./services/postgres.ts";
import { pingRedis, startRedis } from "./services/redis.ts";
import type { Service } from "./services/service.ts";
import { ssh, startSshd } from "./services/sshd.ts";
import type { TempDirectory } from "./services/temp_directory.ts";
import { startUdpServer } from "./services/udp_server.ts";
import { lookUpText, startUnbound } from "./services/unbound.ts";

const PROGRAMS = [
  "nginx",
  "curl",
  "sshd",
  "ssh",
  "ssh-keygen",
  "openssl",
  "openvpn",
  "postgres",
  "initdb",
  "psql",
]
  .concat("redis-server", "redis-cli", "unbound", "dig");

/** Ports of nginx. */
const webPorts = {
  oneHttp2: freePort(),
  one: freePort(),
  two: freePort(),
  api: freePort(),
  web: freePort(),
  clearHttp2: freePort(),
} as const;

/** nginx with six servers, each of which says its name and the protocol it was asked in. */
function startWeb(): Promise<Service> {
  const { oneHttp2, one, two, api, web, clearHttp2 } = webPorts;
  const http = async (directory: TempDirectory) => {
    const tls = async (name: string) => {
      const { certificate, key } = await makeCertificate(name, directory);
      return `ssl_certificate ${certificate}; ssl_certificate_key ${key};`;
    };
    const [tlsOne, tlsTwo] = [await tls("one.test"), await tls("two.test")];
    return [
      answering(`${oneHttp2} ssl http2`, "one $server_protocol", tlsOne),
      answering(`${one} ssl`, "one $server_protocol", tlsOne),
      answering(`${two} ssl`, "two $server_protocol", tlsTwo),
      answering(`${api}`, "api $server_protocol"),
      answering(`${web}`, "web $server_protocol"),
      answering(`${clearHttp2} http2`, "h2c $server_protocol"),
    ].join("\n");
  };
  return startNginx({ port: web, http });
}

/** A port number that both transports have free. */
function sharedPort(): number {
  for (;;) {
    const port = freePort();
    try {
      Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

function backend(name: string, port: number, conditions: string): string[] {
  return ["-b", `${name}:pass:target.ip=127.0.0.1,target.port=${port},${conditions}`];
}

/** Waits for all values of an object. */
async function all<T>(promises: Readonly<Record<string, Promise<T>>>): Promise<Record<string, T>> {
  const values = await Promise.all(Object.values(promises));
  return Object.fromEntries(Object.keys(promises).map((name, index) => [name, values[index]!]));
}

/** How many connections and sessions each backend got, by the log. */
function routes(pmmux: RunningPmmux): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { backend } of pmmux.logged({ message: "routed" })) {
    counts[String(backend)] = (counts[String(backend)] ?? 0) + 1;
  }
  return counts;
}

Deno.test({
  name:
    "one port serves ssh, HTTP, HTTP/2, HTTPS by name, PostgreSQL, Redis, DNS, BitTorrent and OpenVPN at once",
  ...requireProgram(...PROGRAMS),
  async fn() {
    await using _web = await startWeb();
    await using sshd = await startSshd(freePort());
    await using postgres = await startPostgres(freePort());
    await using redis = await startRedis(freePort());
    await using unbound = await startUnbound({
      port: freePort(),
      server: [`local-data: 'who.test. TXT "unbound"'`],
    });
    await using torrent = startBittorrentPeer();
    await using tcpTunnel = startSinkServer();
    await using udpTunnel = startUdpServer(() => undefined);
    const port = sharedPort();
    await using pmmux = await startPmmux([
      ...backend("ssh", sshd.port, "detect=ssh"),
      ...backend("one-h2", webPorts.oneHttp2, "sni=one.test,alpn=h2"),
      ...backend("one", webPorts.one, "sni=one.test"),
      ...backend("two", webPorts.two, "sni=*.two.test;two.test"),
      ...backend("h2c", webPorts.clearHttp2, "detect=http2"),
      ...backend("api", webPorts.api, "http.host=api.test"),
      ...backend("web", webPorts.web, "detect=http"),
      ...backend("db-by-name", postgres.port, "postgres.sni=db.test"),
      ...backend("db", postgres.port, "detect=postgres"),
      ...backend("redis", redis.port, "detect=redis"),
      ...backend("torrent", torrent.port, "detect=bittorrent"),
      ...backend("vpn-udp", udpTunnel.port, "detect=openvpn,property[socket.type]=dgram"),
      ...backend("vpn-tcp", tcpTunnel.port, "detect=openvpn"),
      ...backend("dns", unbound.port, "detect=dns"),
      ...["-b", "nobody:noop:", "-v", "debug", "-p", `!:${port}:bind-address=127.0.0.1`],
    ]);
    await using _tcpVpn = await startOpenvpn({ transport: "tcp", port, directory: sshd.directory });
    await using _udpVpn = await startOpenvpn({ transport: "udp", port, directory: sshd.directory });
    const answers = await pmmux.explain(() =>
      all<unknown>({
        ssh: ssh(port, { server: sshd, command: "echo logged in" }),
        http: curl(port, { url: "http://web.test/" }),
        httpByName: curl(port, { url: "http://api.test/" }),
        http2: curl(port, { url: "http://web.test/", options: ["--http2-prior-knowledge"] }),
        httpsWithHttp2: curl(port, { url: "https://one.test/" }),
        https: curl(port, { url: "https://one.test/", options: ["--http1.1"] }),
        httpsOfOtherName: curl(port, { url: "https://two.test/" }),
        postgresWithTls: isEncrypted(port, { sslmode: "require" }),
        postgresByName: isEncrypted(port, { sslmode: "require", host: "db.test" }),
        postgresWithoutTls: isEncrypted(port, { sslmode: "disable" }),
        redis: pingRedis(port),
        dnsOverUdp: lookUpText(port, { name: "who.test" }),
        dnsOverTcp: lookUpText(port, { name: "who.test", options: ["+tcp"] }),
        bittorrentPeer: greetPeer(port),
        bittorrentTracker: connectToTracker(port),
        bittorrentNode: pingNode(port),
        openvpnOverTcp: firstOpcode(tcpTunnel.received, "tcp"),
        openvpnOverUdp: firstOpcode(udpTunnel.received, "udp"),
      })
    );
    assertEquals(answers, {
      ssh: "logged in\n",
      http: "web HTTP/1.1",
      httpByName: "api HTTP/1.1",
      http2: "h2c HTTP/2.0",
      httpsWithHttp2: "one HTTP/2.0",
      https: "one HTTP/1.1",
      httpsOfOtherName: "two HTTP/1.1",
      postgresWithTls: true,
      postgresByName: true,
      postgresWithoutTls: false,
      redis: "PONG",
      dnsOverUdp: "unbound",
      dnsOverTcp: "unbound",
      bittorrentPeer: "-PM0001-peerpeerpeer",
      bittorrentTracker: trackerConnectionId,
      bittorrentNode: "d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re",
      openvpnOverTcp: HARD_RESET,
      openvpnOverUdp: HARD_RESET,
    });
    const { "vpn-tcp": overTcp = 0, ...others } = routes(pmmux);
    assert(overTcp >= 1);
    assertEquals(others, {
      "ssh": 1,
      "one-h2": 1,
      "one": 1,
      "two": 1,
      "h2c": 1,
      "api": 1,
      "web": 1,
      "db-by-name": 1,
      "db": 2,
      "redis": 1,
      "torrent": 3,
      "vpn-udp": 1,
      "dns": 2,
    });
  },
});
