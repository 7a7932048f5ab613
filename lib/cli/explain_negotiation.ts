/**
 * What a client comes to from its first byte on: a header of the PROXY protocol is taken off and believed, or not,
 * before routing sees the rest.
 *
 * @module
 */

import type { BindingSpec, Config } from "../config/types.ts";
import { LiveConnection } from "../net/live_connection.ts";
import type { Negotiator } from "../net/negotiation.ts";
import { PreviewNegotiator } from "../net/preview_negotiator.ts";
import { PreviewReader } from "../net/preview_reader.ts";
import { proxyProtocolNegotiators, proxyProtocolUnwrap } from "../net/proxy_negotiator.ts";
import type { ClientInfo, Connection } from "../routing/client.ts";
import { Inspection } from "../routing/inspection.ts";
import type { ConnectionNegotiator } from "../routing/negotiator.ts";
import type { Sent } from "./explain_decision.ts";
import type { AskedClient } from "./explain_input.ts";
import { explainRoute, type Explanation, type Routing } from "./explain_route.ts";

/** Why a client goes where it goes, from the first byte on. */
export interface ClientExplanation extends Explanation {
  /** Where a peer speaks for the client: who is connected, and how many of its bytes are for pmmux alone. */
  readonly through?: { readonly client: ClientInfo; readonly bytes: number };
  /** Whether a port binding listens where the client calls. */
  readonly listens: boolean;
}

/** What a client has to do with. */
export interface ExplainOptions {
  readonly config: Config;
  /** The negotiators of extensions, in the order of their registration. */
  readonly negotiators: readonly ConnectionNegotiator[];
  readonly routing: Routing;
}

/** Explains where a client goes: through the steps before routing, then as {@linkcode explainRoute} does. */
export async function explainClient(
  { sent, binding }: AskedClient,
  { config, negotiators, routing }: ExplainOptions,
): Promise<ClientExplanation> {
  const { sent: routed, consumed, rejected } = await negotiate(sent, { binding, config, negotiators });
  const explanation = await explainRoute(
    routed,
    rejected === undefined ? routing : { ...routing, entries: [] },
  );
  return {
    ...explanation,
    ...(consumed > 0 && { through: { client: sent.client, bytes: consumed } }),
    ...(rejected !== undefined && { reason: rejected }),
    listens: binding !== undefined,
  };
}

/** A client as routing gets it. */
interface Negotiated {
  /** Who it is, and what is left of what it sends. */
  readonly sent: Sent;
  /** How many bytes were meant for pmmux alone. */
  readonly consumed: number;
  /** Why it does not come to routing; undefined if it does. */
  readonly rejected?: string;
}

interface NegotiationOptions extends Omit<ExplainOptions, "routing"> {
  readonly binding: BindingSpec | undefined;
}

/** Takes the steps before routing, as live traffic does. */
function negotiate(sent: Sent, options: NegotiationOptions): Promise<Negotiated> | Negotiated {
  if (sent.networkProtocol === "udp") return unwrapDatagrams(sent, options);
  const { binding, negotiators, config: { selectionTimeout } } = options;
  const steps = [
    ...(binding === undefined ? [] : proxyProtocolNegotiators(binding)),
    ...negotiators.toReversed().map((it) => new PreviewNegotiator(it, { timeout: () => selectionTimeout })),
  ];
  return negotiateStream(sent, { steps, config: options.config });
}

async function negotiateStream(
  sent: Sent,
  { steps, config }: { readonly steps: readonly Negotiator[]; readonly config: Config },
): Promise<Negotiated> {
  const [stream] = sent.messages;
  const connection = new LiveConnection("tcp", sent.client);
  const inspection = new Inspection("tcp", sent.client, () => connection.properties);
  const source = streamOf(stream);
  const reader = new PreviewReader(source, inspection, config);
  for (const step of steps) {
    const { reject, client, properties } = await step.negotiate({ connection, inspection, reader });
    if (reject !== undefined) return { sent, consumed: 0, rejected: reject };
    connection.learnt = { ...connection.learnt, ...properties };
    connection.client = inspection.client = client ?? connection.client;
  }
  const consumed = source.position - inspection.bytes.length;
  const { client, learnt } = connection;
  return { sent: { ...sent, client, learnt, messages: [stream.subarray(consumed)] }, consumed };
}

/** A client that sends these bytes, then nothing. */
function streamOf(bytes: Uint8Array): Connection & { readonly position: number } {
  let position = 0;
  return {
    get position() {
      return position;
    },
    read(buffer) {
      const rest = bytes.subarray(position, position + buffer.length);
      buffer.set(rest);
      position += rest.length;
      return Promise.resolve(rest.length === 0 ? null : rest.length);
    },
    write: ({ length }) => Promise.resolve(length),
    closeWrite() {},
    close() {},
  };
}

/** The first datagram names the client: another one would be of another session. */
function unwrapDatagrams(sent: Sent, { binding }: NegotiationOptions): Negotiated {
  const unwrap = binding && proxyProtocolUnwrap(binding);
  if (unwrap === undefined) return { sent, consumed: 0 };
  const [first, ...more] = sent.messages.map((datagram) => unwrap(datagram, sent.client));
  if (first === undefined) {
    return { sent, consumed: 0, rejected: "the PROXY protocol is required, and there is no valid header" };
  }
  const messages = more.flatMap((datagram) => datagram?.payload ?? []);
  return {
    sent: {
      ...sent,
      client: first.client ?? sent.client,
      learnt: first.properties,
      messages: [first.payload, ...messages],
    },
    consumed: sent.messages[0].length - first.payload.length,
  };
}
