import { assert, assertEquals } from "@std/assert";
import { type HealthEvent, type HealthState, nextHealth, UNKNOWN_HEALTH } from "../../lib/routing/health.ts";
import { exchange } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { requireProgram } from "../support/find_program.ts";
import { freePort } from "../support/ports.ts";
import { type RunningPmmux, startPmmux } from "./pmmux.ts";
import { answering, startNginx } from "./services/nginx.ts";
import type { Service } from "./services/service.ts";

const REQUEST = new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n");
const CLIENTS = 4;
const THRESHOLDS = { failureThreshold: 2, recoveryThreshold: 3 } as const;
const CHECK = "pass:one:interval=150,timeout=1000," +
  `failure-threshold=${THRESHOLDS.failureThreshold},recovery-threshold=${THRESHOLDS.recoveryThreshold}`;

function startWeb(name: string, port: number): Promise<Service> {
  return startNginx({ port, http: answering(String(port), name) });
}

function backend(name: string, { port }: { readonly port: number }, parameters: string): string[] {
  return ["-b", `${name}:pass:target.ip=127.0.0.1,target.port=${port},${parameters}`];
}

/** Clients that ask one after another, and can be made to hold on. */
class Clients implements AsyncDisposable {
  /** What went wrong. */
  readonly errors: unknown[] = [];
  /** Who answered last. */
  last = "";
  readonly #port: number;
  readonly #running: Promise<void>;
  #isOver = false;
  #asking = 0;
  #gate: Promise<void> = Promise.resolve();

  /** Begins to ask. */
  constructor(port: number) {
    this.#port = port;
    this.#running = Promise.all(Array.from({ length: CLIENTS }, () => this.#run())).then(() => {});
  }

