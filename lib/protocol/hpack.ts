/**
 * Decodes the first header block of an HTTP/2 connection.
 *
 * @see RFC 7541
 * @module
 */

import { latin1 } from "./bytes.ts";
import { Cursor } from "./cursor.ts";
import { type HeaderField, HeaderTable } from "./hpack_table.ts";
import { decodeHuffman } from "./huffman.ts";

/** A field may take a single byte: without a bound, 16 KiB of them become thousands of objects. */
const MAX_FIELDS = 1024;
/** Bytes of an integer after its prefix; with four, 2^28 is far above every size allowed here. */
const MAX_CONTINUATION = 4;

/**
 * Decodes the first header block that a peer sends, in the order of its fields; undefined when it is malformed or
 * too large.
 *
 * @example
 * ```ts
 * import { decodeFirstHeaderBlock } from "./hpack.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeFirstHeaderBlock(new Uint8Array([0x82])), [{ name: ":method", value: "GET" }]);
 * ```
 */
export function decodeFirstHeaderBlock(block: Uint8Array): readonly HeaderField[] | undefined {
  const cursor = new Cursor(block);
  const table = new HeaderTable();
  const fields: HeaderField[] = [];
  while (cursor.remaining > 0) {
    const first = cursor.u8();
    if ((first & 0xe0) === 0x20) {
      const resized = fields.length === 0 && table.resize(readInteger(cursor, { first, bits: 5 }));
      if (!resized) return undefined;
      continue;
    }
    const field = readField(cursor, { first, table });
    if (field === undefined || !cursor.ok || fields.length === MAX_FIELDS) return undefined;
    fields.push(field);
  }
  return cursor.ok ? fields : undefined;
}

function readField(
  cursor: Cursor,
  { first, table }: { readonly first: number; readonly table: HeaderTable },
): HeaderField | undefined {
  if ((first & 0x80) !== 0) return table.get(readInteger(cursor, { first, bits: 7 }));
  const indexed = (first & 0x40) !== 0;
  const index = readInteger(cursor, { first, bits: indexed ? 6 : 4 });
  const name = index === 0 ? readString(cursor) : table.get(index)?.name;
  const value = readString(cursor);
  if (name === undefined || value === undefined) return undefined;
  const field = { name, value };
  if (indexed) table.add(field);
  return field;
}

/** An integer whose first bits are the last `bits` of the byte before the cursor (RFC 7541 section 5.1). */
function readInteger(
  cursor: Cursor,
  { first, bits }: { readonly first: number; readonly bits: number },
): number {
  const prefix = (1 << bits) - 1;
  let value = first & prefix;
  if (value < prefix) return value;
  for (let i = 0; i < MAX_CONTINUATION; i++) {
    const byte = cursor.u8();
    value += (byte & 0x7f) << (7 * i);
    if ((byte & 0x80) === 0) return value;
  }
  return Infinity;
}

function readString(cursor: Cursor): string | undefined {
  const first = cursor.u8();
  const bytes = cursor.take(readInteger(cursor, { first, bits: 7 }));
  return (first & 0x80) === 0 ? latin1(bytes) : decodeHuffman(bytes);
}
