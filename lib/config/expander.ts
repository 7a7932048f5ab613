/**
 * Replacing placeholders in the values of one option, and keeping what the variables hold out of messages.
 *
 * @module
 */

import type { Segment } from "./compact.ts";
import { ConfigError, type Report } from "./errors.ts";
import { type Environment, expandPlaceholders } from "./placeholders.ts";
import { Redaction } from "./redaction.ts";
import { isSecretKey, MASK } from "./secrets.ts";

/** How an expander treats what it finds. */
export interface ExpanderOptions {
  /** The place of the value. */
  readonly source: string;
  /** Where the value's faults go. */
  readonly onFault: (fault: ConfigError) => void;
  /** Whether a variable without value and default is no fault; it is one unless given. */
  readonly variablesMayBeMissing?: boolean;
}

/** Replaces the placeholders of one value and tells its faults in terms of what was written. */
export class Expander {
  readonly #environment: Environment;
  readonly #options: ExpanderOptions;
  readonly #redaction = new Redaction();
  #missing = false;

  /** Takes the variables, where the value stands, and where its faults go. */
  constructor(environment: Environment, options: ExpanderOptions) {
    this.#environment = environment;
    this.#options = options;
  }

  /** Whether a variable without a default was not set. */
  get missing(): boolean {
    return this.#missing;
  }

  /** A fault of the value: what was replaced is told as it was written, and what is secret not at all. */
  fault(message: string, cause?: unknown): ConfigError {
    return new ConfigError(this.#redaction.apply(message), { source: this.#options.source, cause });
  }

  /** Reports a fault. */
  readonly report: Report = (message) => this.#options.onFault(this.fault(message));

  /** A text with its placeholders replaced; variables that are not set are reported. */
  text(written: string, label = ""): string {
    const place = label && `${label}: `;
    const expanded = expandPlaceholders(written, this.#environment, {
      onMissing: (name) => {
        this.#missing = true;
        if (this.#options.variablesMayBeMissing) return;
        this.report(
          `${place}environment variable ${name} is not set; set it, or write {{env:${name}:-default}}`,
        );
      },
      onValue: (value, placeholder) => {
        this.#hide(value, placeholder);
        // The placeholder would end where the one inside does.
        if (/:-.*\{\{env:/s.test(placeholder)) this.report(`${place}a default cannot contain {{env:…}}`);
      },
    });
    this.#redaction.hide(expanded, written);
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
        const value = this.text(writtenValue, writtenKey);
        if (isSecretKey(key)) this.#redaction.hide(value, MASK);
        properties.set(key, value);
      }
      return { kind: "properties", properties };
    });
  }

  /** The segments of a spec that a single placeholder stands for: none of its values is shown. */
  spec(written: string, parse: (expanded: string) => Segment[]): Segment[] {
    const segments = parse(this.text(written));
    const values = segments.flatMap((it) => it.kind === "identifier" ? [] : [...it.properties.values()]);
    for (const value of values) this.#hide(value, written);
    return segments;
  }

  /** Hides a value, and each of several that it is a list of. */
  #hide(value: string, shownAs: string): void {
    for (const text of [value, ...value.split(";").map((item) => item.trim())]) {
      this.#redaction.hide(text, shownAs);
    }
  }
}
