import { assertEquals } from "@std/assert";
import { bittorrentUdpDetector } from "../../lib/protocol/bittorrent_udp.ts";
import { bytesOf, join } from "../support/verdicts.ts";

const verdict = (hex: string) => bittorrentUdpDetector.detect(Uint8Array.fromHex(hex.replaceAll(" ", "")));
const dht = (text: string) => bittorrentUdpDetector.detect(bytesOf(text));

const SYN = "41 00 1f49 5c0a93d1 00000000 00100000 0001 0000";
const STATE = "21 00 1f49 5c0a93d1 000148e2 00100000 b45a e04c";

Deno.test({
  name: "bittorrent: a uTP SYN is a bare header that has heard nobody yet",
  permissions: "none",
  fn(): void {
    assertEquals(verdict(SYN), "match");
    assertEquals(verdict(SYN.slice(0, -2)), "mismatch");
    assertEquals(verdict(`${SYN} 00`), "mismatch");
    assertEquals(verdict(SYN.replace("00000000", "00000001")), "mismatch");
    assertEquals(verdict(SYN.replace("41", "42")), "mismatch");
    assertEquals(verdict(SYN.replace("41", "51")), "mismatch");
  },
});

Deno.test({
  name: "bittorrent: of uTP, data alone has a payload",
  permissions: "none",
  fn(): void {
    assertEquals(verdict(STATE), "match");
    assertEquals(verdict(`${STATE} ff`), "mismatch");
    assertEquals(verdict(STATE.replace("21", "01")), "mismatch");
    assertEquals(verdict(`${STATE.replace("21", "01")} ff`), "match");
  },
});

Deno.test({
  name: "bittorrent: the chain of uTP extensions ends within the datagram",
  permissions: "none",
  fn(): void {
    const selective = STATE.replace("21 00", "21 01");
    assertEquals(verdict(`${selective} 00 04 0f000000`), "match");
    assertEquals(verdict(`${selective} 02 04 0f000000 00 08 0000000000000000`), "match");
    assertEquals(verdict(`${selective} 00 08 0f000000`), "mismatch");
    assertEquals(verdict(`${selective} 00`), "mismatch");
    assertEquals(verdict(STATE.replace("21 00", "21 04") + "00 04 0f000000"), "mismatch");
  },
});

Deno.test({
  name: "bittorrent: neither WireGuard nor DNS passes for uTP data",
  permissions: "none",
  fn(): void {
    assertEquals(verdict(`01 000000 ${"a5".repeat(144)}`), "mismatch");
    assertEquals(
      verdict("0100 0100 0001 0000 0000 0001 03777777 0161 00 0001 0001 00 0029 1000 0000 0000 0000"),
      "mismatch",
    );
    assertEquals(verdict(`01 01 0008 2112a442 ${"a5".repeat(20)}`), "mismatch");
  },
});

Deno.test({
  name: "bittorrent: a tracker connect is its id and action 0",
  permissions: "none",
  fn(): void {
    assertEquals(verdict("0000041727101980 00000000 1a2b3c4d"), "match");
    assertEquals(verdict("0000041727101980 00000001 1a2b3c4d"), "mismatch");
    assertEquals(verdict("0000041727101980 00000000"), "mismatch");
  },
});

Deno.test({
  name: "bittorrent: a DHT message is one dictionary with t and y",
  permissions: "none",
  fn(): void {
    assertEquals(dht("d1:q4:ping1:t2:aa1:y1:qe"), "match");
    assertEquals(dht("d1:y1:r1:t0:e"), "match");
    assertEquals(dht("d1:q4:ping1:y1:qe"), "mismatch");
    assertEquals(dht("d1:q4:ping1:t2:aae"), "mismatch");
    assertEquals(dht("d1:t2:aa1:y1:xe"), "mismatch");
    assertEquals(dht("d1:t2:aa1:y2:qqe"), "mismatch");
    assertEquals(dht("d1:ti5e1:y1:qe"), "mismatch");
    assertEquals(dht("d1:t2:aa1:y1:qee"), "mismatch");
    assertEquals(dht("d1:t2:aa1:y1:q"), "mismatch");
  },
});

Deno.test({
  name: "bittorrent: keys within strings and inner dictionaries do not count",
  permissions: "none",
  fn(): void {
    assertEquals(dht("d1:a13:1:t2:aa1:y1:qe"), "mismatch");
    assertEquals(dht("d1:ad1:t2:aa1:y1:qee"), "mismatch");
  },
});

Deno.test({
  name: "bittorrent: the framing is a fact",
  permissions: "none",
  fn(): void {
    const framing = (bytes: Uint8Array) => bittorrentUdpDetector.facts?.(bytes)["bittorrent.framing"];
    assertEquals(framing(bytesOf("d1:t2:aa1:y1:qe")), "dht");
    assertEquals(framing(Uint8Array.fromHex(SYN.replaceAll(" ", ""))), "utp");
    assertEquals(framing(join(Uint8Array.fromHex("000004172710198000000000"), new Uint8Array(4))), "tracker");
  },
});
