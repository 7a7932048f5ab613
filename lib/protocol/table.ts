/**
 * Every detector there is, and the name that `detect=` calls it by.
 *
 * @module
 */

import { adbDetector } from "./adb.ts";
import { amqpDetector } from "./amqp.ts";
import { bittorrentTcpDetector } from "./bittorrent.ts";
import { bittorrentUdpDetector } from "./bittorrent_udp.ts";
import type { Detector } from "./detector.ts";
import { dnsTcpDetector, dnsUdpDetector } from "./dns.ts";
import { dtlsDetector } from "./dtls.ts";
import { http1Detector } from "./http1.ts";
import { http2Detector } from "./http2.ts";
import { kafkaDetector } from "./kafka.ts";
import { memcachedDetector } from "./memcached.ts";
import { mongodbDetector } from "./mongodb.ts";
import { mqttDetector } from "./mqtt.ts";
import { ntpDetector } from "./ntp.ts";
import { openvpnTcpDetector, openvpnUdpDetector } from "./openvpn.ts";
import { postgresDetector } from "./postgres.ts";
import { quicDetector } from "./quic.ts";
import { rdpDetector } from "./rdp.ts";
import { redisDetector } from "./redis.ts";
import { rtspDetector } from "./rtsp.ts";
import { sipTcpDetector, sipUdpDetector } from "./sip.ts";
import { socks4Detector } from "./socks4.ts";
import { socks5Detector } from "./socks5.ts";
import { sshDetector } from "./ssh.ts";
import { stunTcpDetector, stunUdpDetector } from "./stun.ts";
import { syslogTcpDetector, syslogUdpDetector } from "./syslog.ts";
import { teamspeak3Detector } from "./teamspeak3.ts";
import { tincDetector } from "./tinc.ts";
import { tlsDetector } from "./tls.ts";
import { winboxDetector } from "./winbox.ts";
import { wireguardDetector } from "./wireguard.ts";
import { xmppDetector } from "./xmpp.ts";

/** The detectors of byte streams. */
export const tcpDetectors: readonly Detector[] = [
  adbDetector,
  amqpDetector,
  bittorrentTcpDetector,
  dnsTcpDetector,
  http1Detector,
  http2Detector,
  kafkaDetector,
  memcachedDetector,
  mongodbDetector,
  mqttDetector,
  openvpnTcpDetector,
  postgresDetector,
  rdpDetector,
  redisDetector,
  rtspDetector,
  sipTcpDetector,
  socks4Detector,
  socks5Detector,
  sshDetector,
  stunTcpDetector,
  syslogTcpDetector,
  tincDetector,
  tlsDetector,
  winboxDetector,
  xmppDetector,
];

/** The detectors of datagrams. */
export const udpDetectors: readonly Detector[] = [
  bittorrentUdpDetector,
  dnsUdpDetector,
  dtlsDetector,
  ntpDetector,
  openvpnUdpDetector,
  quicDetector,
  sipUdpDetector,
  stunUdpDetector,
  syslogUdpDetector,
  teamspeak3Detector,
  wireguardDetector,
];

/**
 * The detectors by the name that `detect=` calls them by. A name stands for a protocol in all its framings: `dns`
 * is both transports, `http` is HTTP/1 or HTTP/2 without TLS.
 *
 * @example
 * ```ts
 * import { detectorTable } from "./table.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(detectorTable.get("sip")?.map(({ transport }) => transport), ["tcp", "udp"]);
 * ```
 */
export const detectorTable: ReadonlyMap<string, readonly Detector[]> = tabulate();

/** The names in {@linkcode detectorTable}, in alphabetical order. */
export const detectorNames: readonly string[] = [...detectorTable.keys()].toSorted();

function tabulate(): Map<string, readonly Detector[]> {
  const table = new Map<string, readonly Detector[]>([["http", [http1Detector, http2Detector]]]);
  for (const detector of [...tcpDetectors, ...udpDetectors]) {
    table.set(detector.name, [...table.get(detector.name) ?? [], detector]);
  }
  return table;
}
