/**
 * The demonstration: services, a multiplexer before them, clients, a table; then the port stays open.
 *
 * @module
 */

import { parseBackendSpec } from "../config/backend_spec.ts";
import { parseBindingSpec } from "../config/binding_spec.ts";
import { defaultConfig } from "../config/default_config.ts";
import type { BackendSpec, Config } from "../config/types.ts";
import { Engine } from "../engine/engine.ts";
import { silentObserver } from "../net/observer.ts";
import { TcpListener } from "../net/tcp_listener.ts";
import { latin1 } from "../protocol/bytes.ts";
import { unescapeBytes } from "../protocol/escaped_bytes.ts";
import { messageOf } from "../routing/message_of.ts";
import { createLogger } from "../telemetry/log.ts";
import type { Logger } from "../routing/logger.ts";
import { demoBackends, type DemoExchange, demoExchanges, performExchange } from "./demo_exchanges.ts";
import { type DemoOutcome, demoTable } from "./demo_report.ts";
import { startDemoServices } from "./demo_services.ts";
import { explainRoute } from "./explain_route.ts";
import { routingOf } from "./explain_routing.ts";
import type { Host } from "./host.ts";
import { listenForSignals } from "./signals.ts";

const HOST = "127.0.0.1";
const USUAL_PORT = 8080;
/** Nobody should have to wait long for the client that says nothing. */
const SILENCE_MS = 300;
/** A free port of one transport may be taken on the other. */
const ATTEMPTS = 10;

/** How the demonstration runs. */
export interface DemoOptions {
  /** The port; the usual one or any that is free unless given. */
  readonly port?: number;
  /** Whether it ends after the table. */
  readonly once: boolean;
  /** Where it is shown. */
  readonly host: Pick<Host, "out">;
  /** The clients; those of the demonstration unless given. */
  readonly exchanges?: readonly DemoExchange[];
}

/** Runs the demonstration; true if every exchange went as it should. */
export async function runDemo(
  { port, once, host, exchanges = demoExchanges }: DemoOptions,
): Promise<boolean> {
  await using services = startDemoServices();
  using logger = createLogger({ verbosity: "warning" });
  const specs = demoBackends(services.ports);
  await using engine = await startEngine(specs.map(parseBackendSpec), { port, logger });
  const open = engine.multiplexer.listeners[0]!.port;
  if (open !== (port ?? USUAL_PORT)) host.out(`Port ${USUAL_PORT} is taken: this is port ${open}.`);
  host.out(`One port, ${HOST}:${open} over TCP and UDP, and ${specs.length} services behind it:\n`);
  const outcomes: DemoOutcome[] = [];
  for (const exchange of exchanges) outcomes.push(await tryExchange(engine, exchange));
  host.out(demoTable(outcomes).join("\n"));
  if (!once) {
    host.out(`\n${handsOn(specs, open)}`);
    logger.verbosity = "information";
    const { promise, resolve } = Promise.withResolvers<void>();
    using _signals = listenForSignals({ onHangup: () => {}, onStop: () => resolve() });
    await promise;
  }
  return outcomes.every(({ ok }) => ok);
}

async function startEngine(
  backends: readonly BackendSpec[],
  { port, logger }: { readonly port?: number; readonly logger: Logger },
): Promise<Engine> {
  for (let attempt = 0;; attempt++) {
    const candidate = port ?? (attempt === 0 ? USUAL_PORT : await freePort());
    const portBindings = parseBindingSpec(`!:${candidate}:bind-address=${HOST}`, 0);
    const config: Config = { ...defaultConfig, backends, portBindings, silenceTimeout: SILENCE_MS };
    const engine = new Engine(config, { logger });
    try {
      await engine.start();
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      const taken = (error as Error).cause instanceof Deno.errors.AddrInUse;
      if (!taken || port !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const endpoint = { address: HOST, port: 0 };
  await using listener = new TcpListener({
    endpoint,
    queueLength: 1,
    observer: silentObserver,
    onConnection: (conn) => conn.close(),
  });
  return listener.endpoint.port;
}

async function tryExchange({ multiplexer }: Engine, exchange: DemoExchange): Promise<DemoOutcome> {
  const { networkProtocol } = exchange;
  const local = { address: HOST, port: multiplexer.listeners[0]!.port };
  const before = multiplexer.backends.map(({ routed }) => routed);
  const answer = await performExchange(exchange, local)
    .catch(messageOf);
  const reached = multiplexer.backends.filter(({ routed }, i) => routed > before[i]!)
    .map(({ spec }) => spec.name);
  const explanation = await explainRoute({
    networkProtocol,
    client: { remote: { address: HOST, port: 0 }, local },
    messages: [unescapeBytes(exchange.sends)],
  }, routingOf(multiplexer));
  const ok = reached.join() === exchange.backend && explanation.chosen === exchange.backend &&
    answer.includes(latin1(unescapeBytes(exchange.answer)));
  return { exchange, reached, explanation, answer, ok };
}

/** What to try while the port stays open. */
function handsOn(specs: readonly string[], port: number): string {
  const quote = (text: string) => `'${text}'`;
  return [
    "Try it by hand, and see each connection below; Ctrl-C ends the demonstration:",
    ...demoExchanges.map(({ byHand }) => `  ${byHand(HOST, port)}`),
    "",
    "The same multiplexer as a command line:",
    `  pmmux -p '!:${port}' \\`,
    specs.map((spec) => `    -b ${quote(spec)}`).join(" \\\n"),
    "",
  ].join("\n");
}
