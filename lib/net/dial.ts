/**
 * Opens connections towards backends.
 *
 * @module
 */

import type { ConnectionBackend } from "../routing/backend.ts";
import type { Connection, Dial } from "../routing/client.ts";
import { type Deadline, deadline } from "./deadlines.ts";
import { names } from "./names.ts";
import { type Closable, closeQuietly, sendAtOnce } from "./relay.ts";
import { writeAll } from "./write_all.ts";

/** A dial that was not answered in time. */
export class DialTimeout extends Error {
  override readonly name = "DialTimeout";
}

/** An IP address, told from a name. */
const ADDRESS = /^[\d.]+$|:/;

/** How a dial is limited. */
export interface DialOptions {
  /** Milliseconds until it is given up. */
  readonly timeout: number;
  /** Gives it up when it is aborted; the timeout aborts it too. */
  readonly controller?: AbortController;
}

/**
 * Connects to where a backend wants its client. A host name is resolved anew each time, and its addresses
 * are tried side by side (RFC 8305).
 *
 * @throws {DialTimeout} after `timeout` milliseconds; otherwise what the operating system says.
 */
export async function dial(
  target: Dial,
  { timeout, controller = new AbortController() }: DialOptions,
): Promise<Deno.Conn> {
  if (target.tls !== undefined) throw new Error("a connection is relayed as it is: no TLS is added to it");
  if (target.transport === "unix") {
    return await Deno.connect({ transport: "unix", path: target.path! });
  }
  const { hostname = "127.0.0.1", port = 0 } = target;
  const limit = abortAfter(timeout, controller);
  try {
    const { signal } = controller;
    if (!ADDRESS.test(hostname)) return await names.connect({ hostname, port }, signal);
    return await Deno.connect({ hostname, port, signal });
  } catch (error) {
    throw controller.signal.reason instanceof DialTimeout ? controller.signal.reason : error;
  } finally {
    limit.cancel();
  }
}

/** A function of its own, so that the timeout knows no more than it has to. */
function abortAfter(timeout: number, controller: AbortController): Deadline {
  return deadline(timeout, () => controller.abort(new DialTimeout(`no answer within ${timeout} ms`)));
}

/** An attempt to reach a backend, which ends with its client. */
export class Attempt implements Required<DialOptions>, Closable {
  /** Milliseconds until it is given up. */
  readonly timeout: number;
  /** Gives it up. */
  readonly controller: AbortController = new AbortController();
  readonly #client: Connection;

  /** An attempt for this client. */
  constructor(client: Connection, timeout: number) {
    this.#client = client;
    this.timeout = timeout;
  }

  /** Gives it up, and the client with it. */
  close(): void {
    this.controller.abort();
    closeQuietly(this.#client);
  }
}

/** What a backend's `connect` may answer. */
type Answer = Awaited<ReturnType<ConnectionBackend["connect"]>>;

/**
 * Goes where a backend says; `null` if the connection is to be closed.
 *
 * @throws what {@linkcode dial} throws, and what the backend's answer is rejected with.
 */
export function reach(answer: Answer | Promise<Answer>, attempt: Attempt): Promise<Connection | null> {
  const isPlain = answer !== null && !(answer instanceof Promise) && !("read" in answer) &&
    answer.head === undefined;
  return isPlain ? dial(answer, attempt) : follow(answer, attempt);
}

async function follow(given: Answer | Promise<Answer>, attempt: Attempt): Promise<Connection | null> {
  const answer = given instanceof Promise ? await answerInTime(given, attempt) : given;
  if (answer === null || "read" in answer) return answer;
  const conn = await dial(answer, attempt);
  if (answer.head !== undefined) await sayFirst(conn, answer.head, attempt);
  return conn;
}

/** Sends what goes before the client's own bytes. */
function sayFirst(conn: Connection, head: Uint8Array, attempt: Attempt): Promise<void> {
  return introduce(conn, async () => {
    sendAtOnce(conn);
    await writeAll(conn, head);
  }, attempt);
}

/** Waits for a backend's answer, which is closed if it comes too late or is not wanted any more. */
async function answerInTime(
  answer: Promise<Answer>,
  { timeout, controller }: Required<DialOptions>,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const late = new DialTimeout(`no answer within ${timeout} ms`);
  const limit = deadline(timeout, () => controller.abort(late));
  const giveUp = () => {
    reject(controller.signal.reason);
    answer.then((unwanted) => unwanted !== null && "read" in unwanted && closeQuietly(unwanted), () => {});
  };
  if (controller.signal.aborted) giveUp();
  controller.signal.addEventListener("abort", giveUp);
  answer.then(resolve, reject);
  try {
    return await promise;
  } finally {
    limit.cancel();
    controller.signal.removeEventListener("abort", giveUp);
  }
}

/**
 * Says what a new connection has to hear before it hears its client. If that fails, takes too long or is
 * given up, the connection is closed.
 */
export async function introduce(
  connection: Connection,
  say: () => Promise<void>,
  { timeout, controller }: Required<DialOptions>,
): Promise<void> {
  const close = () => closeQuietly(connection);
  const limit = deadline(timeout, close);
  controller.signal.addEventListener("abort", close);
  try {
    controller.signal.throwIfAborted();
    await say();
  } catch (error) {
    close();
    throw error;
  } finally {
    limit.cancel();
    controller.signal.removeEventListener("abort", close);
  }
}
