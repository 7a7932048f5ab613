import { assertEquals } from "@std/assert";
import { teamspeak3Detector } from "../../lib/protocol/teamspeak3.ts";
import { bytesOf } from "../support/verdicts.ts";

Deno.test({
  name: "teamspeak3: the first datagram begins with its literal",
  permissions: "none",
  fn(): void {
    assertEquals(teamspeak3Detector.detect(bytesOf("TS3INIT1\0\x65")), "match");
    assertEquals(teamspeak3Detector.detect(bytesOf("TS3INIT2\0\x65")), "mismatch");
    assertEquals(teamspeak3Detector.detect(bytesOf("TS3INIT")), "mismatch");
  },
});
