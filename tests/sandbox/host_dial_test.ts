import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { BackendNetwork } from "../../lib/routing/backend_module.ts";
import type { Connection, Dial } from "../../lib/routing/client.ts";
import { DialGuard, DialRefused, type Resolve } from "../../lib/sandbox/host_dial.ts";

const NO_NETWORK: BackendNetwork = {
  connect: () => Promise.reject(new Error("connected without need")),
  openDatagram: () => Promise.reject(new Error("opened without need")),
};
const never: Resolve = (name) => Promise.reject(new Error(`resolved ${name} without need`));
const { signal } = new AbortController();

interface GuardOptions {
  net?: string[];
  resolve?: Resolve;
  mayConnect?: (host: string) => boolean;
  network?: BackendNetwork;
}

function guard(
  { net = [], resolve = never, mayConnect = () => true, network = NO_NETWORK }: GuardOptions,
): (dial: Dial) => Promise<Dial | Connection> {
  const it = new DialGuard({ net, network, resolve, mayConnect });
  return async (dial) => await it.check(dial, signal);
}

/** A connection that shows where it leads and whether it was closed. */
function connection(
  hostname: string,
): Connection & { closed: boolean; written: number[]; remoteAddr: unknown } {
  return {
    closed: false,
    written: [],
    remoteAddr: { transport: "tcp", hostname, port: 80 },
    read: () => Promise.resolve(null),
    write(bytes) {
      this.written.push(...bytes);
      return Promise.resolve(bytes.length);
    },
    closeWrite() {},
    close() {
      this.closed = true;
    },
  };
}

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name: `dial guard: ${name}`, permissions: "none", fn });
}

test("an address in the list is dialled as it is", async () => {
  const check = guard({ net: ["127.0.0.1:80", "[::1]:80", "10.0.0.0/8"] });
  for (const hostname of ["127.0.0.1", "::1", "10.1.2.3"]) {
    assertEquals(await check({ hostname, port: 80 }), { hostname, port: 80 });
  }
});

test("an address is dialled in the form that was checked", async () => {
  const check = guard({ net: ["127.0.0.1:80"] });
  assertEquals(await check({ hostname: "::ffff:127.0.0.1", port: 80 }), { hostname: "127.0.0.1", port: 80 });
  assertEquals(await check({ hostname: "[::FFFF:7f00:1]", port: 80 }), { hostname: "127.0.0.1", port: 80 });
});

test("what was permitted once permits nothing else", async () => {
  const check = guard({ net: ["10.0.0.1:80", "10.0.0.0/24:443"] });
  for (let round = 0; round < 2; round++) {
    assertEquals(await check({ hostname: "10.0.0.1", port: 80 }), { hostname: "10.0.0.1", port: 80 });
    await assertRejects(() => check({ hostname: "10.0.0.1", port: 81 }), DialRefused);
    await assertRejects(() => check({ hostname: "10.0.0.2", port: 80 }), DialRefused);
    await assertRejects(() => check({ hostname: "010.0.0.1", port: 80 }), DialRefused);
    await assertRejects(() => check({ transport: "unix", path: "10.0.0.1:80" }), DialRefused);
  }
});

test("more targets than are remembered are all checked", async () => {
  const check = guard({ net: ["10.0.0.0/16:80"] });
  for (let i = 0; i < 1000; i++) {
    const hostname = `10.0.${i >> 8}.${i & 255}`;
    assertEquals(await check({ hostname, port: 80 }), { hostname, port: 80 });
  }
  await assertRejects(() => check({ hostname: "10.1.0.0", port: 80 }), DialRefused);
});

test("bytes to be sent first stay with the dial", async () => {
  const head = Uint8Array.of(1);
  assertEquals(await guard({ net: ["10.0.0.1:80"] })({ hostname: "10.0.0.1", port: 80, head }), {
    hostname: "10.0.0.1",
    port: 80,
    head,
  });
});

const outside: Record<string, Dial> = {
  "another address": { hostname: "127.0.0.2", port: 80 },
  "another port": { hostname: "127.0.0.1", port: 81 },
  "no port": { hostname: "127.0.0.1" },
  "a name": { hostname: "example.com", port: 80 },
  "localhost": { hostname: "localhost", port: 80 },
  "the wildcard address": { hostname: "0.0.0.0", port: 80 },
  "the wildcard address of IPv6": { hostname: "::", port: 80 },
  "the IPv6 loopback address": { hostname: "::1", port: 80 },
  "another IPv4-mapped address": { hostname: "::ffff:127.0.0.2", port: 80 },
  "a decimal address": { hostname: "2130706433", port: 80 },
  "an octal address": { hostname: "0177.0.0.1", port: 80 },
  "a hexadecimal address": { hostname: "0x7f000001", port: 80 },
  "a short address": { hostname: "127.1", port: 80 },
  "an address with a zone": { hostname: "fe80::1%lo", port: 80 },
  "a Unix socket": { transport: "unix", path: "/run/docker.sock" },
  "nothing": {},
};

