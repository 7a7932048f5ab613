/**
 * Lets a negotiator of an extension look at connections: it sees a preview and nothing of what is behind it.
 *
 * @module
 */

import type { Preview } from "../routing/client.ts";
import { messageOf } from "../routing/message_of.ts";
import type { ConnectionNegotiator, Negotiation } from "../routing/negotiator.ts";
import { deadline } from "./deadlines.ts";
import type { NegotiationContext, NegotiationOutcome, Negotiator } from "./negotiation.ts";
import { Refusal } from "./refusal.ts";

/** How a negotiator is limited. */
export interface PreviewNegotiatorOptions {
  /** Milliseconds that one answer may take. */
  readonly timeout: () => number;
}

/** Asks a negotiator of an extension, again with every byte that it waits for. */
export class PreviewNegotiator implements Negotiator {
  /** The name that the extension gave it. */
  readonly name: string;
  readonly #negotiator: ConnectionNegotiator;
  readonly #timeout: () => number;

  /** Takes the negotiator that is asked. */
  constructor(negotiator: ConnectionNegotiator, { timeout }: PreviewNegotiatorOptions) {
    this.name = negotiator.name;
    this.#negotiator = negotiator;
    this.#timeout = timeout;
  }

  /** Answers what the negotiator decides; what goes wrong with it is a rejection. */
  async negotiate({ connection, inspection, reader }: NegotiationContext): Promise<NegotiationOutcome> {
    try {
      for (;;) {
        // The inspection keeps its properties once they were asked for, and a negotiator may add some.
        const { properties } = connection;
        const { client, bytes, ended } = inspection;
        const decision = await this.#ask({ client, properties, bytes, ended });
        switch (decision.outcome) {
          case "reject":
            return { reject: `${this.name}: ${decision.reason}` };
          case "accept":
            return { client: decision.client, properties: decision.properties };
          case "incomplete":
            if (ended) return {};
            await reader.more();
            break;
          default:
            throw new TypeError(`it answered ${JSON.stringify(decision)}, which is no outcome`);
        }
      }
    } catch (error) {
      if (error instanceof Refusal) throw error;
      return { reject: `${this.name} failed: ${messageOf(error)}` };
    }
  }

  async #ask(preview: Preview): Promise<Negotiation> {
    const controller = new AbortController();
    const answer = this.#negotiator.negotiate(preview, controller.signal);
    if (!(answer instanceof Promise)) return answer;
    const timeout = this.#timeout();
    const late = Promise.withResolvers<never>();
    const limit = deadline(timeout, () => {
      controller.abort();
      late.reject(new Error(`no answer within ${timeout} ms`));
    });
    return await Promise.race([answer, late.promise]).finally(() => limit.cancel());
  }
}
