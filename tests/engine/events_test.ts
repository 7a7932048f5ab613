import { assertEquals } from "@std/assert";
import type { BackendSpec } from "../../lib/config/types.ts";
import { Events } from "../../lib/engine/events.ts";
import { recordingLogger } from "../telemetry/recording_logger.ts";

const SPEC: BackendSpec = { name: "a", protocol: "noop", parameters: {} };

Deno.test({
  name: "events: subscribers are told in the order of subscription, until they unsubscribe",
  permissions: "none",
  fn() {
    const events = new Events(recordingLogger());
    const told: string[] = [];
    const unsubscribe = events.on("backendAdded", ({ name }) => told.push(`first ${name}`));
    events.on("backendAdded", ({ name }) => told.push(`second ${name}`));
    events.on("backendRemoved", () => told.push("removed"));
    events.emit("backendAdded", SPEC);
    unsubscribe();
    events.emit("backendAdded", { ...SPEC, name: "b" });
    events.emit("listenerAdded", { networkProtocol: "tcp", address: "::", port: 1 });
    assertEquals(told, ["first a", "second a", "second b"]);
  },
});

Deno.test({
  name: "events: what a subscriber throws is logged, and the others are told all the same",
  permissions: "none",
  fn() {
    const logger = recordingLogger();
    const events = new Events(logger);
    let told = 0;
    for (const thrown of [new Error("broken"), "text", undefined, null]) {
      events.on("backendAdded", () => {
        throw thrown;
      });
    }
    events.on("backendAdded", () => told++);
    events.emit("backendAdded", SPEC);
    assertEquals(told, 1);
    assertEquals(logger.records.map(({ fields }) => fields.reason), ["broken", "text", "undefined", "null"]);
  },
});

Deno.test({
  name: "events: what a subscriber's promise is rejected with is logged",
  permissions: "none",
  async fn() {
    const logger = recordingLogger();
    const events = new Events(logger);
    const { promise, reject } = Promise.withResolvers<void>();
    events.on("backendAdded", () => promise);
    events.emit("backendAdded", SPEC);
    reject(new Error("later"));
    await promise.catch(() => {});
    assertEquals(logger.records.map(({ fields }) => fields.reason), ["later"]);
  },
});
