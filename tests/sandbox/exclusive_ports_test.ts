import { assertEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/load_config.ts";
import { exclusiveBindings } from "../../lib/sandbox/exclusive_ports.ts";

function exclusivePorts(next: string[], running?: string[]): unknown[] {
  const [config, beside] = [next, running].map((bindings) =>
    bindings && loadConfig({ args: bindings.flatMap((binding) => ["-p", binding]) }).config
  );
  return exclusiveBindings(config!, beside).map(({ localPort }) => localPort);
}

Deno.test({
  name: "a port is to be nobody's but that of engines which share it already, whatever their address",
  permissions: "none",
  fn() {
    assertEquals(exclusivePorts(["!:80", "!:81:udp", "80:82:tcp:listen=false"]), [80]);
    assertEquals(exclusivePorts(["!:80:tcp:bind-address=127.0.0.1", "!:81:tcp"], ["!:80"]), [81]);
    assertEquals(exclusivePorts(["!:80:tcp"], ["!:80:udp"]), [80]);
  },
});
