import { assertEquals, assertMatch } from "@std/assert";
import { requireProgram } from "../support/find_program.ts";
import { type PmmuxResult, runPmmux, spawnPmmux } from "./pmmux.ts";
import { TempDirectory } from "./services/temp_directory.ts";

const BACKEND = "web:pass:target.ip=127.0.0.1,target.port=3000";
const ANY_PORT = "!:?:tcp:bind-address=127.0.0.1";
/** An address of the documentation network (RFC 5737): no host has it. */
const NOT_LOCAL = "192.0.2.1";

/** A start that has to fail. */
interface Failure {
  readonly args: readonly string[];
  /** What the user has to be told. */
  readonly says: RegExp;
}

/** Whatever went wrong, the user sees a few lines about it and nothing of the program's insides. */
function assertFails({ code, stdout, stderr }: PmmuxResult, status: number, says: RegExp): void {
  assertMatch(stderr, says);
  assertEquals([code, stdout], [status, ""], stderr);
  assertEquals(stderr.match(/\bat .*file:|Uncaught|error:/g), null, stderr);
  assertEquals(stderr.trimEnd().split("\n").length <= 2, true, stderr);
}

function specFailure(spec: string, says: RegExp): Failure {
  return { args: ["-b", spec, "-p", ANY_PORT], says };
}

function bindingFailure(spec: string, says: RegExp): Failure {
  return { args: ["-b", BACKEND, "-p", spec], says };
}

function checkFailure(spec: string, says: RegExp): Failure {
  return { args: ["-b", BACKEND, "-p", ANY_PORT, "-z", spec], says };
}

const badInput: Readonly<Record<string, Failure>> = {
  "a backend without a protocol": specFailure("web", /backends\[0\].*"web" has no protocol/),
  "a backend without a target": specFailure("web:pass:target.port=1", /"web".*target\.ip is missing/),
  "a target that is no address": specFailure(
    "web:pass:target.ip=300.1.1.1,target.port=1",
    /"web".*"300\.1\.1\.1"/,
  ),
  "a target port out of range": specFailure(
    "web:pass:target.ip=127.0.0.1,target.port=65536",
    /"web".*"65536".*1 to 65535/,
  ),
  "a quote that nothing closes": specFailure('web:pass:target.ip="x', /character 20: .*quote that nothing/),
  "a second equals sign": specFailure("web:pass:a=b=c", /character 13: .*second "="/),
  "an unknown backend protocol": specFailure("web:pas:target.port=1", /"web".*"pas".*did you mean "pass"/),
  "an unknown parameter": specFailure(
    "web:pass:target.ip=127.0.0.1,target.prt=1",
    /"web".*"target\.prt".*did you mean "target\.port"/,
  ),
  "a network that is none": specFailure(`${BACKEND},remote-ip=10.0.0.0/99`, /"web".*"10\.0\.0\.0\/99"/),
  "a protocol that cannot be detected": specFailure(`${BACKEND},detect=shh`, /"web".*"shh".*known are .*ssh/),
  "a pattern that is none": specFailure(`${BACKEND},sni=[`, /"web".*sni.*"\["/),
  "a binding with one port": bindingFailure("80", /port-bindings\[0\].*two ports/),
  "a binding with a port out of range": bindingFailure("!:65536", /"65536".*1 to 65535/),
  "a binding of an unknown transport": bindingFailure("!:80:sctp", /"sctp"/),
  "a binding to what is no address": bindingFailure("!:80:tcp:bind-address=999.1.1.1", /"999\.1\.1\.1"/),
  "an unknown binding parameter": bindingFailure(
    "!:80:tcp:bind-adress=127.0.0.1",
    /did you mean "bind-address"/,
  ),
  "two bindings of one port": {
    args: ["-b", BACKEND, "-p", "!:9:tcp", "-p", "!:9:tcp"],
    says: /port-bindings\[1\].*port 9/,
  },
  "an interval that is no number": checkFailure("pass:web:interval=often", /interval.*"often"/),
  "an interval of nothing": checkFailure("interval=0", /interval.*"0".*from 1/),
  "an unknown option": { args: ["--bakend", BACKEND], says: /--bakend/ },
  "an unknown strategy": { args: ["-r", "fastest"], says: /"fastest".*first-available/ },
  "a number out of range": { args: ["-q", "0"], says: /queue-length.*"0".*1 to/ },
  "an unknown command": { args: ["rum"], says: /"rum".*did you mean "run"/ },
  "a configuration file that is not there": {
    args: ["-c", "missing.toml"],
    says: /missing\.toml.*no such file/,
  },
  "a configuration file that is a directory": { args: ["-c", "/"], says: /directory/ },
};

