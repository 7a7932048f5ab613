import { assertEquals } from "@std/assert";
import { deriveInitialSecrets, packetNonce } from "../../lib/protocol/quic_crypto.ts";
import { SAMPLE_CONNECTION_ID } from "../support/quic_initial.ts";

Deno.test({
  name: "the secrets of version 1 are those of RFC 9001 appendix A.1",
  permissions: "none",
  async fn() {
    const { key, iv, hp } = await deriveInitialSecrets(1, SAMPLE_CONNECTION_ID);
    assertEquals(key.toHex(), "1f369613dd76d5467730efcbe3b1a22d");
    assertEquals(iv.toHex(), "fa044b2f42a3fd3b46fb255c");
    assertEquals(hp.toHex(), "9f50449e04a0e810283a1e9933adedd2");
  },
});

Deno.test({
  name: "the secrets of version 2 are those of RFC 9369 appendix A.1",
  permissions: "none",
  async fn() {
    const { key, iv, hp } = await deriveInitialSecrets(2, SAMPLE_CONNECTION_ID);
    assertEquals(key.toHex(), "8b1a0bc121284290a29e0971b5cd045d");
    assertEquals(iv.toHex(), "91f73e2351d8fa91660e909f");
    assertEquals(hp.toHex(), "45b95e15235d6f45a6b19cbcb0294ba9");
  },
});

Deno.test({
  name: "a nonce is the vector with the packet number mixed in at its end",
  permissions: "none",
  fn() {
    const iv = Uint8Array.fromHex("000000000000000000000000");
    assertEquals(packetNonce(iv, 0xfedc_ba98 | 0).toHex(), "0000000000000000fedcba98");
    assertEquals(iv.toHex(), "000000000000000000000000");
  },
});
