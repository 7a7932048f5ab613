import { assertEquals } from "@std/assert";
import { ConnectionTable } from "../../lib/net/connection_table.ts";
import { InOrder } from "../../lib/net/in_order.ts";
import { LiveConnection } from "../../lib/net/live_connection.ts";
import { Session } from "../../lib/net/session.ts";
import { SessionTable } from "../../lib/net/session_table.ts";
import type { UdpSocket } from "../../lib/net/udp_socket.ts";
import { withFakeTimers } from "../support/fake_timers.ts";

function clientAt(address: string): LiveConnection["client"] {
  return { local: { address: "192.0.2.1", port: 443 }, remote: { address, port: 50_000 } };
}

function connection(address: string, networkProtocol: "tcp" | "udp" = "tcp"): LiveConnection {
  return new LiveConnection(networkProtocol, clientAt(address));
}

function session(socket: UdpSocket, key: string): Session {
  return new Session(clientAt("192.0.2.7"), {
    socket,
    key,
    from: { transport: "udp", hostname: "192.0.2.7", port: 1 },
    onAnswer: () => {},
  });
}

Deno.test({
  name:
    "session table: it keeps sessions in the order of their use, as a list that is sorted each time would",
  permissions: "none",
  fn() {
    const sockets = [{}, {}] as unknown as UdpSocket[];
    const table = new SessionTable();
    let expected: Session[] = [];
    for (let step = 0; step < 3000; step++) {
      const random = (step * 7919) % 97;
      const [socket, key] = [sockets[random % 2]!, `client ${random % 13}`];
      const found = expected.find((session) => session.socket === socket && session.key === key);
      assertEquals(table.find(socket, key) === found, true);
      if (found === undefined) {
        const fresh = session(socket, key);
        table.add(fresh);
        expected.push(fresh);
      } else if (random % 3 === 0) {
        assertEquals([table.remove(found), table.remove(found)], [true, false]);
        expected = expected.filter((session) => session !== found);
      } else {
        table.touch(found, step);
        expected = [...expected.filter((session) => session !== found), found];
      }
      const keys = [...table].map(({ key }) => key);
      assertEquals(keys, expected.map(({ key }) => key));
      assertEquals([table.size, table.oldest === expected[0]], [expected.length, true]);
    }
  },
});

Deno.test({
  name: "connection table: limits count connections in total and by address, and sessions not at all",
  permissions: "none",
  fn() {
    const table = new ConnectionTable();
    const limits = { maxConnections: 3, maxConnectionsPerClient: 2 };
    const refusal = (address: string) => table.refusal(address, limits);
    for (let i = 0; i < 5; i++) table.add(connection("a", "udp"));
    const [one, two, three] = [connection("a"), connection("a"), connection("b")];
    table.add(one);
    assertEquals([refusal("a"), refusal("b")], [undefined, undefined]);
    table.add(two);
    assertEquals([refusal("a"), refusal("b")], ["too_many_connections_from_client", undefined]);
    table.add(three);
    assertEquals(refusal("c"), "too_many_connections");
    table.remove(three);
    table.remove(three);
    table.rename(two, clientAt("b"));
    assertEquals([refusal("a"), two.client.remote.address, table.size], [undefined, "b", 7]);
  },
});

Deno.test({
  name: "connection table: waiting ends with the last connection that is waited for, or with the time",
  permissions: "none",
  fn: () =>
    withFakeTimers(async (clock) => {
      const table = new ConnectionTable();
      const [one, two, other] = [connection("a"), connection("a"), connection("b")];
      [one, two, other].forEach((it) => table.add(it));
      const ofA = ({ client }: LiveConnection) => client.remote.address === "a";
      const outcomes: boolean[] = [];
      table.drained(ofA, 1000).then((outcome) => outcomes.push(outcome));
      table.drained(() => true, 1000).then((outcome) => outcomes.push(outcome));
      table.remove(one);
      await clock.advance(500);
      assertEquals(outcomes, []);
      table.remove(two);
      await clock.advance(0);
      assertEquals(outcomes, [true]);
      assertEquals(await table.drained(ofA, 0), true);
      table.remove(other);
      await clock.advance(0);
      assertEquals([outcomes, clock.pending], [[true, true], 0]);
    }),
});

Deno.test({
  name: "in order: each piece of work begins when the one before has ended, also after a failure",
  permissions: "none",
  async fn() {
    const order = new InOrder();
    const gates = Array.from({ length: 3 }, () => Promise.withResolvers<number>());
    const begun: number[] = [];
    const results = gates.map(({ promise }, i) =>
      order.run(() => {
        begun.push(i);
        return promise;
      }).catch(() => -1)
    );
    assertEquals(begun, [0]);
    gates[0]!.reject(new Error("lost"));
    gates[2]!.resolve(2);
    assertEquals(await results[0], -1);
    assertEquals(begun, [0, 1]);
    gates[1]!.resolve(1);
    assertEquals(await Promise.all(results), [-1, 1, 2]);
    assertEquals(await order.run(() => Promise.resolve(3)), 3);
  },
});
