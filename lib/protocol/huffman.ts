/**
 * The Huffman code of HPACK.
 *
 * @see RFC 7541 section 5.2 and appendix B
 * @module
 */

/** Bits of each byte's code, then of the end of string. The code is canonical: lengths are all it takes. */
// deno-fmt-ignore
const CODE_LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];

const END_OF_STRING = 256;
const MAX_LENGTH = 30;
const MAX_PADDING = 7;

interface CodeTable {
  /** The first code of each length. */
  readonly firstCodes: Uint32Array;
  /** Index in `symbols` of that code. */
  readonly firstSymbols: Uint32Array;
  /** How many codes have that length. */
  readonly counts: Uint32Array;
  /** The symbols in the order of their codes. */
  readonly symbols: readonly number[];
}

const TABLE = buildTable();

/** Decodes a string literal; undefined when its padding is wrong or it holds the end of string. */
export function decodeHuffman(bytes: Uint8Array): string | undefined {
  let text = "";
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((byte >> bit) & 1);
      length++;
      const symbol = symbolOf(code, length);
      if (symbol === undefined) continue;
      if (symbol === END_OF_STRING) return undefined;
      text += String.fromCharCode(symbol);
      code = 0;
      length = 0;
    }
  }
  const padding = (1 << length) - 1;
  return length <= MAX_PADDING && code === padding ? text : undefined;
}

function symbolOf(code: number, length: number): number | undefined {
  const index = code - TABLE.firstCodes[length]!;
  if (index < 0 || index >= TABLE.counts[length]!) return undefined;
  return TABLE.symbols[TABLE.firstSymbols[length]! + index];
}

function buildTable(): CodeTable {
  const firstCodes = new Uint32Array(MAX_LENGTH + 1);
  const firstSymbols = new Uint32Array(MAX_LENGTH + 1);
  const counts = new Uint32Array(MAX_LENGTH + 1);
  const symbols: number[] = [];
  let code = 0;
  for (let length = 1; length <= MAX_LENGTH; length++) {
    code <<= 1;
    firstCodes[length] = code;
    firstSymbols[length] = symbols.length;
    CODE_LENGTHS.forEach((bits, symbol) => {
      if (bits === length) symbols.push(symbol);
    });
    counts[length] = symbols.length - firstSymbols[length]!;
    code += counts[length]!;
  }
  return { firstCodes, firstSymbols, counts, symbols };
}
