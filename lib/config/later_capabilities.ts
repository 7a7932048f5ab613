/**
 * Names from configurations of the original pmmux whose capability this version does not have, or has
 * without asking: recognised, so that the answer is not just "unknown".
 *
 * @module
 */

import { normalizeKey } from "./option_table.ts";
import type { BindingSpec } from "./types.ts";

/** Something to tell when pmmux has started, or has another configuration. */
export interface LaterNotice {
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Options of capabilities that are not there, by capability. A capability that arrives leaves this table. */
const LATER_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  "TLS termination": [
    "tls-enable",
    "tls-enforce",
    "tls-protocol",
    "tls-generate-certificates",
    "tls-hello-timeout",
    "tls-certificate",
    "tls-certificate-map",
  ],
  "the management API": [
    "management-enable",
    "management-ui-enable",
    "management-port",
    "management-bind-address",
  ],
  "OTLP export": [
    "otlp-enable",
    "otlp-metrics-endpoint",
    "otlp-metrics-protocol",
    "otlp-service-name",
  ],
  "ACME certificates": [
    "acme-disable",
    "acme-email",
    "acme-storage-path",
    "acme-staging",
    "acme-server-url",
    "acme-renewal-lead",
    "acme-certificate",
    "acme-route53-access-key-id",
    "acme-route53-secret-access-key",
    "acme-route53-credential-profile",
    "acme-route53-credential-file",
    "acme-route53-region",
  ],
};

/** Backend protocols of capabilities that are not there. */
const LATER_PROTOCOLS: Readonly<Record<string, string>> = {
  "http-proxy": "HTTP backends",
  "http-response": "HTTP backends",
};

/** What to do instead of the original's commands that there are not. */
const INSTEAD_OF_COMMANDS: Readonly<Record<string, string>> = {
  install: "copy docs/pmmux.service to /etc/systemd/system, and enable it with systemctl",
  uninstall: "disable pmmux.service with systemctl, and remove it from /etc/systemd/system",
};

/** Extensions of the original by the end of their assembly name, and whether pmmux has what they add. */
const ORIGINAL_EXTENSIONS: Readonly<
  Record<string, { readonly capability: string; readonly builtIn: boolean }>
> = {
  "http": { capability: "HTTP backends", builtIn: false },
  "tls": { capability: "TLS termination", builtIn: false },
  "bittorrent": { capability: "BitTorrent detection", builtIn: true },
  "management": { capability: "the management API", builtIn: false },
  "management.ui": { capability: "the management user interface", builtIn: false },
  "otlp": { capability: "OTLP export", builtIn: false },
  "acme": { capability: "ACME certificates", builtIn: false },
  "acme.route53": { capability: "ACME challenges in Route 53", builtIn: false },
};

/** The capability that an option belongs to, if this version does not have it. */
export function laterCapability(option: string): string | undefined {
  const key = normalizeKey(option);
  return Object.keys(LATER_OPTIONS).find((capability) =>
    LATER_OPTIONS[capability]!.some((name) => key === name || key === `${name}s`)
  );
}

/** The capability that a backend protocol belongs to, if this version does not have it. */
export function laterProtocol(protocol: string): string | undefined {
  return Object.hasOwn(LATER_PROTOCOLS, protocol) ? LATER_PROTOCOLS[protocol] : undefined;
}

/** What to do instead of a command that the original has; undefined for any other word. */
export function insteadOfCommand(name: string): string | undefined {
  return Object.hasOwn(INSTEAD_OF_COMMANDS, name) ? INSTEAD_OF_COMMANDS[name] : undefined;
}

/** What to tell about an entry that names an extension of the original; undefined for any other entry. */
export function originalExtensionNotice(entry: string): string | undefined {
  const name = /^(?:.*[\\/])?pmmux\.extensions\.([a-z0-9.]+?)(?:\.dll)?$/i.exec(entry.trim())?.[1]
    ?.toLowerCase();
  if (name === undefined || !Object.hasOwn(ORIGINAL_EXTENSIONS, name)) return undefined;
  const { capability, builtIn } = ORIGINAL_EXTENSIONS[name]!;
  return builtIn
    ? `${entry} is not needed: ${capability} is built in`
    : `${entry} is not loaded: this version of pmmux does not have ${capability} yet`;
}

/** What to tell of bindings that ask for a port of the router; undefined if none does. */
export function unmappedPortsNotice(bindings: readonly BindingSpec[]): LaterNotice | undefined {
  const ports = bindings.map(({ publicPort }) => publicPort).filter((port) => port !== undefined);
  if (ports.length === 0) return undefined;
  return {
    message: "this version maps no ports on the router: forward them there by hand, or write !",
    fields: { "public-ports": [...new Set(ports.map((port) => port === "auto" ? "?" : port))].join(" ") },
  };
}
