/**
 * Finds how much of what a client sends decides a question, by asking it the way live traffic does: of an
 * inspection that shows more and more.
 *
 * @module
 */

import type { NetworkProtocol } from "../config/types.ts";
import { LiveConnection } from "../net/live_connection.ts";
import type { Facts } from "../protocol/detector.ts";
import type { Awaitable, ClientInfo, Properties } from "../routing/client.ts";
import { Inspection } from "../routing/inspection.ts";

/** What a client does. */
export interface Sent {
  /** The transport. */
  readonly networkProtocol: NetworkProtocol;
  /** Who calls, and which of our addresses it called. */
  readonly client: ClientInfo;
  /** What was found out before routing. */
  readonly learnt?: Properties;
  /** The first bytes of a stream in one piece, maybe none; or the datagrams of a session, at least one. */
  readonly messages: readonly [Uint8Array, ...Uint8Array[]];
}

/** A question about the bytes so far; `incomplete` while more of them may change the answer. */
export type Judge<T> = (inspection: Inspection) => Awaitable<T | "incomplete">;

/** What is asked. */
export interface Question<T> {
  /** The question itself. */
  readonly judge: Judge<T>;
  /** The answer if nothing decides it. */
  readonly otherwise: T;
}

/** An answer, and what it took. */
export interface Answer<T> {
  /** The answer. */
  readonly outcome: T;
  /** How many bytes were needed: of a stream the least that decide, of a session those of whole datagrams. */
  readonly bytes: number;
  /** Whether it also took that nothing more came: the client closed, kept silent, or filled the preview. */
  readonly atEnd: boolean;
  /** What was found in all that was there to see. */
  readonly facts: Facts;
}

/** Answers a question about a client. */
export function decide<T>(sent: Sent, question: Question<T>): Promise<Answer<T>> {
  return sent.networkProtocol === "tcp" ? decideStream(sent, question) : decideSession(sent, question);
}

/** A certain answer stays, however many bytes follow; so the point where it becomes certain can be bisected. */
async function decideStream<T>(sent: Sent, { judge, otherwise }: Question<T>): Promise<Answer<T>> {
  const [stream] = sent.messages;
  const ask = async (bytes: number, ended = false) => {
    const inspection = inspect(sent);
    inspection.bytes = stream.subarray(0, bytes);
    inspection.ended = ended;
    return { outcome: await judge(inspection), facts: inspection.facts };
  };
  const { outcome, facts } = await ask(stream.length);
  if (outcome === "incomplete") {
    const last = await ask(stream.length, true);
    return { ...certain(last, otherwise), bytes: stream.length, atEnd: true };
  }
  let [from, to] = [0, stream.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((await ask(middle)).outcome === "incomplete") from = middle + 1;
    else to = middle;
  }
  return { outcome, bytes: to, atEnd: false, facts };
}

/** Further datagrams are looked at only where the first is the beginning of a QUIC handshake. */
async function decideSession<T>(sent: Sent, { judge, otherwise }: Question<T>): Promise<Answer<T>> {
  const { messages } = sent;
  const inspection = inspect(sent);
  inspection.bytes = messages[0];
  let outcome = await judge(inspection);
  let read = 0;
  while (outcome === "incomplete" && inspection.awaitsQuic && read < messages.length) {
    await inspection.readQuic(messages[read++]!);
    outcome = await judge(inspection);
  }
  const atEnd = outcome === "incomplete";
  if (atEnd) {
    inspection.ended = true;
    outcome = await judge(inspection);
  }
  const bytes = messages.slice(0, Math.max(1, read)).reduce((sum, { length }) => sum + length, 0);
  return { ...certain({ outcome, facts: inspection.facts }, otherwise), bytes, atEnd };
}

function inspect({ networkProtocol, client, learnt = {} }: Sent): Inspection {
  const connection = new LiveConnection(networkProtocol, client);
  connection.learnt = learnt;
  return new Inspection(networkProtocol, client, () => connection.properties);
}

function certain<T>(
  { outcome, facts }: { readonly outcome: T | "incomplete"; readonly facts: Facts },
  otherwise: T,
): { readonly outcome: T; readonly facts: Facts } {
  return { outcome: outcome === "incomplete" ? otherwise : outcome, facts };
}
