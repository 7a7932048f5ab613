import { assertEquals } from "@std/assert";
import { bittorrentTcpDetector } from "../../lib/protocol/bittorrent.ts";
import { bytesOf, decide, join } from "../support/verdicts.ts";

Deno.test({
  name: "bittorrent: a handshake matches before its hash, and whatever its reserved bytes",
  permissions: "none",
  fn(): void {
    const judge = (bytes: Uint8Array) => bittorrentTcpDetector.detect(bytes);
    assertEquals(decide(judge, bytesOf("\x13BitTorrent protocol")), { verdict: "match", after: 20 });
    assertEquals(decide(judge, bytesOf("\x13BitTorrent Protocol")), { verdict: "mismatch", after: 13 });
    assertEquals(decide(judge, bytesOf("\x12BitTorrent protoco")), { verdict: "mismatch", after: 1 });
  },
});

Deno.test({
  name: "bittorrent: hash and peer id are facts as they arrive",
  permissions: "none",
  fn(): void {
    const handshake = join(
      bytesOf("\x13BitTorrent protocol"),
      new Uint8Array(8),
      new Uint8Array(20).fill(0xab),
      new Uint8Array(20).fill(0x0c),
    );
    const infoHash = { "bittorrent.info-hash": "ab".repeat(20) };
    assertEquals(bittorrentTcpDetector.facts?.(handshake), {
      ...infoHash,
      "bittorrent.peer-id": "0c".repeat(20),
    });
    assertEquals(bittorrentTcpDetector.facts?.(handshake.subarray(0, 48)), infoHash);
    assertEquals(bittorrentTcpDetector.facts?.(handshake.subarray(0, 47)), {});
  },
});
