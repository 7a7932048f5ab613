import { assertEquals, assertThrows } from "@std/assert";
import { type LogFile, RotatingLog } from "../../lib/telemetry/rotating_log.ts";

const permissions = { read: true, write: true } as const;

/** A file that holds nothing back. */
function openFile(path: string): LogFile {
  const file = Deno.openSync(path, { append: true, create: true });
  return {
    log: (line) => void file.writeSync(new TextEncoder().encode(`${line}\n`)),
    flush() {},
    destroy: () => file.close(),
  };
}

/** A directory that is removed at the end, and a clock. */
function temporaryLog() {
  const directory = Deno.makeTempDirSync();
  const clock = { now: Date.UTC(2026, 10, 22, 23, 59) };
  const open = (limits: { maxSize?: number; maxRetain?: number } = {}) =>
    new RotatingLog({ directory, open: openFile, now: () => clock.now, ...limits });
  return {
    clock,
    directory,
    open,
    contents: () => {
      const names = [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
      return Object.fromEntries(names.map((name) => [name, Deno.readTextFileSync(`${directory}/${name}`)]));
    },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

Deno.test({
  name: "lines go to the file of the day, and from midnight UTC to the next",
  permissions,
  fn() {
    using temporary = temporaryLog();
    const log = temporary.open();
    log.write("one");
    temporary.clock.now += 60_000;
    log.write("two");
    log.close();
    assertEquals(temporary.contents(), { "pmmux.20261122.log": "one\n", "pmmux.20261123.log": "two\n" });
  },
});

Deno.test({
  name: "a file that would grow over its limit is followed by a numbered one",
  permissions,
  fn() {
    using temporary = temporaryLog();
    const log = temporary.open({ maxSize: 8 });
    for (const line of ["123", "456", "789", "longer than a file", "x"]) log.write(line);
    log.close();
    assertEquals(temporary.contents(), {
      "pmmux.20261122.log": "123\n456\n",
      "pmmux.20261122.1.log": "789\n",
      "pmmux.20261122.2.log": "longer than a file\n",
      "pmmux.20261122.3.log": "x\n",
    });
  },
});

Deno.test({
  name: "the limit counts bytes, not characters",
  permissions,
  fn() {
    using temporary = temporaryLog();
    const log = temporary.open({ maxSize: 8 });
    log.write("日");
    log.write("日本");
    log.close();
    assertEquals(Object.values(temporary.contents()), ["日本\n", "日\n"]);
  },
});

Deno.test({
  name: "the next run goes on where the last left off, the tenth file after the ninth",
  permissions,
  fn() {
    using temporary = temporaryLog();
    for (let run = 0; run < 12; run++) {
      const log = temporary.open({ maxSize: 4 });
      log.write(`r${String(run).padStart(2, "0")}`);
      log.close();
    }
    const log = temporary.open({ maxSize: 100 });
    log.write("end");
    log.close();
    assertEquals(Object.keys(temporary.contents()).length, 12);
    assertEquals(temporary.contents()["pmmux.20261122.11.log"], "r11\nend\n");
  },
});

Deno.test({
  name: "no more files are kept than allowed: the oldest go, and nothing that is no log of ours",
  permissions,
  fn() {
    using temporary = temporaryLog();
    const strangers = ["pmmux.log", "pmmux.20200101.log.gz", "pmmux.2020010.log", "other.20200101.log"];
    for (const name of strangers) Deno.writeTextFileSync(`${temporary.directory}/${name}`, "");
    Deno.writeTextFileSync(`${temporary.directory}/pmmux.20200101.log`, "");
    const log = temporary.open({ maxSize: 1, maxRetain: 3 });
    for (const line of ["a", "b", "c", "d"]) log.write(line);
    temporary.clock.now += 60_000;
    log.write("e");
    log.close();
    assertEquals(Object.keys(temporary.contents()).filter((name) => !strangers.includes(name)), [
      "pmmux.20261122.2.log",
      "pmmux.20261122.3.log",
      "pmmux.20261123.log",
    ]);
    assertEquals(strangers.every((name) => name in temporary.contents()), true);
  },
});

Deno.test({
  name: "the file that is written is never removed, whatever is to be kept",
  permissions,
  fn() {
    using temporary = temporaryLog();
    const log = temporary.open({ maxRetain: 0 });
    log.write("a");
    log.close();
    assertEquals(temporary.contents(), { "pmmux.20261122.log": "a\n" });
  },
});

Deno.test({
  name: "while the next file cannot be opened writing fails, and afterwards it goes on",
  permissions,
  fn() {
    using temporary = temporaryLog();
    let failing = false;
    const log = new RotatingLog({
      directory: temporary.directory,
      now: () => temporary.clock.now,
      open(path) {
        if (failing) throw new Error("too many open files");
        return openFile(path);
      },
    });
    log.write("one");
    temporary.clock.now += 60_000;
    failing = true;
    log.write("lost");
    assertThrows(() => log.flush(), Error, "too many open files");
    failing = false;
    log.write("two");
    log.close();
    assertEquals(Object.values(temporary.contents()), ["one\n", "two\n"]);
  },
});

Deno.test({
  name: "several writers of one directory follow each other, and lose no line",
  permissions,
  fn() {
    using temporary = temporaryLog();
    const logs = [1, 2, 3].map(() => temporary.open({ maxSize: 64, maxRetain: 2 }));
    const written: string[] = [];
    const read = new Set<string>();
    for (let round = 0; round < 50; round++) {
      for (const [index, log] of logs.entries()) {
        log.write(`line ${index} ${round}`);
        written.push(`line ${index} ${round}`);
        if ((round + index) % 3 > 0) continue;
        log.flush();
        const contents = Object.values(temporary.contents());
        assertEquals(contents.filter((text) => text.length > 64), []);
        // Whatever is removed later has been read by now.
        for (const line of contents.join("").trimEnd().split("\n")) read.add(line);
      }
    }
    logs.forEach((log) => log.close());
    Object.values(temporary.contents()).forEach((text) =>
      text.trimEnd().split("\n").forEach((it) => read.add(it))
    );
    assertEquals(Object.keys(temporary.contents()).length, 2);
    assertEquals(written.filter((line) => !read.has(line)), []);
  },
});

Deno.test({
  name: "a file that somebody removes is begun anew",
  permissions,
  fn() {
    using temporary = temporaryLog();
    const log = temporary.open();
    log.write("one");
    log.flush();
    Deno.removeSync(`${temporary.directory}/pmmux.20261122.log`);
    log.write("two");
    log.close();
    assertEquals(temporary.contents(), { "pmmux.20261122.log": "two\n" });
  },
});

Deno.test({
  name: "a closed log takes nothing more, and may be closed again",
  permissions,
  fn() {
    using temporary = temporaryLog();
    const log = temporary.open();
    log.close();
    log.write("late");
    log.flush();
    log.close();
    assertEquals(temporary.contents(), { "pmmux.20261122.log": "" });
  },
});

Deno.test({
  name: "the directory is created, and one that cannot be used is an error at once",
  permissions,
  fn() {
    using temporary = temporaryLog();
    const options = { open: openFile, now: () => 0 };
    new RotatingLog({ ...options, directory: `${temporary.directory}/a/b` }).close();
    assertEquals(Deno.statSync(`${temporary.directory}/a/b/pmmux.19700101.log`).isFile, true);
    const file = `${temporary.directory}/a/b/pmmux.19700101.log`;
    assertThrows(() => new RotatingLog({ ...options, directory: file }));
  },
});