  /** Does something while no request is under way. */
  async pauseFor(action: () => Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    await eventually(() => this.#asking === 0);
    await action();
    resolve();
  }

  /** Waits until a server answers. */
  async answeredBy(name: string): Promise<void> {
    this.last = "";
    await eventually(() => this.last === name, { what: `an answer of ${name}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#gate;
      this.#asking++;
      try {
        const answer = new TextDecoder().decode(await exchange(this.#port, REQUEST));
        if (!answer.startsWith("HTTP/1.1 200")) throw new Error(`Answered "${answer}"`);
        this.last = answer.slice(answer.lastIndexOf("\n") + 1);
      } catch (error) {
        this.errors.push(error);
      }
      this.#asking--;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Kills a server without a chance to say goodbye. */
async function killAtOnce({ program }: Service): Promise<void> {
  program.kill("SIGKILL");
  await program.status;
}

const ofOne = { backend: "one", "network-protocol": "tcp" } as const;

function changes(pmmux: RunningPmmux): string[] {
  return pmmux.logged({ message: "backend health", ...ofOne }).map(({ from, to }) => `${from} → ${to}`);
}

async function waitForChange(pmmux: RunningPmmux, to: HealthState): Promise<void> {
  await pmmux.waitForLog({ message: "backend health", ...ofOne, to });
}

/** The changes of state that the checks in the log lead to. */
function expectedChanges(pmmux: RunningPmmux): string[] {
  const expected: string[] = [];
  let health = UNKNOWN_HEALTH;
  for (const { healthy } of pmmux.logged({ message: "health check", ...ofOne })) {
    const event: HealthEvent = healthy
      ? { type: "check-succeeded", at: 0 }
      : { type: "check-failed", at: 0, reason: "" };
    const next = nextHealth(health, event, THRESHOLDS);
    if (next.state !== health.state) expected.push(`${health.state} → ${next.state}`);
    health = next;
  }
  return expected;
}

Deno.test({
  name: "clients of an nginx that is killed and started again notice nothing, with active checks",
  ...requireProgram("nginx"),
  async fn() {
    const port = freePort();
    await using two = await startWeb("two", freePort());
    await using stack = new AsyncDisposableStack();
    const first = stack.use(await startWeb("one", port));
    await using pmmux = await startPmmux([
      ...backend("one", { port }, "passive-failures=0"),
      ...backend("two", two, "passive-failures=0"),
      ...["-z", CHECK, "-v", "trace", "-p", "!:?:tcp:bind-address=127.0.0.1"],
    ]);
    await using clients = new Clients(pmmux.port);
    await waitForChange(pmmux, "Healthy");
    await clients.answeredBy("one");
    await clients.pauseFor(() => killAtOnce(first));
    await clients.answeredBy("two");
    await waitForChange(pmmux, "Unhealthy");
    const failures = pmmux.logged({ message: "health check", ...ofOne, healthy: false }).length;
    stack.use(await startWeb("one", port));
    await eventually(() => expectedChanges(pmmux).length === 6, { timeout: 10_000, what: "recovery" });
    await clients.answeredBy("one");
    assertEquals(clients.errors, []);
    assert(failures >= THRESHOLDS.failureThreshold);
    assertEquals(changes(pmmux), [
      "Unknown → Stabilizing",
      "Stabilizing → Healthy",
      "Healthy → Degraded",
      "Degraded → Unhealthy",
      "Unhealthy → Stabilizing",
      "Stabilizing → Healthy",
    ]);
    assertEquals(expectedChanges(pmmux), changes(pmmux));
  },
});

Deno.test({
  name: "clients of an nginx that is killed and started again notice nothing, without checks",
  ...requireProgram("nginx"),
  async fn() {
    const port = freePort();
    await using two = await startWeb("two", freePort());
    await using stack = new AsyncDisposableStack();
    const first = stack.use(await startWeb("one", port));
    await using pmmux = await startPmmux([
      ...backend("one", { port }, "passive-failures=2,passive-cooldown=700"),
      ...backend("two", two, "passive-failures=0"),
      ...["-p", "!:?:tcp:bind-address=127.0.0.1"],
    ]);
    await using clients = new Clients(pmmux.port);
    await clients.answeredBy("one");
    await clients.pauseFor(() => killAtOnce(first));
    await clients.answeredBy("two");
    await waitForChange(pmmux, "Unhealthy");
    // After the cooldown it is tried again, and found dead again.
    await pmmux.waitForLog({ message: "backend health", ...ofOne, to: "Unhealthy" }, 2);
    stack.use(await startWeb("one", port));
    await clients.answeredBy("one");
    assertEquals(clients.errors, []);
    const ejected = nextHealth(UNKNOWN_HEALTH, { type: "ejected", reason: "" });
    const onTrial = nextHealth(ejected, { type: "cooldown-over" });
    const round = [`Unknown → ${ejected.state}`, `${ejected.state} → ${onTrial.state}`];
    assertEquals(changes(pmmux).slice(0, 4), [...round, ...round]);
  },
});

Deno.test({
  name: "an nginx that traffic finds dead before a check does is back when the checks say so",
  ...requireProgram("nginx"),
  async fn() {
    const port = freePort();
    await using two = await startWeb("two", freePort());
    await using stack = new AsyncDisposableStack();
    const first = stack.use(await startWeb("one", port));
    await using pmmux = await startPmmux([
      ...backend("one", { port }, "passive-failures=1,passive-cooldown=600000"),
      ...backend("two", two, "passive-failures=0"),
      ...["-z", CHECK.replace("interval=150", "interval=700"), "-v", "trace"],
      ...["-p", "!:?:tcp:bind-address=127.0.0.1"],
    ]);
    await using clients = new Clients(pmmux.port);
    await waitForChange(pmmux, "Healthy");
    await clients.pauseFor(() => killAtOnce(first));
    await waitForChange(pmmux, "Unhealthy");
    assertEquals(changes(pmmux).at(-1), "Healthy → Unhealthy", "by traffic, not by checks");
    await clients.answeredBy("two");
    stack.use(await startWeb("one", port));
    const hasRecovered = () => changes(pmmux).at(-1) === "Stabilizing → Healthy" && changes(pmmux).length > 3;
    await eventually(hasRecovered, { timeout: 10_000, what: "recovery" });
    await clients.answeredBy("one");
    assertEquals(clients.errors, []);
  },
});
