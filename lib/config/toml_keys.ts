/**
 * Keys and tables that a TOML text defines twice, of which the parser would silently drop the first, or say
 * something else (TOML 1.0, "Keys", "Table").
 *
 * @module
 */

import { errorAt } from "./text_position.ts";

/** A comment; a text of one or several lines, basic or literal; a bare word; anything else. */
const TOKENS =
  /#[^\n]*|"""(?:\\[^]|[^\\])*?"{3,5}|'''[^]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[\w-]+|\n|[^\s]/g;

interface Token {
  readonly text: string;
  readonly index: number;
}

/** What a key stands for: a table, the tables of an array, or anything that no later key can add to. */
type Definition = Table | Table[] | "value";

interface Table {
  readonly keys: Map<string, Definition>;
  /** Whether a header or a dotted key has named it itself; its name may have been part of another's until then. */
  defined: boolean;
}

/**
 * Makes sure that everything is defined once. What is malformed in another way is left to the parser.
 *
 * @throws {SyntaxError} with the line and column of the second definition.
 */
export function rejectDuplicateTomlKeys(text: string): void {
  new Scanner(text).scan();
}

class Scanner {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = text.matchAll(TOKENS).map(({ 0: text, index }) => ({ text, index }))
      .filter(({ text }) => !text.startsWith("#")).toArray();
  }

  scan(): void {
    const root = newTable();
    let table = root;
    while (this.#next < this.#tokens.length) {
      if (this.#takes("\n")) continue;
      if (this.#takes("[")) {
        table = this.#header(root);
        while (this.#takes("]"));
        if (this.#token !== undefined && this.#token.text !== "\n") throw this.#crowded(this.#token);
      } else {
        this.#assignment(table);
      }
      while (this.#token !== undefined && !this.#takes("\n")) this.#next++;
    }
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #takes(text: string): boolean {
    if (this.#token?.text !== text) return false;
    this.#next++;
    return true;
  }

  #crowded({ index }: Token): SyntaxError {
    return errorAt(this.#text, { index, problem: "found more than one thing on a line" });
  }

  /** The tokens of a key between its dots, at least one unless the text ends. */
  #path(): Token[] {
    const path = this.#tokens.slice(this.#next, ++this.#next);
    while (this.#takes(".")) path.push(...this.#tokens.slice(this.#next, ++this.#next));
    return path;
  }

  /** What follows `[`. */
  #header(root: Table): Table {
    const isArray = this.#takes("[");
    const path = this.#path();
    const parent = path.slice(0, -1).reduce((table, token) => this.#inside(table, token), root);
    const last = path.at(-1);
    const table = { ...newTable(), defined: true };
    if (last === undefined) return table;
    const earlier = parent.keys.get(keyOf(last));
    if (isArray) {
      if (earlier !== undefined && !Array.isArray(earlier)) throw this.#twice(path);
      parent.keys.set(keyOf(last), [...earlier ?? [], table]);
      return table;
    }
    if (earlier !== undefined) throw this.#twice(path, isTable(earlier) && !earlier.defined);
    parent.keys.set(keyOf(last), table);
    return table;
  }

  /** `key = value`, in a table or an inline table. */
  #assignment(table: Table): void {
    const path = this.#path();
    const last = path.at(-1);
    let parent = table;
    for (const token of path.slice(0, -1)) {
      parent = this.#inside(parent, token);
      parent.defined = true;
    }
    if (last !== undefined && parent.keys.has(keyOf(last))) throw this.#twice(path);
    if (last !== undefined) parent.keys.set(keyOf(last), "value");
    if (this.#takes("=")) this.#value();
  }

  /** A value, for the inline tables in it. */
  #value(): void {
    let depth = 0;
    for (; this.#token !== undefined; this.#next++) {
      const { text } = this.#token;
      if (text === "[") depth++;
      if (text === "]") depth--;
      if (text === "=") throw this.#crowded(this.#tokens[this.#next - 1]!);
      if (depth <= 0 && (text === "\n" || text === "," || text === "}")) return;
      if (text === "{") this.#inlineTable();
    }
  }

  /** Ends at its closing brace. */
  #inlineTable(): void {
    const table = newTable();
    this.#next++;
    while (this.#token !== undefined && this.#token.text !== "}") {
      if (!this.#takes(",") && !this.#takes("\n")) this.#assignment(table);
    }
  }

  /** The table that a key leads to: of an array, the latest. */
  #inside(table: Table, token: Token): Table {
    const key = keyOf(token);
    const definition = table.keys.get(key) ?? newTable();
    if (definition === "value") throw this.#twice([token]);
    table.keys.set(key, definition);
    return Array.isArray(definition) ? definition.at(-1)! : definition;
  }

  #twice(path: readonly Token[], isLate = false): SyntaxError {
    const key = path.map(({ text }) => text).join(".");
    const problem = isLate ? `table ${key} stands after one inside it` : `duplicate key ${key}`;
    return errorAt(this.#text, { index: path[0]!.index, problem });
  }
}

function newTable(): Table {
  return { keys: new Map(), defined: false };
}

function isTable(definition: Definition): definition is Table {
  return definition !== "value" && !Array.isArray(definition);
}

/** The key that a word or a text is. */
function keyOf({ text }: Token): string {
  if (text.startsWith("'")) return text.slice(1, -1);
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
