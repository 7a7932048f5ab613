import { assertEquals, assertThrows } from "@std/assert";
import noop from "../../lib/backends/noop.ts";
import pass from "../../lib/backends/pass.ts";
import { loadConfig } from "../../lib/config/load_config.ts";
import type { BackendModule } from "../../lib/routing/backend_module.ts";
import type { Scope } from "../../lib/sandbox/grant.ts";
import { scope, scopeOfBackend } from "../../lib/sandbox/scope.ts";

const modules = new Map<string, BackendModule>([["pass", pass], ["noop", noop]]);

const SOURCES = decodeURIComponent(new URL("../../lib", import.meta.url).pathname);

/** The scope of a command line. */
function scopeOf(...args: string[]): Scope {
  const { config, errors } = loadConfig({ args });
  if (config === undefined) throw new AggregateError(errors);
  return scope(config, { modules, directory: "/srv" });
}

function lines(grants: Scope): string[] {
  return grants.map(({ kind, value, reason }) => `${kind} ${value}: ${reason}`);
}

const cases: readonly (readonly [behaviour: string, args: readonly string[], expected: readonly string[]])[] =
  [
    ["nothing configured needs nothing", [], []],
    [
      "a TCP listener needs its address",
      ["-p", "!:443:tcp"],
      ["net 0.0.0.0:443: port-bindings[0]: TCP listener"],
    ],
    [
      "an IPv6 TCP listener on any port needs port 0 of its address",
      ["-p", '!:?:tcp:bind-address="::1"'],
      ["net [::1]:0: port-bindings[0]: TCP listener"],
    ],
    ["a mapping without a listener needs none", ["-p", "80:80:tcp:listen=false"], []],
    [
      "a UDP listener on one address answers all of IPv4",
      ["-p", "!:53:udp:bind-address=127.0.0.1"],
      [
        "net 127.0.0.1:53: port-bindings[0]: UDP listener",
        "net 0.0.0.0/0: port-bindings[0]: answers to UDP clients",
      ],
    ],
    [
      "a UDP listener on all IPv4 addresses finds out which there are",
      ["-p", "!:53:udp"],
      [
        "net 0.0.0.0:53: port-bindings[0]: UDP listener",
        "net 0.0.0.0/0:53: port-bindings[0]: UDP listener, on every address of this host",
        "sys networkInterfaces: port-bindings[0]: the addresses of this host, for the UDP listener",
        "net 0.0.0.0/0: port-bindings[0]: answers to UDP clients",
      ],
    ],
    [
      "a UDP listener on IPv6 answers whom Deno cannot name",
      ["-p", '!:53:udp:bind-address="fd00::1"'],
      [
        "net [fd00::1]:53: port-bindings[0]: UDP listener",
        "net *: port-bindings[0]: answers to UDP clients (Deno cannot name IPv6 networks)",
      ],
    ],
    [
      "a UDP listener answers only whom its backends take",
      [
        "-p",
        "!:53:udp:bind-address=10.0.0.1",
        "-b",
        'a:noop:remote-ip="10.1.2.3/8;192.0.2.7"',
        "-b",
        'b:noop:Remote-IP="192.0.2.7;fd00::/8"',
      ],
      [
        "net 10.0.0.1:53: port-bindings[0]: UDP listener",
        "net 10.0.0.0/8: port-bindings[0]: answers to UDP clients",
        "net 192.0.2.7: port-bindings[0]: answers to UDP clients",
      ],
    ],
    [
      "one backend that takes everybody's datagrams widens the answers again",
      ["-p", "!:53:udp:bind-address=10.0.0.1", "-b", "a:noop:remote-ip=10.0.0.0/8", "-b", "b:noop"],
      [
        "net 10.0.0.1:53: port-bindings[0]: UDP listener",
        "net 0.0.0.0/0: port-bindings[0]: answers to UDP clients",
      ],
    ],
    [
      "a target needs its address and port, and no sockets for datagrams without a UDP listener",
      ["-b", "web:pass:target.ip=10.0.0.5,target.port=80", "-p", "!:80:tcp"],
      ["net 0.0.0.0:80: port-bindings[0]: TCP listener", "net 10.0.0.5:80: backend web: target"],
    ],
    [
      "a target that gets datagrams needs sockets towards it",
      ["-b", 'dns:pass:target.ip="fd00::5",target.port=53', "-p", "!:53:udp:bind-address=127.0.0.1"],
      [
        "net 127.0.0.1:53: port-bindings[0]: UDP listener",
        "net 0.0.0.0/0: port-bindings[0]: answers to UDP clients",
        "net [fd00::5]:53: backend dns: target",
        "net [::]:0: backend dns: sockets towards the target",
      ],
    ],
    [
      "a health check that sends something needs sockets for datagrams too",
      ["-b", "dns:pass:target.ip=10.0.0.5,target.port=53", "-z", "pass:send=x"],
      ["net 10.0.0.5:53: backend dns: target", "net 0.0.0.0:0: backend dns: sockets towards the target"],
    ],
    [
      "a target by name needs the name, whatever it resolves to",
      ["-b", "web:pass:target.host=web.example,target.port=80"],
      ["net web.example:80: backend web: target"],
    ],
    [
      "a target by name that gets datagrams needs the name looked up, and every address that it may have",
      ["-b", "web:pass:target.host=web.example,target.port=53", "-p", "!:53:udp:bind-address=127.0.0.1"],
      [
        "net 127.0.0.1:53: port-bindings[0]: UDP listener",
        "net 0.0.0.0/0: port-bindings[0]: answers to UDP clients",
        "net web.example:53: backend web: target",
        "net web.example: backend web: looking up the target's name",
        "net 0.0.0.0/0:53: backend web: the IPv4 addresses that the target's name may have",
        "net 0.0.0.0:0: backend web: sockets towards the target",
      ],
    ],
    [
      "a Unix socket needs to be reached, read and written",
      ["-b", "db:pass:target.path=/run/db.sock"],
      [
        "net unix:/run/db.sock: backend db: target",
        "read /run/db.sock: backend db: target",
        "write /run/db.sock: backend db: target",
      ],
    ],
    [
      "each worker serves metrics on a port of its own",
      ["--metrics-port", "9100", "--metrics-bind-address", "::1", "--workers", "2"],
      ["net [::1]:9100: metrics for Prometheus", "net [::1]:9101: metrics for Prometheus"],
    ],
    [
      "log files need their directory",
      ["--log-directory", "logs"],
      ["read /srv/logs: log files", "write /srv/logs: log files"],
    ],
    [
      "a guest in a process of its own lets the engine connect where the guest may, and no more",
      ["-b", 'echo:./echo.ts:net="10.0.0.1:80;b.example:443",read=/etc/hosts,env=HOME'],
      ["net 10.0.0.1:80: backend echo: net=", "net b.example:443: backend echo: net="],
    ],
    [
      "a guest in a worker is within the engine's scope, source and all",
      ["-b", 'echo:./guests/echo.ts:isolation=worker,net="10.0.0.1:80",read=/etc/hosts'],
      [
        `read ${SOURCES}: backend echo: sources of pmmux, for its Worker`,
        "net 10.0.0.1:80: backend echo: net=",
        "read /etc/hosts: backend echo: read=",
        "read /srv/guests/echo.ts: backend echo: module",
      ],
    ],
    [
      "a module from elsewhere is imported from its host",
      [
        "-b",
        "a:https://example.com:8443/a.ts:isolation=none",
        "-b",
        "b:jsr:@x/b:isolation=none",
        "-x",
        "npm:c",
      ],
      ["import example.com:8443: backend a: module", "import jsr.io:443: backend b: module"],
    ],
  ];

for (const [behaviour, args, expected] of cases) {
  Deno.test({
    name: `scope: ${behaviour}`,
    permissions: "none",
    fn: () => assertEquals(lines(scopeOf(...args)), expected),
  });
}

Deno.test({
  name: "a part of the scope is a backend's own",
  permissions: "none",
  fn(): void {
    const whole = scopeOf(
      "-b",
      "a:pass:target.path=/a",
      "-b",
      'b:pass:target.ip="::1",target.port=2',
      "-p",
      "!:1:tcp",
    );
    assertEquals(lines(scopeOfBackend(whole, "b")), ["net [::1]:2: backend b: target"]);
  },
});

Deno.test({
  name: "a spec that its module refuses has no scope",
  permissions: "none",
  fn: () =>
    void assertThrows(() => scopeOf("-b", "web:pass:target.port=1"), Error, '"web": target.ip is missing'),
});
