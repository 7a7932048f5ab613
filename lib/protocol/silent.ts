/**
 * Protocols in which the client waits for the server's greeting, so that there are no bytes to detect them by.
 *
 * @module
 */

/**
 * The names of the protocols that cannot be detected because the server speaks first. A backend for one of
 * them is reached by a client that stays silent: it belongs after the others and takes no `detect=`.
 */
export const serverSpeaksFirst: readonly string[] = [
  "ftp",
  "imap",
  "mysql",
  "nats",
  "pop3",
  "smtp",
];
