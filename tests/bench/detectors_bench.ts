import type { Detector } from "../../lib/protocol/detector.ts";
import { tcpDetectors, udpDetectors } from "../../lib/protocol/table.ts";
import { type PacketFixture, packets } from "../fixtures/protocol/packets.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";

/** What is typical on a shared port, and one packet whose detector comes last. */
const TCP_PROTOCOLS = ["http1", "tls", "ssh", "xmpp"];
const UDP_PROTOCOLS = ["dns", "wireguard", "stun", "bittorrent"];

for (const protocol of TCP_PROTOCOLS) benchAll({ protocol, transport: "tcp" }, tcpDetectors);
for (const protocol of UDP_PROTOCOLS) benchAll({ protocol, transport: "udp" }, udpDetectors);

/** Judges one packet with every detector of its transport, as a listener with all of them would. */
function benchAll(
  { protocol, transport }: Pick<PacketFixture, "protocol" | "transport">,
  detectors: readonly Detector[],
): void {
  const packet = [...packets, ...securePackets].find((candidate) =>
    candidate.protocol === protocol && candidate.transport === transport
  );
  if (packet === undefined) throw new Error(`There is no packet of ${protocol} over ${transport}`);
  const bytes = Uint8Array.fromHex(packet.hex);

  Deno.bench({
    name: `${detectors.length} detectors over ${packet.name} (${bytes.length} bytes)`,
    group: transport,
    fn(): void {
      let matches = 0;
      for (const detector of detectors) {
        if (detector.detect(bytes) === "match") matches++;
      }
      if (matches !== 1) throw new Error(`${matches} detectors matched`);
    },
  });
}
