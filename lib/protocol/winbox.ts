/**
 * Winbox, MikroTik's management protocol: the first message of its EC-SRP5 login, one length byte, `06`, user
 * name, NUL, public key and the parity of the key's point.
 *
 * @module
 */

import { latin1 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const MESSAGE_TYPE = 6;
const USER_OFFSET = 2;
const PUBLIC_KEY_LENGTH = 32;
/** What follows the user name: NUL, public key, parity. */
const AFTER_USER = 1 + PUBLIC_KEY_LENGTH + 1;
const MINIMUM_LENGTH = 1 + AFTER_USER;
const DELETE = 0x7f;

/**
 * Recognises a Winbox client whose login fits into one chunk, which leaves 221 bytes for the user name.
 *
 * Facts: `winbox.user`.
 */
export const winboxDetector: Detector = {
  name: "winbox",
  transport: "tcp",
  budget: USER_OFFSET + 255,
  detect,
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (available > 0 && bytes[0]! < MINIMUM_LENGTH) return "mismatch";
  if (available > 1 && bytes[1] !== MESSAGE_TYPE) return "mismatch";
  if (available <= USER_OFFSET) return "incomplete";

  const end = USER_OFFSET + bytes[0]!;
  const userEnd = end - AFTER_USER;
  for (let i = USER_OFFSET; i < userEnd && i < available; i++) {
    if (bytes[i]! < 0x20 || bytes[i] === DELETE) return "mismatch";
  }
  if (available > userEnd && bytes[userEnd] !== 0) return "mismatch";
  if (available < end) return "incomplete";
  return bytes[end - 1]! <= 1 ? "match" : "mismatch";
}

function facts(bytes: Uint8Array): Facts {
  return { "winbox.user": latin1(bytes, { from: USER_OFFSET, to: USER_OFFSET + bytes[0]! - AFTER_USER }) };
}
