import { assertEquals } from "@std/assert";
import { Budget } from "../../lib/sandbox/budget.ts";
import { GuestLogger } from "../../lib/sandbox/guest_context.ts";
import type { SendFrame } from "../../lib/sandbox/wire_stream.ts";

function lines(): { readonly sent: unknown[]; readonly send: SendFrame } {
  const sent: unknown[] = [];
  return { sent, send: (_, { head }) => void sent.push((head as { message: string }).message) };
}

Deno.test({
  name: "guest log: a flood is cut off before it is sent, whichever category it comes from",
  permissions: "none",
  fn() {
    const { sent, send } = lines();
    const logger = new GuestLogger(send, "info", { budget: new Budget({ burst: 3, perSecond: 0 }) });
    const child = logger.child("part");
    for (let i = 0; i < 5; i++) {
      logger.info(`own ${i}`);
      child.info(`part ${i}`);
    }
    assertEquals(sent, ["own 0", "part 0", "own 1"]);
  },
});

Deno.test({
  name: "guest log: what is not logged costs nothing of the allowance",
  permissions: "none",
  fn() {
    const { sent, send } = lines();
    const logger = new GuestLogger(send, "warn", { budget: new Budget({ burst: 1, perSecond: 0 }) });
    for (let i = 0; i < 5; i++) logger.debug("quiet");
    logger.warn("loud");
    assertEquals(sent, ["loud"]);
  },
});
