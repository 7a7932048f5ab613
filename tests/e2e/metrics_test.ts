import { assertEquals } from "@std/assert";
import { exchange, readExactly, writeAll } from "../support/conversation.ts";
import { UdpClient } from "../net/udp_client.ts";
import { eventually } from "../support/eventually.ts";
import { requireProgram } from "../support/find_program.ts";
import { freePort } from "../support/ports.ts";
import { runProgram } from "../support/program.ts";
import { startEchoServer, startTcpServer, startUdpEchoServer, type TestServer } from "../support/servers.ts";
import { type RunningPmmux, startPmmux } from "./pmmux.ts";
import { query, startPrometheus } from "./services/prometheus.ts";

/** Lengths of what clients send: within one read, over many, and more than the preview holds. */
const LENGTHS = [1, 100, 1024, 5000, 65_536, 300_000] as const;
const DATAGRAMS = [0, 1, 500, 1400] as const;
const CLIENTS_OF_EACH = 10;
const ANSWER = new Uint8Array(777);

/** What clients sent and got. */
interface Traffic {
  connections: number;
  sent: number;
  received: number;
  messages: number;
  messageBytes: number;
}

interface Setup extends AsyncDisposable {
  readonly pmmux: RunningPmmux;
  readonly traffic: Traffic;
}

function backend(name: string, { port }: TestServer, conditions: string): string[] {
  return ["-b", `${name}:pass:target.ip=127.0.0.1,target.port=${port},${conditions}`];
}

/** Starts pmmux and has clients of all kinds send a known number of bytes through it. */
async function carryTraffic(options: readonly string[]): Promise<Setup> {
  await using stack = new AsyncDisposableStack();
  const echo = stack.use(startEchoServer());
  const brief = stack.use(
    startTcpServer(async (connection) => {
      await readExactly(connection, 4);
      await writeAll(connection, ANSWER);
    }),
  );
  const messages = stack.use(startUdpEchoServer());
  const pmmux = stack.use(
    await startPmmux([
      ...backend("brief", brief, 'payload="get\\n"'),
      ...backend("echo", echo, "property[socket.type]=stream"),
      ...backend("messages", messages, "property[socket.type]=dgram"),
      ...["-p", "!:?:tcp:bind-address=127.0.0.1", "-p", "!:?:udp:bind-address=127.0.0.1", ...options],
    ]),
  );
  const [tcp, udp] = pmmux.ports as [number, number];
  const traffic = { connections: 0, sent: 0, received: 0, messages: 0, messageBytes: 0 };
  const converse = async (bytes: Uint8Array, answerLength: number) => {
    assertEquals((await exchange(tcp, bytes)).length, answerLength);
    traffic.connections++;
    traffic.sent += bytes.length;
    traffic.received += answerLength;
  };
  const send = async (length: number) => {
    // Stays open: a later client on the same port would be no new session.
    const client = stack.use(new UdpClient());
    const answer = await client.ask(new Uint8Array(length), { port: udp });
    assertEquals(answer.message.length, length);
    traffic.messages++;
    traffic.messageBytes += length;
  };
  await pmmux.explain(async () => {
    for (let i = 0; i < CLIENTS_OF_EACH; i++) {
      await Promise.all([
        ...LENGTHS.map((length) => converse(new Uint8Array(length), length)),
        ...DATAGRAMS.map(send),
        converse(new TextEncoder().encode("get\n"), ANSWER.length),
      ]);
    }
  });
  const owned = stack.move();
  return { pmmux, traffic, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

Deno.test({
  name: "Prometheus finds every byte, connection and datagram of the clients in the metrics",
  ...requireProgram("prometheus", "promtool"),
  async fn() {
    const port = freePort();
    await using setup = await carryTraffic(["--metrics-port", String(port)]);
    await using prometheus = await startPrometheus({ port: freePort(), target: port });
    const { connections, sent, received, messages, messageBytes } = setup.traffic;
    const expected = {
      "up": 1,
      "sum(pmmux_router_connection_total)": connections,
      "sum(pmmux_backend_connection_closed_total)": connections,
      "sum(pmmux_client_ingress_bytes_total)": sent,
      "sum(pmmux_client_egress_bytes_total)": received,
      "pmmux_router_connections_active": 0,
      "pmmux_router_session_total": messages,
      "pmmux_router_sessions_active": messages,
      "sum(pmmux_router_message_total)": messages,
      "sum(pmmux_router_message_routed_total)": messages,
      "sum(pmmux_router_message_bytes_total)": messageBytes,
      "sum(pmmux_backend_message_bytes_total)": messageBytes,
      "sum(pmmux_backend_reply_bytes_total)": messageBytes,
      'pmmux_backend_connections_active{backend="echo",network_protocol="Tcp"}': 0,
    };
    for (const [expression, value] of Object.entries(expected)) {
      let last: number | undefined;
      const isEqual = async () => (last = await query(prometheus.port, expression)) === value;
      await prometheus.program.explain(() => eventually(isEqual, { interval: 100, timeout: 15_000 }))
        .catch((cause) => {
          throw new Error(`${expression} is ${last}, not ${value}`, { cause });
        });
    }
    const exposition = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assertEquals(await runProgram("promtool", { args: ["check", "metrics"], input: exposition }), "");
  },
});

Deno.test("--log-metrics writes every byte of the clients to the log, at the latest when pmmux stops", async () => {
  await using setup = await carryTraffic(["--log-metrics"]);
  const { pmmux, traffic } = setup;
  await pmmux.stop();
  const last = new Map<string, number>();
  for (const { backend, source, value, category } of pmmux.logged({ message: "client.ingress.bytes" })) {
    assertEquals(category, "metrics");
    last.set(`${backend} ${source}`, value as number);
  }
  const total = last.values().reduce((sum, value) => sum + value, 0);
  await pmmux.explain(() => assertEquals(total, traffic.sent));
});
