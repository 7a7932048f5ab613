/**
 * The tables of HPACK, by which a header field is named with a number.
 *
 * @see RFC 7541 sections 2.3 and 4, and appendix A
 * @module
 */

/** One header field, or pseudo-header field. */
export interface HeaderField {
  /** The name. HTTP/2 has them in lower case. */
  readonly name: string;
  /** The value. */
  readonly value: string;
}

/** The most that the dynamic table may hold before the peer is told otherwise (RFC 9113 section 6.5.2). */
const TABLE_SIZE = 4096;
/** What an entry counts beyond its characters (RFC 7541 section 4.1). */
const ENTRY_OVERHEAD = 32;

/** The static table: name and value, that of index 1 first. */
const STATIC_ENTRIES = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

const STATIC_TABLE: readonly HeaderField[] = STATIC_ENTRIES.split("\n").map((entry) => {
  const [name = "", ...value] = entry.split(" ");
  return { name, value: value.join(" ") };
});

/** Fields by index: those of the static table first, then those that were added, newest first. */
export class HeaderTable {
  readonly #added: HeaderField[] = [];
  #size = 0;
  #maximum = TABLE_SIZE;

  /** The field of an index, which starts with 1; undefined when there is none. */
  get(index: number): HeaderField | undefined {
    if (index <= STATIC_TABLE.length) return STATIC_TABLE[index - 1];
    return this.#added[this.#added.length - (index - STATIC_TABLE.length)];
  }

  /** Adds a field, for which the oldest ones may have to go. */
  add(field: HeaderField): void {
    this.#added.push(field);
    this.#size += sizeOf(field);
    this.#evict();
  }

  /** Changes how much may be added; false when that is more than allowed. */
  resize(maximum: number): boolean {
    if (maximum > TABLE_SIZE) return false;
    this.#maximum = maximum;
    this.#evict();
    return true;
  }

  #evict(): void {
    while (this.#size > this.#maximum) this.#size -= sizeOf(this.#added.shift()!);
  }
}

function sizeOf({ name, value }: HeaderField): number {
  return name.length + value.length + ENTRY_OVERHEAD;
}
