import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { findProgram, requireProgram } from "./find_program.ts";
import { runProgram, startProgram } from "./program.ts";

function shell(script: string): { args: string[] } {
  return { args: ["-c", script] };
}

Deno.test("a program that is not installed ignores its tests, and says so once, unless it is required", () => {
  const isRequired = Deno.env.get("PMMUX_E2E_REQUIRE");
  const { warn } = console;
  const told: string[] = [];
  console.warn = (note) => told.push(note);
  try {
    Deno.env.delete("PMMUX_E2E_REQUIRE");
    assertEquals(requireProgram("sh"), { ignore: false });
    assertEquals(requireProgram("sh", "no-such-program"), { ignore: true });
    assertEquals(requireProgram("no-such-program", "sh"), { ignore: true });
    Deno.env.set("PMMUX_E2E_REQUIRE", "1");
    assertEquals(requireProgram("no-such-program"), { ignore: false });
    assertEquals(findProgram("no-such-program"), undefined);
    assertEquals(told, ["tests are ignored without no-such-program"]);
  } finally {
    console.warn = warn;
    if (isRequired === undefined) Deno.env.delete("PMMUX_E2E_REQUIRE");
    else Deno.env.set("PMMUX_E2E_REQUIRE", isRequired);
  }
});

Deno.test("a program is up when its output says so, and is ended by disposal", async () => {
  let status: Promise<Deno.CommandStatus>;
  {
    await using program = await startProgram("sh", {
      ...shell("sleep 0.05; echo listening; exec sleep 60"),
      ready: /listening/,
    });
    assertStringIncludes(program.output, "listening");
    status = program.status;
  }
  assertEquals((await status).signal, "SIGTERM");
});

Deno.test("a program that ends instead of staying up is an error with its output", async () => {
  const starting = startProgram("sh", { ...shell("echo bad configuration >&2; exit 3"), ready: /never/ });
  const error = await assertRejects(() => starting, Error, "ended instead of staying up");
  assertStringIncludes(error.message, "bad configuration");
});

Deno.test("a program that ignores being asked to end is killed", async () => {
  const program = await startProgram("sh", {
    ...shell("trap '' TERM; echo up; while :; do sleep 0.05; done"),
    ready: /up/,
    grace: 100,
  });
  await program[Symbol.asyncDispose]();
  assertEquals((await program.status).signal, "SIGKILL");
});

Deno.test("a program that failed during the test fails the test with its output", async () => {
  const program = await startProgram("sh", {
    ...shell("echo up; sleep 0.05; echo assertion >&2; exit 1"),
    ready: /up/,
  });
  await program.status;
  const error = await assertRejects(async () => await program[Symbol.asyncDispose](), Error, "code 1");
  assertStringIncludes(error.message, "assertion");
});

Deno.test("explain shows the output of the program beside the error", async () => {
  await using program = await startProgram("sh", { ...shell("echo clue; exec sleep 60"), ready: /clue/ });
  const failing = () => program.explain(() => Promise.reject(new Error("wrong answer")));
  const error = await assertRejects(failing, Error, "wrong answer");
  assertStringIncludes(error.message, "clue");
  assert(error.cause instanceof Error);
});

Deno.test("a client program is fed its input and its failure shows what it wrote", async () => {
  assertEquals(await runProgram("cat", { input: "fed" }), "fed");
  const error = await assertRejects(() => runProgram("sh", shell("echo why >&2; exit 2")), Error, "code 2");
  assertStringIncludes(error.message, "why");
  await assertRejects(() => runProgram("sleep", { args: ["60"], timeout: 50 }), Error, "within 50 ms");
  await assertRejects(() => runProgram("no-such-program"), Error, "not installed");
});
