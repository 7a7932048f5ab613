import { assertEquals } from "@std/assert";
import { Bag, type Member } from "../../lib/net/bag.ts";

interface Named extends Member {
  readonly name: number;
}

const named = (name: number): Named => ({ name, position: -1 });
const namesIn = (bag: Bag<Named>) => [...bag].map(({ name }) => name).sort((one, other) => one - other);

Deno.test({
  name: "bag: holds what was added and not removed, whatever the order",
  permissions: "none",
  fn() {
    const bag = new Bag<Named>();
    const expected = new Set<Named>();
    const members = Array.from({ length: 40 }, (_, name) => named(name));
    let seed = 7;
    for (let step = 0; step < 5000; step++) {
      seed = seed * 48271 % 2147483647;
      const member = members[seed % members.length]!;
      if (expected.delete(member)) {
        assertEquals(bag.remove(member), true);
      } else {
        bag.add(member);
        expected.add(member);
      }
      assertEquals(bag.size, expected.size);
    }
    assertEquals(namesIn(bag), [...expected].map(({ name }) => name).sort((one, other) => one - other));
  },
});

Deno.test({
  name: "bag: removing twice does nothing, and a member can come back",
  permissions: "none",
  fn() {
    const bag = new Bag<Named>();
    const [one, two] = [named(1), named(2)];
    bag.add(one);
    bag.add(two);
    assertEquals(bag.remove(one), true);
    assertEquals(bag.remove(one), false);
    assertEquals(namesIn(bag), [2]);
    bag.add(one);
    assertEquals(namesIn(bag), [1, 2]);
  },
});

Deno.test({
  name: "bag: the last member can be removed while others come",
  permissions: "none",
  fn() {
    const bag = new Bag<Named>();
    const one = named(1);
    bag.add(one);
    bag.remove(one);
    assertEquals([bag.size, one.position], [0, -1]);
    bag.add(named(2));
    assertEquals(bag.remove(one), false);
    assertEquals(namesIn(bag), [2]);
  },
});
