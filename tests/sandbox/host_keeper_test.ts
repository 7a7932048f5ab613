import { assert, assertEquals, assertRejects } from "@std/assert";
import { GuestKeeper } from "../../lib/sandbox/host_keeper.ts";
import { eventually } from "../support/eventually.ts";
import { recordingLogger } from "../telemetry/recording_logger.ts";
import { host, type Hosted } from "./scripted_guest.ts";

const PAUSES = { first: 20, longest: 80, stable: 60_000 };

/** A keeper of scripted guests, and all that it did. */
interface Kept {
  readonly keeper: GuestKeeper;
  /** The guests that were started, in order; undefined for a start that failed. */
  readonly lives: (Hosted | undefined)[];
  /** When each was started. */
  readonly times: number[];
  readonly said: string[];
  readonly warnings: () => string[];
}

function keep({ failing = () => false }: { failing?: (start: number) => boolean } = {}): Kept {
  const lives: (Hosted | undefined)[] = [];
  const times: number[] = [];
  const said: string[] = [];
  const logger = recordingLogger();
  const launch = () => {
    times.push(performance.now());
    if (failing(times.length)) {
      lives.push(undefined);
      return Promise.reject(new Error("no room"));
    }
    const hosted = host();
    lives.push(hosted);
    return Promise.resolve(hosted.guest);
  };
  const availability = {
    lost: (reason: string) => void said.push(`lost: ${reason}`),
    regained: () => void said.push("regained"),
  };
  const keeper = new GuestKeeper({ launch, availability, logger, pauses: PAUSES });
  const warnings = () => logger.records.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`);
  return { keeper, lives, times, said, warnings };
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `keeper: ${name}`, permissions: "none", fn });
}

const stop = (kept: Kept) => kept.keeper.stop(() => Promise.resolve());

test("a guest that cannot be started the first time is not tried again", async () => {
  const kept = keep({ failing: () => true });
  await assertRejects(() => kept.keeper.start(), Error, "no room");
  await stop(kept);
  assertEquals([kept.times.length, kept.said], [1, []]);
});

test("a guest that ends is started again, and its backend is lost meanwhile", async () => {
  const kept = keep();
  await kept.keeper.start();
  kept.lives[0]!.wire.exit("it ended with status 1");
  await eventually(() => kept.said.length === 2);
  assertEquals(kept.said, ["lost: its guest ended: it ended with status 1", "regained"]);
  assert(kept.keeper.guest === kept.lives[1]!.guest);
  await stop(kept);
});

test("pauses grow, up to the longest", async () => {
  const kept = keep({ failing: (start) => start > 1 && start < 6 });
  await kept.keeper.start();
  kept.lives[0]!.wire.exit("over");
  await eventually(() => kept.said.includes("regained"));
  const pauses = kept.times.map((time, start) => time - (kept.times[start - 1] ?? time)).slice(1);
  assertEquals(pauses.length, 5);
  for (const [index, least] of [20, 40, 80, 80, 80].entries()) {
    assert(
      pauses[index]! >= least - 1 && pauses[index]! < least + 200,
      `pause ${index}: ${pauses[index]} ms`,
    );
  }
  assertEquals(kept.warnings().filter((line) => line.includes("cannot be started")).length, 4);
  await stop(kept);
});

test("while there is no guest, its loss is what there is to say", async () => {
  const kept = keep({ failing: (start) => start > 1 });
  await kept.keeper.start();
  kept.lives[0]!.wire.exit("over");
  await eventually(() => kept.lives.length > 1);
  assertEquals([kept.keeper.guest, kept.keeper.reason], [undefined, "no room"]);
  await stop(kept);
});

test("a guest that is stopped is asked to go, and ended", async () => {
  const kept = keep();
  await kept.keeper.start();
  let asked = 0;
  await kept.keeper.stop(() => {
    asked++;
    return Promise.reject(new Error("it would not"));
  });
  assertEquals([asked, kept.lives[0]!.wire.killed, kept.said], [1, true, []]);
});

test("stopping ends a pause, and starts nothing more", async () => {
  const kept = keep();
  await kept.keeper.start();
  kept.lives[0]!.wire.exit("over");
  await eventually(() => kept.said.length === 1);
  await stop(kept);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assertEquals(kept.lives.length, 1);
});
