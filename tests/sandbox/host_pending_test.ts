import { assertEquals } from "@std/assert";
import { PendingTable } from "../../lib/sandbox/host_pending.ts";

class Entry {
  next: Entry | undefined;
  constructor(readonly id: number) {}
}

function test(name: string, fn: () => void): void {
  Deno.test({ name: `pending calls: ${name}`, permissions: "none", fn });
}

/** Ids that meet in one bucket, and one that does not. */
const IDS = [1, 257, 513, 2];

test("each is found by its id, also where they share a bucket", () => {
  const table = new PendingTable<Entry>();
  const entries = IDS.map((id) => new Entry(id));
  for (const entry of entries) table.add(entry);
  for (const entry of entries) assertEquals(table.find(entry.id) === entry, true);
  assertEquals(table.find(769), undefined);
  assertEquals(table.ids().sort((a, b) => a - b), IDS.toSorted((a, b) => a - b));
});

for (const taken of IDS) {
  test(`what is taken is gone, and points to nothing: ${taken} of ${IDS}`, () => {
    const table = new PendingTable<Entry>();
    for (const id of IDS) table.add(new Entry(id));
    const entry = table.take(taken);
    assertEquals([entry?.id, entry?.next], [taken, undefined]);
    assertEquals(table.take(taken), undefined);
    const left = IDS.filter((id) => id !== taken);
    assertEquals(left.map((id) => table.find(id)?.id), left);
  });
}
