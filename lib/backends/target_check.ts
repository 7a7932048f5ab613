/**
 * How the target of a passthrough backend is checked: it has to accept a connection, and may have to give a
 * certain answer.
 *
 *     -z 'pass:redis:interval=2000,send="PING\r\n",expect=\+PONG'
 *
 * @module
 */

import { writeAll } from "../net/write_all.ts";
import { latin1 } from "../protocol/bytes.ts";
import { unescapeBytes } from "../protocol/escaped_bytes.ts";
import type { HealthCheckResult } from "../routing/backend.ts";
import type { BackendNetwork } from "../routing/backend_module.ts";
import type { Dial } from "../routing/client.ts";
import { messageOf } from "../routing/message_of.ts";
import { compileRe2 } from "../routing/pattern.ts";

/** The parameters of a check, beside its timings. */
export const CHECK_PARAMETERS = ["send", "expect", "tls"] as const;

/** Bytes of an answer that are looked at. */
const ANSWER_LIMIT = 64 * 1024;

/** A check with its pattern compiled. */
interface Conversation {
  readonly send: Uint8Array | undefined;
  readonly expect: ((answer: string) => boolean) | undefined;
}

/** What a check works with. */
export interface CheckOptions {
  readonly net: BackendNetwork;
  readonly parameters: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Throws an error for the user when a parameter's value is wrong. */
export function validateCheck(parameters: Readonly<Record<string, string>>): void {
  conversationOf(parameters);
  const { tls = "false" } = parameters;
  if (tls !== "true" && tls !== "false") throw new SyntaxError(`tls is "${tls}", but must be true or false`);
}

/** Connects, with `tls=true` through a TLS handshake; then sends and waits for the expected answer, if any. */
export async function checkStream(target: Dial, options: CheckOptions): Promise<HealthCheckResult> {
  const { net, parameters, signal } = options;
  const conversation = conversationOf(parameters);
  const tls = parameters.tls === "true";
  const connection = await net.connect(tls ? { ...target, tls: { verify: false } } : target, signal);
  const close = () => connection.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    if (conversation.send !== undefined) await writeAll(connection, conversation.send);
    return await expectAnswer(conversation, (buffer) => connection.read(buffer));
  } finally {
    signal.removeEventListener("abort", close);
    connection.close();
  }
}

/**
 * Sends a datagram and waits for the expected answer. Without `send` there is nothing to find out, nor is there
 * at a Unix socket, which takes no datagrams.
 */
export async function checkDatagram(target: Dial, options: CheckOptions): Promise<HealthCheckResult> {
  const { net, parameters, signal } = options;
  const { send, expect } = conversationOf(parameters);
  if (send === undefined || target.transport === "unix") return { healthy: true };
  const socket = await net.openDatagram({ hostname: target.hostname!, port: target.port! });
  const close = () => socket.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    // Looking up a name may have taken all the time there was.
    signal.throwIfAborted();
    await socket.send(send);
    const answer = await socket.receive(new Uint8Array(ANSWER_LIMIT + 1));
    if (answer === null) return { healthy: false, reason: "no answer" };
    if (expect === undefined || expect(latin1(answer))) return { healthy: true };
    return { healthy: false, reason: "unexpected answer" };
  } finally {
    signal.removeEventListener("abort", close);
    socket.close();
  }
}

async function expectAnswer(
  { expect }: Conversation,
  read: (buffer: Uint8Array) => Promise<number | null>,
): Promise<HealthCheckResult> {
  if (expect === undefined) return { healthy: true };
  const buffer = new Uint8Array(ANSWER_LIMIT);
  let length = 0;
  while (length < buffer.length) {
    const count = await read(buffer.subarray(length));
    if (count === null) break;
    length += count;
    if (expect(latin1(buffer.subarray(0, length)))) return { healthy: true };
  }
  return { healthy: false, reason: length === 0 ? "closed without an answer" : "unexpected answer" };
}

/** Compiles `send` (with `\r`, `\n`, `\t`, `\0`, `\xHH`, `\\`) and `expect`, a pattern found anywhere. */
function conversationOf({ send, expect }: Readonly<Record<string, string>>): Conversation {
  const pattern = expect === undefined ? undefined : patternOf(expect);
  return {
    send: send === undefined ? undefined : unescapeBytes(send),
    expect: pattern === undefined ? undefined : (answer) => pattern.matcher(answer).find(),
  };
}

function patternOf(expect: string): ReturnType<typeof compileRe2> {
  try {
    return compileRe2(expect, 0);
  } catch (error) {
    throw new SyntaxError(`expect: ${messageOf(error)}`);
  }
}
