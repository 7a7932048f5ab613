import { assertEquals, assertThrows } from "@std/assert";
import { ParameterError } from "../../lib/backends/parameters.ts";
import {
  guestFlags,
  guestSettings,
  moduleSpec,
  withModule,
  workerPermissions,
} from "../../lib/sandbox/guest_permissions.ts";
import { NO_PERMISSIONS } from "./no_permissions.ts";

const DIRECTORY = "/srv/pmmux";
const MODULE = "file:///srv/pmmux/echo.ts";

function settings(parameters: Record<string, string>): ReturnType<typeof guestSettings> {
  return guestSettings({ name: "echo", protocol: "./echo.ts", parameters }, { directory: DIRECTORY });
}

function test(name: string, fn: () => void): void {
  Deno.test({ name: `guest permissions: ${name}`, permissions: "none", fn });
}

test("nothing is granted unless it is said", () => {
  const { isolation, permissions, timeout, memoryLimit, integrity } = settings({ prefix: "hi" });
  assertEquals(permissions, NO_PERMISSIONS);
  assertEquals([isolation, timeout, memoryLimit, integrity], ["process", 250, 256 * 1024 * 1024, undefined]);
});

test("lists are read, trimmed, and paths made absolute", () => {
  const { permissions } = settings({
    net: "127.0.0.1:9000; [::1]:80;;api.example.com:443",
    read: "./data;/etc/hosts;../shared",
    write: "out.txt",
    env: "HOME;API_KEY",
    import: "esm.sh",
    sys: "hostname",
    run: "curl;./tool",
    ffi: "lib.so",
  });
  assertEquals(permissions, {
    net: ["127.0.0.1:9000", "[::1]:80", "api.example.com:443"],
    read: ["/srv/pmmux/data", "/etc/hosts", "/srv/shared"],
    write: ["/srv/pmmux/out.txt"],
    env: ["HOME", "API_KEY"],
    import: ["esm.sh"],
    sys: ["hostname"],
    run: ["curl", "/srv/pmmux/tool"],
    ffi: ["/srv/pmmux/lib.so"],
  });
});

test("a star is everything of its kind", () => {
  assertEquals(settings({ read: "/etc;*" }).permissions.read, ["*"]);
});

const faults: Record<string, [Record<string, string>, string]> = {
  "a malformed destination": [{ net: "127.1:80" }, 'Cannot use backend "echo": net has "127.1:80"'],
  "an IPv6 network": [{ net: "2001:db8::/32" }, "10.0.0.0/8:port"],
  "a comma in a path": [{ read: "/a,/etc/passwd" }, "comma"],
  "sys for a Worker": [{ sys: "hostname", isolation: "worker" }, "sys cannot be granted to a Worker"],
  "run for a Worker": [{ run: "curl", isolation: "worker" }, "run cannot be granted to a Worker"],
  "ffi for a Worker": [{ ffi: "x.so", isolation: "worker" }, "isolation=process"],
  "a permission beside a task": [{ read: "/x", isolation: "task:echo" }, "task echo grants it"],
  "an unknown isolation": [{ isolation: "vm" }, 'isolation is "vm", but must be process, worker, none'],
  "a task without a name": [{ isolation: "task:" }, "isolation"],
  "a task with a flag for a name": [{ isolation: "task:--eval" }, "isolation"],
  "a timeout that is no number": [{ "guest-timeout": "1s" }, 'guest-timeout is "1s"'],
  "a timeout of nothing": [{ "guest-timeout": "0" }, "guest-timeout"],
  "too little memory": [{ "memory-limit": "1MiB" }, "64MiB or more"],
  "memory without a known unit": [{ "memory-limit": "256MB" }, '"256MB"'],
  "a hash of another kind": [{ integrity: "sha1-abc" }, "sha256-"],
  "a hash that is too short": [{ integrity: "sha256-AAAA" }, "32 bytes"],
};

for (const [what, [parameters, message]] of Object.entries(faults)) {
  test(`${what} is refused`, () => void assertThrows(() => settings(parameters), Error, message));
}

