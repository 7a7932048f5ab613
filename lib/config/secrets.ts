/**
 * What of a configuration may be shown: values whose name says that they are secret never are, nor is the user
 * information of URLs.
 *
 * @module
 */

/** What is shown in the place of a secret. */
export const MASK = "***";

const SECRET_WORDS = "passw|passphrase|secret|token|credential|authorization|cookie|" +
  "(?:api|access|private)[-_]?key|key[-_]?id|(?<![a-z])(?:pwd|psk|auth)(?![a-z])";
const SECRET_KEY = new RegExp(SECRET_WORDS, "i");
const SECRET_PROPERTY = new RegExp(
  `([^\\s:,="]{0,256}(?:${SECRET_WORDS})[^\\s:,="]{0,256}"?\\s*=\\s*)("(?:\\\\.|[^"\\\\])*"?|[^:,]*)`,
  "gis",
);
const SECRET_QUERY = new RegExp(
  `([?&][^=&#\\s"]{0,64}(?:${SECRET_WORDS})[^=&#\\s"]{0,64}=)[^&#\\s"]*`,
  "gi",
);
const USER_INFO = /([a-z][a-z0-9+.-]{0,31}:\/\/)[^/?#\s"]*@/gi;

/** Whether a key's value must not be shown. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** A value as it may be shown under its key. */
export function maskValue(key: string, value: string): string {
  return isSecretKey(key) ? MASK : maskUrls(value);
}

/**
 * A text with what is secret in its URLs masked: `https://user:pw@host/?token=x` →
 * `https://***@host/?token=***`.
 */
export function maskUrls(text: string): string {
  return text.replace(USER_INFO, `$1${MASK}@`).replace(SECRET_QUERY, `$1${MASK}`);
}

/** A compact spec as it may be quoted in a message, also when it is malformed. */
export function maskSpec(spec: string): string {
  return maskUrls(spec).replace(SECRET_PROPERTY, `$1${MASK}`);
}
