import { assert, assertEquals, AssertionError, assertRejects, assertThrows, equal } from "@std/assert";

Deno.test({
  name: "assertEquals accepts equal bytes and rejects others with an AssertionError",
  permissions: "none",
  fn(): void {
    assertEquals(new Uint8Array([1, 2]), new Uint8Array([1, 2]));
    const error = assertThrows(() => assertEquals([1, 2], [1, 3]), AssertionError, "not equal");
    const typed: AssertionError = error;
    assert(typed.message.length > 0);
  },
});

Deno.test({
  name: "assertThrows and assertRejects give the error that was thrown",
  permissions: "none",
  async fn(): Promise<void> {
    const thrown: RangeError = assertThrows(
      () => {
        throw new RangeError("too far");
      },
      RangeError,
      "too far",
    );
    const rejected: RangeError = await assertRejects(() => Promise.reject(thrown), RangeError);
    assert(thrown === rejected);
  },
});

Deno.test({
  name: "assertThrows fails when nothing is thrown",
  permissions: "none",
  fn(): void {
    let failure: unknown;
    try {
      assertThrows(() => 1);
    } catch (error) {
      failure = error;
    }
    assert(failure instanceof AssertionError);
    assert(!equal(failure, undefined));
  },
});
