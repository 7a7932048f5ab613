import { assertEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/load_config.ts";
import type { Config } from "../../lib/config/types.ts";
import type { GuestCommand } from "../../lib/sandbox/control.ts";
import { EngineGuests } from "../../lib/sandbox/engine_guests.ts";
import type { ProcessRequest } from "../../lib/sandbox/launch_command.ts";
import type { ProcessStarter } from "../../lib/sandbox/launch_process.ts";
import type { OutputListener } from "../../lib/sandbox/launcher.ts";

function configOf(...backends: string[]): Config {
  const { config, errors } = loadConfig({ args: backends.flatMap((spec) => ["-b", spec]) });
  if (config === undefined) throw new AggregateError(errors);
  return config;
}

interface Started {
  readonly request: ProcessRequest;
  readonly onOutput: OutputListener;
  readonly ended: PromiseWithResolvers<string>;
}

/** Guests that only seem to start. */
function guestsOf(...backends: string[]): { guests: EngineGuests; started: Started[]; sent: GuestCommand[] } {
  const started: Started[] = [];
  const sent: GuestCommand[] = [];
  const starter: ProcessStarter = {
    start(request, onOutput) {
      const ended = Promise.withResolvers<string>();
      started.push({ request, onOutput, ended });
      return { ended: ended.promise, kill: () => ended.resolve("killed") };
    },
  };
  const guests = new EngineGuests({
    config: configOf(...backends),
    directory: "/srv",
    sockets: "/run/p",
    starter,
    send: (command) => sent.push(command),
  });
  return { guests, started, sent };
}

/** Lets everything happen that waits for nothing from outside. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test({
  name: "a guest is started as the configuration says",
  permissions: "none",
  async fn(): Promise<void> {
    const { guests, started, sent } = guestsOf('echo:./echo.ts:net="10.0.0.1:80",memory-limit=64MiB');
    guests.receive({ type: "guest-start", id: 7, backend: "echo" });
    await settle();
    const { permissions, ...request } = started[0]!.request;
    assertEquals(request, {
      backend: "echo",
      module: "file:///srv/echo.ts",
      isolation: "process",
      memoryLimit: 64 * 1024 * 1024,
      socket: "/run/p/echo.sock",
    });
    assertEquals([permissions.net, permissions.read, permissions.run], [
      ["10.0.0.1:80"],
      ["/srv/echo.ts"],
      [],
    ]);
    assertEquals(sent, [{ type: "guest-started", id: 7 }]);
  },
});

Deno.test({
  name: "only guests that the configuration names are started",
  permissions: "none",
  async fn(): Promise<void> {
    const { guests, started, sent } = guestsOf("echo:./echo.ts", "w:./w.ts:isolation=worker", "web:noop");
    for (const [id, backend] of ["other", "w", "web", "", "__proto__"].entries()) {
      guests.receive({ type: "guest-start", id, backend });
    }
    await settle();
    assertEquals(started, []);
    assertEquals(sent.map(({ type }) => type), Array(5).fill("guest-refused"));
    guests.config = configOf("other:./other.ts");
    guests.receive({ type: "guest-start", id: 9, backend: "echo" });
    guests.receive({ type: "guest-start", id: 10, backend: "other" });
    await settle();
    assertEquals(started.map(({ request }) => request.backend), ["other"]);
  },
});

Deno.test({
  name: "a backend has no more guests than a replacement takes",
  permissions: "none",
  async fn(): Promise<void> {
    const { guests, started, sent } = guestsOf("echo:./echo.ts");
    for (let id = 0; id < 6; id++) guests.receive({ type: "guest-start", id, backend: "echo" });
    guests.receive({ type: "guest-start", id: 0, backend: "echo" });
    await settle();
    assertEquals(started.length, 4);
    assertEquals(sent.filter(({ type }) => type === "guest-refused").length, 3);
    started[0]!.ended.resolve("crashed");
    await settle();
    guests.receive({ type: "guest-start", id: 6, backend: "echo" });
    await settle();
    assertEquals(started.length, 5);
  },
});

Deno.test({
  name: "a guest is killed when the engine wants it, and all are when the engine has ended",
  permissions: "none",
  async fn(): Promise<void> {
    const { guests, sent } = guestsOf("echo:./echo.ts");
    for (const id of [1, 2, 3]) guests.receive({ type: "guest-start", id, backend: "echo" });
    await settle();
    guests.receive({ type: "guest-kill", id: 2 });
    guests.receive({ type: "guest-kill", id: 99 });
    await settle();
    const ended = () => sent.filter(({ type }) => type === "guest-ended");
    assertEquals(ended(), [{ type: "guest-ended", id: 2, reason: "killed" }]);
    guests.endAll();
    await settle();
    assertEquals(ended().length, 3);
  },
});

Deno.test({
  name: "a guest that writes without end does not fill the memory of anybody",
  permissions: "none",
  async fn(): Promise<void> {
    const { guests, started, sent } = guestsOf("echo:./echo.ts");
    guests.receive({ type: "guest-start", id: 1, backend: "echo" });
    await settle();
    for (let line = 0; line < 10_000; line++) started[0]!.onOutput(`line ${line}`);
    const lines = sent.filter((command) => command.type === "guest-output");
    assertEquals(lines[0], { type: "guest-output", id: 1, line: "line 0" });
    assertEquals(lines.length >= 200 && lines.length < 300, true, `${lines.length} lines`);
  },
});

Deno.test({
  name: "an engine that wants guests without end gets no more",
  permissions: "none",
  async fn(): Promise<void> {
    const { guests, started, sent } = guestsOf("echo:./echo.ts");
    for (let id = 0; id < 600; id++) {
      guests.receive({ type: "guest-start", id, backend: "echo" });
      await Promise.resolve();
      started.at(-1)?.ended.resolve("crashed");
      await settle();
    }
    assertEquals(started.length >= 500 && started.length < 590, true, `${started.length} started`);
    assertEquals(sent.at(-1), { type: "guest-refused", id: 599, message: "too many guests were wanted" });
  },
});
