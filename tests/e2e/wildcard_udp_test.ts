import { assertEquals } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { type Lab, makeLab, requireLab } from "./network_namespace.ts";
import { type RunningPmmux, startPmmux } from "./pmmux.ts";
import type { Service } from "./services/service.ts";
import { startUnbound } from "./services/unbound.ts";

const TARGET = 5300;
const WILDCARD = 5301;
const DUAL_STACK = 5302;
const PROGRAMS = ["ss", "unbound", "dig"];

/** A host that has several addresses and runs pmmux in front of a DNS server, and a client on the same network. */
interface MultihomedHost extends AsyncDisposable {
  readonly lab: Lab;
  readonly pmmux: RunningPmmux;
}

async function startMultihomedHost(addresses: readonly string[]): Promise<MultihomedHost> {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await makeLab());
  for (const address of addresses) await lab.server.addAddress(address);
  await lab.client.addAddress("10.77.0.9/24");
  await lab.client.addAddress("fd77::9/64");
  stack.use<Service>(
    await startUnbound({
      port: TARGET,
      namespace: lab.server,
      server: [`local-data: 'who.test. TXT "unbound"'`],
    }),
  );
  const pmmux = stack.use(
    await startPmmux([
      ...["-b", `dns:pass:target.ip=127.0.0.1,target.port=${TARGET}`],
      ...["-p", `!:${WILDCARD}:udp`, "-p", `!:${DUAL_STACK}:udp:bind-address="::"`],
      ...["-p", `!:${WILDCARD}:tcp`],
    ], { through: lab.server.through }),
  );
  const owned = stack.move();
  return { lab, pmmux, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Asks by dig, which ignores an answer that comes from any other address than the one it asked. */
async function ask(
  { lab }: MultihomedHost,
  { address, port }: { address: string; port: number },
): Promise<string> {
  const options = ["+short", "+tries=1", "+time=2", "who.test", "TXT"];
  return (await lab.client.run("dig", `@${address}`, "-p", String(port), ...options)).trim();
}

Deno.test({
  name: "a wildcard UDP binding answers from the address that the client wrote to",
  ...requireLab(...PROGRAMS),
  async fn() {
    const addresses = ["10.77.0.1", "10.77.0.2", "10.77.0.3"];
    await using host = await startMultihomedHost(addresses.map((address) => `${address}/24`));
    await host.pmmux.explain(async () => {
      for (const address of addresses) {
        assertEquals(await ask(host, { address, port: WILDCARD }), '"unbound"', address);
      }
    });
  },
});

Deno.test({
  name: "a dual-stack UDP binding answers from the IPv4 or IPv6 address that the client wrote to",
  ...requireLab(...PROGRAMS),
  async fn() {
    const addresses = ["10.77.0.1", "10.77.0.2", "fd77::1", "fd77::2"];
    const withPrefix = addresses.map((address) => address.includes(":") ? `${address}/64` : `${address}/24`);
    await using host = await startMultihomedHost(withPrefix);
    await host.pmmux.explain(async () => {
      for (const address of addresses) {
        assertEquals(await ask(host, { address, port: DUAL_STACK }), '"unbound"', address);
      }
    });
  },
});

Deno.test({
  name: "a wildcard UDP binding follows the addresses of its host as they come and go",
  ...requireLab(...PROGRAMS),
  async fn() {
    await using host = await startMultihomedHost(["10.77.0.1/24"]);
    const { lab: { server }, pmmux } = host;
    const isBound = async (address: string) =>
      (await server.run("ss", "-Hlun")).includes(`${address}:${WILDCARD} `);
    const answers = async (address: string) =>
      await ask(host, { address, port: WILDCARD }).catch(() => "") === '"unbound"';
    const limit = { timeout: 10_000 };
    await pmmux.explain(async () => {
      for (let round = 0; round < 2; round++) {
        await server.addAddress("10.77.0.2/24");
        await eventually(() => answers("10.77.0.2"), { ...limit, what: "the new address to be served" });
        assertEquals(await answers("10.77.0.1"), true, "the old address is served beside it");
        await server.removeAddress("10.77.0.2/24");
        const isLeft = async () => !await isBound("10.77.0.2");
        await eventually(isLeft, { ...limit, what: "the socket of the lost address to be closed" });
        assertEquals(await answers("10.77.0.1"), true, "the old address is still served");
      }
    });
    assertEquals(pmmux.logged({ level: "error" }), []);
  },
});

Deno.test({
  name:
    "an address that cannot be used yet keeps a wildcard UDP binding from nothing, and is served when it can",
  ...requireLab("ss"),
  async fn() {
    await using lab = await makeLab();
    const { server } = lab;
    // Whether an IPv6 address is unique can only be found out over a cable with two ends.
    await server.run("ip", "link", "add", "loose", "type", "veth", "peer", "name", "end");
    await server.run("ip", "link", "set", "loose", "up");
    await server.run("ip", "address", "add", "fd78::1/64", "dev", "loose");
    // Several interfaces may have one address.
    await server.run("ip", "address", "add", "10.78.0.1/32", "dev", "loose");
    await server.addAddress("10.78.0.1/32");
    const isBound = async (address: string) =>
      (await server.run("ss", "-Hlun")).includes(`${address}:${DUAL_STACK} `);
    await using pmmux = await startPmmux(
      ["-b", "nobody:noop", "-p", `!:${DUAL_STACK}:udp:bind-address="::"`],
      { through: server.through },
    );
    assertEquals([await isBound("127.0.0.1"), await isBound("[fd78::1]")], [true, false]);
    await server.run("ip", "link", "set", "end", "up");
    await eventually(() => isBound("[fd78::1]"), { timeout: 10_000, what: "the address to be served" });
    assertEquals(pmmux.logged({ level: "error" }), []);
  },
});
