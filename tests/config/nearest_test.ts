import { assertEquals } from "@std/assert";
import { nearest, suggest } from "../../lib/config/nearest.ts";

const names = ["verbosity", "gateway", "log-directory", "log-format", "tcp"];

for (
  const [word, name] of [
    ["verbositi", "verbosity"],
    ["VERBOSITY", "verbosity"],
    ["gatway", "gateway"],
    ["tpc", "tcp"],
    ["gate", "gateway"],
    ["log-", "log-directory"],
    ["log-d", "log-directory"],
    ["log-dir", "log-directory"],
    ["something", undefined],
    ["", undefined],
    ["x", undefined],
    ["udp", undefined],
    ["xcp", "tcp"],
  ] as const
) {
  Deno.test({
    name: `"${word}" most likely means ${name}`,
    permissions: "none",
    fn: () => assertEquals(nearest(word, names), name),
  });
}

Deno.test({
  name: "without a near name all names are told",
  permissions: "none",
  fn: () => {
    assertEquals(suggest("tpc", ["tcp", "udp"]), 'did you mean "tcp"?');
    assertEquals(suggest("sctp-over", ["tcp", "udp"]), "known are tcp, udp");
    assertEquals(nearest("x", []), undefined);
  },
});
