import { assertEquals } from "@std/assert";
import { configChanges } from "../../lib/cli/config_changes.ts";
import { load } from "../config/load.ts";

const BEFORE = ["-b=a:noop", "-b=b:noop", "-p=!:80:tcp", "-z=:a:interval=1", "-z=interval=1"];

for (
  const [what, args, changes] of [
    ["nothing", BEFORE, {}],
    ["order", ["-b=b:noop", "-b=a:noop", ...BEFORE.slice(2)], {}],
    ["a binding before another", [...BEFORE, "-p=!:79:udp", "-p=!:81:udp"].toSorted(), {
      "port-bindings": "+udp://0.0.0.0:79 +udp://0.0.0.0:81",
    }],
    ["backends", ["-b=c:noop", "-b=b:noop:priority=vip", ...BEFORE.slice(2, 3), "-z=interval=1"], {
      backends: "+c -a ~b",
      "health-checks": "-:a",
    }],
    ["port bindings", [
      ...BEFORE.slice(0, 2),
      ...BEFORE.slice(3),
      "-p=81:80:tcp",
      '-p=!:?:udp:bind-address="::1"',
    ], { "port-bindings": "+udp://[::1]:? ~tcp://0.0.0.0:80" }],
    ["health checks", [...BEFORE.slice(0, 3), "-z=noop", "-z=:a:interval=2"], {
      "health-checks": "+noop -all ~:a",
    }],
    ["extensions", [...BEFORE, "-x=./a.ts"], { options: "extensions" }],
    ["options", [...BEFORE, "-q=7", "--watch", "--log-format=json"], {
      options: "queue-length watch",
      "at-next-start": "log-format",
    }],
  ] as const
) {
  Deno.test({
    name: `the changes of a configuration are told: ${what}`,
    permissions: "none",
    fn: () => {
      const [before, after] = [BEFORE, args].map((args) => load({ args }).config);
      assertEquals(configChanges(before!, after!), changes);
    },
  });
}
