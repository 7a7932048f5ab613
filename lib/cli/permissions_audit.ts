/**
 * What `pmmux permissions --audit` tells.
 *
 * @module
 */

import { compareUsage, parseAudit, type Usage } from "../sandbox/audit.ts";
import { absolutePath, ANYTHING, type Scope } from "../sandbox/grant.ts";
import { guestSocket } from "../sandbox/launch_socket.ts";

/** What a record is compared with. */
export interface AuditOptions {
  readonly scope: Scope;
  /** The configuration file: reading it is no use of the scope. */
  readonly configFile: string;
  /** The backends whose guests are met on sockets of which nobody knows the directory before. */
  readonly guests: readonly string[];
}

/**
 * Compares a record with a scope. What pmmux does before it carries traffic counts for neither side.
 *
 * @throws {SyntaxError} if the text is no record.
 */
export function auditLines(
  text: string,
  { scope, configFile, guests }: AuditOptions,
): { readonly lines: string[]; readonly complete: boolean } {
  const directory = Deno.cwd();
  const used = parseAudit(text, { directory });
  const before = beforeTraffic(absolutePath(configFile, directory));
  const sockets = guests.map((name) => guestSocket("", name));
  const isSocket = ({ value }: Usage) =>
    /\/pmmux-[^/]+\/[^/]+$/.test(value) && sockets.some((it) => value.endsWith(it));
  const undeclared = compareUsage([...scope, ...before], used).undeclared.filter((usage) => !isSocket(usage));
  const { unused } = compareUsage(scope, used);
  return {
    complete: undeclared.length === 0,
    lines: [
      ...section("used, but not declared", undeclared.map(describe)),
      ...section("declared, but never used", unused.map((grant) => `${describe(grant)}  ${grant.reason}`)),
      ...(undeclared.length + unused.length === 0 ? ["everything declared was used, and nothing else"] : []),
    ],
  };
}

/** What the supervisor does: it reads file and environment and starts engines. */
function beforeTraffic(configFile: string): Scope {
  const reason = "before traffic";
  return [
    { kind: "read", value: configFile, reason },
    { kind: "write", value: configFile, reason },
    { kind: "env", value: ANYTHING, reason },
    { kind: "run", value: ANYTHING, reason },
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function describe({ kind, value }: Usage): string {
  return `${kind} ${value === ANYTHING ? "anything" : value}`;
}
