import { assertEquals } from "@std/assert";
import { plainAddress } from "../../lib/net/plain_address.ts";

Deno.test("a plain address says of a TCP peer what Deno's own says", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using accepted = await listener.accept();
  assertEquals(plainAddress(accepted.remoteAddr), { ...(client.localAddr as Deno.NetAddr) });
  assertEquals(plainAddress(accepted.localAddr), { ...listener.addr });
});

Deno.test("a plain address says of the sender of a datagram what Deno's own says", async () => {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  using _closed = { [Symbol.dispose]: () => socket.close() };
  await socket.send(new Uint8Array(1), socket.addr);
  const [, from] = await socket.receive();
  const { transport, hostname, port } = socket.addr as Deno.NetAddr;
  assertEquals(plainAddress(from), { transport, hostname, port });
});
