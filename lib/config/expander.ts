/**
 * Replacing placeholders in the values of one option, and keeping what the variables hold out of messages.
 *
 * @module
 */

import type { Segment } from "./compact.ts";
import type { Report } from "./errors.ts";
import { type Environment, expandPlaceholders } from "./placeholders.ts";

/** How an expander treats what it finds. */
export interface ExpanderOptions {
  /** Where the value's faults go. */
  readonly report: Report;
  /** Whether a variable without value and default is no fault; it is one unless given. */
  readonly variablesMayBeMissing?: boolean;
}

/** Replaces the placeholders of one value and reports in terms of what was written. */
export class Expander {
  readonly #environment: Environment;
  readonly #report: Report;
  readonly #variablesMayBeMissing: boolean;
  readonly #writtenBy = new Map<string, string>();
  #missing = false;

  /** Takes the variables, where faults of the value go, and whether a missing variable is one. */
  constructor(environment: Environment, options: ExpanderOptions) {
    this.#environment = environment;
    this.#report = options.report;
    this.#variablesMayBeMissing = options.variablesMayBeMissing ?? false;
  }

  /** Whether a variable without a default was not set. */
  get missing(): boolean {
    return this.#missing;
  }

  /** Reports a fault; where the message quotes a replaced text, the text as written stands instead. */
  readonly report: Report = (message) => {
    this.#report(message.replace(/"([^"]*)"/g, (quoted, text) => {
      const written = this.#writtenBy.get(text);
      return written === undefined ? quoted : `"${written}"`;
    }));
  };

  /** A text with its placeholders replaced; variables that are not set are reported. */
  text(written: string, label = ""): string {
    const expanded = expandPlaceholders(written, this.#environment, {
      onMissing: (name) => {
        this.#missing = true;
        if (this.#variablesMayBeMissing) return;
        const place = label && `${label}: `;
        this.report(
          `${place}environment variable ${name} is not set; set it, or write {{env:${name}:-default}}`,
        );
      },
    });
    if (expanded !== written) this.#writtenBy.set(expanded, written);
    return expanded;
  }

  /** Segments with their placeholders replaced, each inside its own identifier, key or value. */
  segments(segments: readonly Segment[]): Segment[] {
    return segments.map((segment) => {
      if (segment.kind === "identifier") return { kind: "identifier", text: this.text(segment.text) };
      const properties = new Map<string, string>();
      for (const [writtenKey, writtenValue] of segment.properties) {
        const key = this.text(writtenKey);
        if (properties.has(key)) this.report(`the key "${key}" appears twice; a key appears once`);
        properties.set(key, this.text(writtenValue, writtenKey));
      }
      return { kind: "properties", properties };
    });
  }
}
