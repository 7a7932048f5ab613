/**
 * Takes Markdown apart as far as tests of documents need it.
 *
 * @module
 */

/** A fenced block of code. */
export interface CodeBlock {
  /** The word behind the fence; empty if there is none. */
  readonly language: string;
  /** What stands between the fences. */
  readonly text: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
}

/** One document. */
export interface Markdown {
  /** The fenced blocks. */
  readonly blocks: readonly CodeBlock[];
  /** The spans of code in the text outside of them. */
  readonly spans: readonly string[];
  /** Where links in that text lead. */
  readonly links: readonly string[];
  /** The anchors of its headings. */
  readonly anchors: readonly string[];
}

const BLOCK = /^```(\w*)\n(.*?)^```$/gms;

/** Takes a document apart. */
export function parseMarkdown(document: string): Markdown {
  const blocks = document.matchAll(BLOCK).map(({ 1: language, 2: text, index }) => ({
    language: language!,
    text: text!,
    line: document.slice(0, index).split("\n").length,
  }));
  const prose = document.replaceAll(BLOCK, "");
  return {
    blocks: [...blocks],
    spans: [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!),
    links: [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!),
    anchors: [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!)),
  };
}

function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
}

/**
 * The words of a line for a POSIX shell, with continued lines, quotes and backslashes; without expansions.
 *
 * @throws {SyntaxError} if a quote is not closed.
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [piece] of line.matchAll(/\\\n|\\.|'[^']*'|"(?:\\.|[^"\\])*"|\s+|[^\s\\'"]+|['"]/gs)) {
    if (piece === "\\\n" || /^\s/.test(piece)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (piece === "'" || piece === '"') {
      throw new SyntaxError(`Cannot read the command line ${line}: a quote is not closed`);
    } else {
      const isQuoted = piece.startsWith("'") || piece.startsWith('"');
      const text = isQuoted ? piece.slice(1, -1) : piece;
      word = (word ?? "") + (piece.startsWith("'") ? text : text.replaceAll(/\\(.)/g, "$1"));
    }
  }
  return word === undefined ? words : [...words, word];
}

/** The command lines of a block, continued lines joined, comments left out. */
export function commandLines(text: string): string[] {
  return text.replaceAll(/\\\n\s*/g, " ").split("\n").filter((line) =>
    line.trim() !== "" && !/^\s*#/.test(line)
  );
}
