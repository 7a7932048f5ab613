import { assertEquals } from "@std/assert";
import { messageOf } from "../../lib/routing/message_of.ts";

const unspeakable = "something that cannot be shown was thrown";
const hostile = Object.defineProperty(new Error(), "message", {
  get() {
    throw new Error("hidden");
  },
});

for (
  const [what, thrown, text] of [
    ["an error", new TypeError("no route"), "no route"],
    ["an error whose message is no text", Object.assign(new Error(), { message: 7 }), "7"],
    ["a text", "no route", "no route"],
    ["a module that is not there", "not there\n    at \u001b[36mx.ts\u001b[0m:1", "not there at x.ts:1"],
    ["nothing", undefined, "undefined"],
    ["a symbol", Symbol("x"), "Symbol(x)"],
    ["an object without a prototype", Object.create(null), unspeakable],
    ["an error that does not let its message be read", hostile, unspeakable],
  ] as const
) {
  Deno.test({
    name: `what is said of ${what} that was thrown is "${text}"`,
    permissions: "none",
    fn: () => assertEquals(messageOf(thrown), text),
  });
}