test("isolation, timeout and memory are read", () => {
  assertEquals(settings({ isolation: "task:guest:echo-1" }).isolation, "task:guest:echo-1");
  assertEquals(settings({ isolation: "worker" }).isolation, "worker");
  assertEquals(settings({ "guest-timeout": "1000" }).timeout, 1000);
  assertEquals(settings({ "memory-limit": "1GiB" }).memoryLimit, 1024 ** 3);
  assertEquals(settings({ "memory-limit": "134217728" }).memoryLimit, 128 * 1024 ** 2);
});

test("a setting that is misspelt is no parameter of the module", () => {
  const misspelt = {
    isolaton: "worker",
    integritty: "sha256-",
    "memory-limits": "64MiB",
    "guest-timout": "1",
  };
  for (const [key, value] of Object.entries(misspelt)) {
    assertThrows(() => settings({ [key]: value }), ParameterError, `${key} is unknown: did you mean`);
  }
  settings({ limit: "1", timeout: "1", memory: "1", integer: "1", nets: "1" });
});

test("a task may have destinations, for dials", () => {
  const { permissions } = settings({ isolation: "task:echo", net: "10.0.0.1:80" });
  assertEquals(permissions, { ...NO_PERMISSIONS, net: ["10.0.0.1:80"] });
});

test("a module may read itself, and nothing beside it", () => {
  const { read, import: hosts } = withModule(NO_PERMISSIONS, { module: MODULE, pinned: false });
  assertEquals([read, hosts], [["/srv/pmmux/echo.ts"], []]);
});

test("a remote module may be fetched from its host", () => {
  const hosts = (module: string) => withModule(NO_PERMISSIONS, { module, pinned: false }).import;
  assertEquals(hosts("https://example.com/echo.ts"), ["example.com:443"]);
  assertEquals(hosts("http://127.0.0.1:8000/echo.ts"), ["127.0.0.1:8000"]);
  assertEquals(hosts("jsr:@scope/echo"), ["jsr.io:443"]);
  assertEquals(hosts("npm:echo"), ["npm:"]);
});

test("a pinned module is handed over, and needs nothing", () => {
  assertEquals(withModule(NO_PERMISSIONS, { module: MODULE, pinned: true }), NO_PERMISSIONS);
});

test("flags permit what is granted and nothing else", () => {
  assertEquals(guestFlags(NO_PERMISSIONS), ["--no-remote", "--no-npm"]);
  const permissions = { ...NO_PERMISSIONS, net: ["127.0.0.1:80", "[::1]"], env: ["*"], import: ["esm.sh"] };
  assertEquals(guestFlags(permissions), [
    "--allow-net=127.0.0.1:80,[::1]",
    "--allow-env",
    "--allow-import=esm.sh",
    "--no-npm",
  ]);
  assertEquals(guestFlags({ ...NO_PERMISSIONS, import: ["npm:"] }), ["--no-remote"]);
  const comma = withModule(NO_PERMISSIONS, { module: "file:///srv/a,b.ts", pinned: false });
  assertThrows(() => guestFlags(comma), Error, 'Cannot permit read of "/srv/a,b.ts"');
});

test("a Worker gets the same permissions", () => {
  const permissions = { ...NO_PERMISSIONS, net: ["127.0.0.1:80"], read: ["*"], import: ["npm:"] };
  assertEquals(workerPermissions(permissions), {
    net: ["127.0.0.1:80"],
    read: true,
    write: false,
    env: false,
    sys: false,
    import: false,
    run: false,
    ffi: false,
  });
});

test("a module sees its own parameters only", () => {
  const spec = {
    name: "echo",
    protocol: "./echo.ts",
    parameters: { net: "*", isolation: "worker", prefix: "hi", "remote-ip": "10.0.0.0/8" },
  };
  assertEquals(moduleSpec(spec).parameters, { prefix: "hi", "remote-ip": "10.0.0.0/8" });
});
