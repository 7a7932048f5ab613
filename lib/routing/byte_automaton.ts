/**
 * A regular expression run over bytes as they arrive: it knows not only when the bytes fit, but also when nothing
 * that may follow can make them fit.
 *
 * It takes the program that RE2 compiles and turns it into a deterministic automaton, state by state, as inputs need
 * them (Russ Cox, "Regular Expression Matching in the Wild"): one step a byte, whatever the pattern.
 *
 * @module
 */

import type { RE2JS } from "re2js";
import type { Verdict } from "../protocol/detector.ts";

/**
 * The operations of a compiled program, by RE2's numbers. They are no public part of the package, which is why its
 * version is an exact one.
 */
const ALTERNATIVE = 1;
const ALTERNATIVE_OF_ANY = 2;
const CAPTURE = 3;
const ASSERTION = 4;
const MATCH = 6;
const NOTHING = 7;
const ANY = 10;
const ANY_IN_LINE = 11;

/** What an assertion may ask of the place before the next byte. The others look at what comes. */
const BEGIN_LINE = 1;
const BEGIN_TEXT = 4;

const LF = 0x0a;
/** As many as patterns of this use come to; beyond, the oldest inputs' are forgotten and made anew. */
const MAXIMUM_STATES = 512;

/** One step of a program. */
interface Instruction {
  readonly op: number;
  /** The instruction after it. */
  readonly out: number;
  /** Another one after it, or what an assertion asks. */
  readonly arg: number;
  matchRune(character: number): boolean;
}

/** Where the program may be after some bytes. */
interface State {
  /** `incomplete` while more bytes may lead to a fit. */
  readonly verdict: Verdict;
  /** The instructions that take the next byte. */
  readonly waiting: readonly number[];
  /** The states that follow, by that byte, as far as they are known. */
  readonly next: (State | undefined)[];
}

/** Tells whether some start of a stream fits a pattern. */
export class ByteAutomaton {
  readonly #instructions: readonly Instruction[];
  readonly #first: number;
  readonly #states = new Map<string, State>();
  #start: State;

  /** An automaton for a pattern whose characters each stand for one byte. */
  constructor(pattern: RE2JS) {
    const { inst, start } = pattern.re2().prog;
    this.#instructions = inst;
    this.#first = start;
    this.#start = this.#begin();
  }

  /** Whether the pattern looks at what comes after a place (`$`, `\z`, `\b`), which in a stream nobody knows. */
  get looksAhead(): boolean {
    const known = BEGIN_LINE | BEGIN_TEXT;
    return this.#instructions.some(({ op, arg }) => op === ASSERTION && (arg & ~known) !== 0);
  }

  /** `match` as soon as a start of the bytes fits, `mismatch` as soon as none ever can. */
  judge(bytes: Uint8Array): Verdict {
    let state = this.#start;
    for (let i = 0; i < bytes.length && state.verdict === "incomplete"; i++) {
      const byte = bytes[i]!;
      state = state.next[byte] ??= this.#step(state, byte);
    }
    return state.verdict;
  }

  #begin(): State {
    return this.#stateAt([this.#first], BEGIN_TEXT | BEGIN_LINE);
  }

  #step({ waiting }: State, byte: number): State {
    const reached: number[] = [];
    for (const position of waiting) {
      const instruction = this.#instructions[position]!;
      if (takes(instruction, byte)) reached.push(instruction.out);
    }
    return this.#stateAt(reached, byte === LF ? BEGIN_LINE : 0);
  }

  /** The state of a program that has come to some instructions, and goes on to those that take a byte. */
  #stateAt(reached: number[], place: number): State {
    const seen = new Set<number>();
    const waiting: number[] = [];
    let fits = false;
    while (reached.length > 0) {
      const position = reached.pop()!;
      if (seen.has(position)) continue;
      seen.add(position);
      const { op, out, arg } = this.#instructions[position]!;
      if (op === MATCH) fits = true;
      else if (op === ALTERNATIVE || op === ALTERNATIVE_OF_ANY) reached.push(out, arg);
      else if (op === CAPTURE || op === NOTHING) reached.push(out);
      else if (op !== ASSERTION) waiting.push(position);
      else if ((arg & ~place) === 0) reached.push(out);
    }
    return this.#shared(fits ? "match" : waiting.length === 0 ? "mismatch" : "incomplete", waiting);
  }

  /** One object for all ways that lead to the same state. */
  #shared(verdict: Verdict, waiting: number[]): State {
    const key = `${verdict} ${waiting.sort((a, b) => a - b)}`;
    let state = this.#states.get(key);
    if (state !== undefined) return state;
    if (this.#states.size >= MAXIMUM_STATES) {
      this.#states.clear();
      this.#start = this.#begin();
    }
    state = { verdict, waiting, next: [] };
    this.#states.set(key, state);
    return state;
  }
}

function takes(instruction: Instruction, byte: number): boolean {
  if (instruction.op === ANY) return true;
  return instruction.op === ANY_IN_LINE ? byte !== LF : instruction.matchRune(byte);
}
