import { assertEquals, assertRejects } from "@std/assert";
import type { EngineReport } from "../../lib/sandbox/control.ts";
import { ControlStarter } from "../../lib/sandbox/control_starter.ts";

Deno.test({
  name: "a guest is asked for, heard, killed and seen to end",
  permissions: "none",
  async fn(): Promise<void> {
    const reports: EngineReport[] = [];
    const lines: string[] = [];
    const starter = new ControlStarter((report) => reports.push(report));
    const starting = starter.start({ backend: "echo" }, (line) => lines.push(line));
    starter.receive({ type: "guest-started", id: 1 });
    const guest = await starting;
    starter.receive({ type: "guest-output", id: 1, line: "hello" });
    guest.kill();
    starter.receive({ type: "guest-ended", id: 1, reason: "killed" });
    starter.receive({ type: "guest-output", id: 1, line: "from the grave" });
    assertEquals(await guest.ended, "killed");
    assertEquals(lines, ["hello"]);
    assertEquals(reports, [
      { type: "guest-start", id: 1, backend: "echo" },
      { type: "guest-kill", id: 1 },
    ]);
  },
});

Deno.test({
  name: "a guest that is refused is told why, and guests are told apart",
  permissions: "none",
  async fn(): Promise<void> {
    const starter = new ControlStarter(() => {});
    const first = starter.start({ backend: "a" }, () => {});
    const second = starter.start({ backend: "b" }, () => {});
    starter.receive({ type: "guest-refused", id: 1, message: "no" });
    starter.receive({ type: "guest-started", id: 2 });
    starter.receive({ type: "guest-ended", id: 3, reason: "nobody" });
    await assertRejects(() => first, Error, "no");
    const { ended } = await second;
    starter.receive({ type: "guest-ended", id: 2, reason: "done" });
    assertEquals(await ended, "done");
  },
});