for (const [what, dial] of Object.entries(outside)) {
  test(`${what} outside of the list is refused, and not resolved`, async () => {
    await assertRejects(() => guard({ net: ["127.0.0.1:80"] })(dial), DialRefused, "may not dial");
  });
}

test("the wildcard address is refused even if the list has it", async () => {
  const check = guard({ net: ["0.0.0.0:80", "0.0.0.0/0"] });
  await assertRejects(() => check({ hostname: "0.0.0.0", port: 80 }), DialRefused, "no host");
});

test("a Unix socket in the list is dialled", async () => {
  const dial: Dial = { transport: "unix", path: "/run/app.sock" };
  assertEquals(await guard({ net: ["unix:/run/app.sock"] })(dial), dial);
  const inside: Dial = { transport: "unix", path: "/run/app.sock/../docker.sock" };
  await assertRejects(() => guard({ net: ["unix:/run/app.sock"] })(inside), DialRefused);
});

test("a name in the list is dialled by the address that was found", async () => {
  const check = guard({ net: ["example.com:443"], resolve: () => Promise.resolve(["93.184.216.34"]) });
  assertEquals(await check({ hostname: "Example.COM.", port: 443 }), {
    hostname: "93.184.216.34",
    port: 443,
  });
});

test("a name that comes to lead to this host or network is refused", async () => {
  for (const address of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "0.0.0.0"]) {
    const check = guard({ net: ["example.com:80"], resolve: () => Promise.resolve([address]) });
    await assertRejects(
      () => check({ hostname: "example.com", port: 80 }),
      DialRefused,
      `leads to ${address}`,
      address,
    );
  }
});

test("a name that changes between check and use is dialled as checked", async () => {
  const addresses = ["93.184.216.34", "127.0.0.1"];
  const check = guard({ net: ["example.com:80"], resolve: () => Promise.resolve([addresses.shift()!]) });
  assertEquals(await check({ hostname: "example.com", port: 80 }), { hostname: "93.184.216.34", port: 80 });
  await assertRejects(() => check({ hostname: "example.com", port: 80 }), DialRefused);
});

test("of several addresses only those that are permitted are used", async () => {
  const resolve = () => Promise.resolve(["127.0.0.1", "93.184.216.34"]);
  const check = guard({ net: ["example.com:80"], resolve });
  assertEquals(await check({ hostname: "example.com", port: 80 }), { hostname: "93.184.216.34", port: 80 });
});

test("a name may lead to a private address that is in the list, too", async () => {
  const check = guard({
    net: ["db.lan:5432", "10.0.0.0/8:5432"],
    resolve: () => Promise.resolve(["10.0.0.5"]),
  });
  assertEquals(await check({ hostname: "db.lan", port: 5432 }), { hostname: "10.0.0.5", port: 5432 });
});

test("localhost leads to this host, if it is in the list by name", async () => {
  const check = guard({ net: ["localhost:80"], resolve: () => Promise.resolve(["::1", "127.0.0.1"]) });
  assertEquals(await check({ hostname: "localhost", port: 80 }), { hostname: "::1", port: 80 });
  const elsewhere = guard({ net: ["localhost:80"], resolve: () => Promise.resolve(["10.0.0.1"]) });
  await assertRejects(() => elsewhere({ hostname: "localhost", port: 80 }), DialRefused);
});

test("a name that does not exist is an error, and no refusal", async () => {
  const check = guard({ net: ["example.com:80"], resolve: () => Promise.resolve([]) });
  await assertRejects(() => check({ hostname: "example.com", port: 80 }), Error, "Cannot resolve");
});

test("where only the name is permitted, the connection shows where it led", async () => {
  const conn = connection("93.184.216.34");
  const network = { ...NO_NETWORK, connect: () => Promise.resolve(conn) };
  const resolve = () => Promise.resolve(["93.184.216.34"]);
  const check = guard({ net: ["example.com:80"], resolve, mayConnect: () => false, network });
  assertStrictEquals(await check({ hostname: "example.com", port: 80, head: Uint8Array.of(7) }), conn);
  assertEquals([conn.written, conn.closed], [[7], false]);
});

test("a connection that led elsewhere is closed before a byte is sent", async () => {
  const conn = connection("127.0.0.1");
  const network = { ...NO_NETWORK, connect: () => Promise.resolve(conn) };
  const check = guard({ net: ["example.com:80"], resolve: () => Promise.resolve(undefined), network });
  await assertRejects(
    () => check({ hostname: "example.com", port: 80, head: Uint8Array.of(7) }),
    DialRefused,
  );
  assertEquals([conn.written, conn.closed], [[], true]);
});
