import { assertEquals, assertThrows } from "@std/assert";
import module from "../../lib/backends/noop.ts";
import { NoopBackend } from "../../lib/backends/noop.ts";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { BackendEntry } from "../../lib/routing/backend_entry.ts";
import { inspectionOf } from "../routing/inspections.ts";

Deno.test({
  name:
    "noop is a fallback that wants what its matchers let through, over TCP and UDP, and closes or drops it",
  permissions: "none",
  async fn() {
    await using backend = new NoopBackend(parseBackendSpec("nobody:noop:remote-ip=10.0.0.0/8"));
    assertEquals([backend.info.priorityTier, backend.connect()], ["fallback", null]);
    const { signal } = new AbortController();
    for (const networkProtocol of ["tcp", "udp"] as const) {
      const entry = new BackendEntry({ backend, networkProtocol });
      assertEquals(entry.wants(inspectionOf({ networkProtocol, remote: "10.1.2.3" }), signal), "match");
      assertEquals(entry.wants(inspectionOf({ networkProtocol }), signal), "mismatch");
    }
  },
});

Deno.test({
  name: "noop takes a tier, and no other parameter",
  permissions: "none",
  fn() {
    assertEquals(new NoopBackend(parseBackendSpec("a:noop:priority=vip")).info.priorityTier, "vip");
    assertThrows(
      () => new NoopBackend(parseBackendSpec("a:noop:priority=x")),
      Error,
      'backend "a": priority',
    );
    assertEquals(module.parameters, []);
  },
});