for (const [what, { args, says }] of Object.entries(badInput)) {
  Deno.test(`starting with ${what} ends with status 2 and says what is wrong`, async () => {
    using directory = new TempDirectory();
    assertFails(await runPmmux(args, { cwd: directory.path }), 2, says);
  });
}

const malformed: Readonly<Record<string, { readonly text: string; readonly says: RegExp }>> = {
  "pmmux.toml": { text: "a = 1\n[pmmux\nx = 2\n", says: /pmmux\.toml.*line 2, column \d+/ },
  "pmmux.yaml": { text: "pmmux:\n  backends: [a\n  b: 1\n", says: /pmmux\.yaml.*line 3, column \d+/ },
  "pmmux.json": { text: '{\n  "pmmux": {\n    "backends": [,]\n', says: /pmmux\.json.*line 3, column 18/ },
};

for (const [name, { text, says }] of Object.entries(malformed)) {
  Deno.test(`a malformed ${name} is named with line and column`, async () => {
    using directory = new TempDirectory();
    directory.write(name, text);
    assertFails(await runPmmux(["-c", name], { cwd: directory.path }), 2, says);
  });
}

Deno.test("a port that another program has taken ends the start with status 1, whatever it was wanted for", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const message = new RegExp(`127\\.0\\.0\\.1:${port}: the port is taken`);
  const listening = await runPmmux(["-b", BACKEND, "-p", `!:${port}:tcp:bind-address=127.0.0.1`]);
  assertFails(listening, 1, message);
  const metrics = await runPmmux(["-b", BACKEND, "-p", ANY_PORT, "--metrics-port", String(port)]);
  assertFails(metrics, 1, message);
});

Deno.test("an address that this host does not have ends the start with status 1, TCP and UDP", async () => {
  for (const transport of ["tcp", "udp"]) {
    const result = await runPmmux(["-b", BACKEND, "-p", `!:9:${transport}:bind-address=${NOT_LOCAL}`]);
    assertFails(result, 1, new RegExp(`${transport} ${NOT_LOCAL}:9: this host has no such address`));
  }
});

/** Starts a program as root without some capabilities (capabilities(7)). */
function without(...capabilities: string[]): string[] {
  const list = capabilities.map((name) => `-${name}`).join(",");
  return ["setpriv", `--bounding-set=${list}`, `--inh-caps=${list}`];
}

Deno.test({
  name: "a port that the system does not permit ends the start with status 1",
  ...requireProgram("setpriv", "unshare"),
  async fn() {
    // A new network namespace has the default of what ports are privileged.
    const through = ["unshare", "--net", ...without("net_bind_service")];
    const result = await runPmmux(["-b", BACKEND, "-p", "!:80:tcp"], { through });
    assertFails(result, 1, /0\.0\.0\.0:80: the system does not permit it/);
  },
});

Deno.test({
  name: "a configuration file that may not be read ends the start with status 2",
  ...requireProgram("setpriv"),
  async fn() {
    using directory = new TempDirectory();
    const path = directory.write("secret.toml", "[pmmux]\n");
    Deno.chmodSync(path, 0);
    const through = without("dac_override", "dac_read_search");
    assertFails(await runPmmux(["-c", path], { through }), 2, /secret\.toml.*does not permit/);
  },
});

Deno.test("a log directory that cannot be made ends the start with status 1", async () => {
  const result = await runPmmux(["-b", BACKEND, "-p", ANY_PORT, "-d", "/proc/logs"]);
  assertFails(result, 1, /"\/proc\/logs"/);
});

Deno.test("a second signal ends a pmmux whose module never gets ready, with and without supervisor", async () => {
  const module = new URL("../fixtures/guests/stuck.ts", import.meta.url).pathname;
  const end = async (...options: string[]) => {
    const args = ["-b", `stuck:${module}:isolation=none`, "--drain-timeout", "600000", ...options];
    const pmmux = spawnPmmux(args);
    await pmmux.waitForLog({ category: "backend", backend: "stuck" });
    const stopped = pmmux.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    pmmux.kill("SIGTERM");
    const killer = setTimeout(() => pmmux.kill("SIGKILL"), 15_000);
    await stopped;
    clearTimeout(killer);
    return (await pmmux.status).signal;
  };
  assertEquals(await Promise.all([end(), end("--no-supervisor")]), [null, null]);
});
