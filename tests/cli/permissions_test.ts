import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { pmmux } from "./fake_host.ts";

const FILE = `
pmmux:
  backends:
    - web:pass:target.ip=10.0.0.5,target.port=80
    - 'echo:./echo.ts:net="10.0.0.7:7",env=HOME'
  port-bindings: ["!:443:tcp"]
  log-directory: "{{env:LOGS}}"
`;
/** The file of the guest's module. */
const ECHO = `${Deno.cwd()}/echo.ts`;
const surroundings = { files: { "a.yaml": FILE }, env: { LOGS: "/var/log/p" } };

Deno.test({
  name: "permissions: a table for the engine and each guest, with a reason for every line",
  permissions: "none",
  async fn(): Promise<void> {
    const { status, out } = await pmmux(["permissions", "-c", "a.yaml"], surroundings);
    const padded = (value: string) => value.padEnd(ECHO.length);
    assertEquals(status, 0);
    assertEquals(out.split("\n"), [
      "engine",
      "  net     0.0.0.0:443  port-bindings[0]: TCP listener",
      "  net     10.0.0.5:80  backend web: target",
      "  net     10.0.0.7:7   backend echo: net=",
      "  read    /var/log/p   log files",
      "  write   /var/log/p   log files",
      "",
      "guest echo (isolation=process)",
      `  net     ${padded("10.0.0.7:7")}  backend echo: net=`,
      `  read    ${ECHO}  backend echo: module`,
      `  env     ${padded("HOME")}  backend echo: env=`,
      "",
      "engine and guests meet on Unix sockets in a directory made for them alone",
    ]);
  },
});

Deno.test({
  name: "permissions: what runs in the engine with everything the engine has is named",
  permissions: "none",
  async fn(): Promise<void> {
    const { out } = await pmmux(["permissions", "-b", "a:./a.ts:isolation=none"]);
    assertStringIncludes(out, "backend a runs within the engine and has all of its permissions");
  },
});

Deno.test({
  name: "permissions: nothing configured needs nothing, and an IPv6 UDP listener any address",
  permissions: "none",
  async fn(): Promise<void> {
    assertEquals((await pmmux(["permissions"])).out, "engine\n  nothing");
    const { out } = await pmmux(["permissions", "-p", '!:53:udp:bind-address="::"']);
    assertStringIncludes(out, "net     anything           port-bindings[0]: answers to UDP clients");
  },
});

Deno.test({
  name: "permissions and version: secrets in the URLs of extensions are not shown",
  async fn(): Promise<void> {
    const url = new URL("../../docs/examples/blocklist.ts?token=hunter2", import.meta.url).href;
    const commands = [["permissions"], ["permissions", "--format", "json"], ["version"]];
    const results = await Promise.all(commands.map((command) => pmmux([...command, "-x", url])));
    const shown = results.map(({ out }) => out).join("\n");
    assertStringIncludes(shown, "blocklist.ts?token=***");
    assertEquals(shown.includes("hunter"), false, shown);
  },
});

Deno.test({
  name: "permissions --format flags: those of the engine, and what it takes to read the configuration",
  permissions: "none",
  async fn(): Promise<void> {
    const { out } = await pmmux(["permissions", "--format", "flags", "-c", "a.yaml"], surroundings);
    assertEquals(
      out,
      "--allow-net=0.0.0.0:443,10.0.0.5:80,10.0.0.7:7 --allow-read=/var/log/p --allow-write=/var/log/p " +
        "--allow-env=LOGS",
    );
  },
});

Deno.test({
  name: "permissions --format deno.json: a set for the engine and each backend, and a task",
  permissions: "none",
  async fn(): Promise<void> {
    const { out } = await pmmux(["permissions", "--format", "deno.json", "-c", "a.yaml"], surroundings);
    const { permissions, tasks } = JSON.parse(out);
    assertEquals(permissions, {
      engine: {
        net: ["0.0.0.0:443", "10.0.0.5:80", "10.0.0.7:7"],
        read: ["/var/log/p"],
        write: ["/var/log/p"],
      },
      "backend-web": { net: ["10.0.0.5:80"] },
      "backend-echo": { net: ["10.0.0.7:7"], read: [ECHO], env: ["HOME"] },
    });
    const start = "deno run --no-prompt --allow-read --allow-write --allow-env --allow-run ";
    assert(tasks.pmmux.command.startsWith(start));
    assert(tasks.pmmux.command.endsWith("/main.ts run -c a.yaml"));
    const flags = [
      "--allow-net=10.0.0.7:7,unix:$PMMUX_GUEST_SOCKET",
      `--allow-read=${ECHO},$PMMUX_GUEST_SOCKET`,
      "--allow-write=$PMMUX_GUEST_SOCKET",
      "--allow-env=HOME",
      "--no-remote",
      "--no-npm",
    ];
    assertStringIncludes(tasks["guest:echo"].command, ` ${flags.join(" ")} `);
  },
});

Deno.test({
  name: "permissions --format deno.json: a guest that its task starts may load its module, too",
  permissions: "none",
  async fn(): Promise<void> {
    const backend = 'echo:./echo.ts:net="10.0.0.7:7",isolation="task:guest:echo"';
    const { out } = await pmmux(["permissions", "--format", "deno.json", "-b", backend]);
    const { command } = JSON.parse(out).tasks["guest:echo"];
    assertStringIncludes(command, ` --allow-read=${ECHO},$PMMUX_GUEST_SOCKET `);
  },
});

Deno.test({
  name:
    "permissions --format deno.json: without guests the task needs no supervisor, and quotes what a shell would read",
  permissions: "none",
  async fn(): Promise<void> {
    const args = ["-b", 'a:pass:target.ip="::1",target.port=1', "-d", "/var/l $o`g", "-c", "a b.yaml"];
    const files = { "a b.yaml": 'pmmux:\n  gateway: "{{env:GW:-192.0.2.1}}"\n' };
    const { out } = await pmmux(["permissions", "--format", "deno.json", ...args], { files });
    const { command } = JSON.parse(out).tasks.pmmux;
    assertStringIncludes(command, ' "--allow-net=[::1]:1" ');
    assertStringIncludes(command, ' "--allow-read=/var/l \\$o\\`g,a b.yaml" ');
    assertStringIncludes(command, " --allow-env=GW ");
    assertStringIncludes(command, '/main.ts run --no-supervisor -c "a b.yaml"');
  },
});

Deno.test({
  name: "permissions --format json: every value once, with all its reasons",
  permissions: "none",
  async fn(): Promise<void> {
    const args = ["-p", "!:53:tcp", "-p", "!:54:tcp", "-b", 'a:pass:target.ip="0.0.0.0",target.port=53'];
    const { out } = await pmmux(["permissions", "--format", "json", ...args]);
    assertEquals(JSON.parse(out), {
      engine: [
        {
          kind: "net",
          value: "0.0.0.0:53",
          reasons: ["port-bindings[0]: TCP listener", "backend a: target"],
        },
        { kind: "net", value: "0.0.0.0:54", reasons: ["port-bindings[1]: TCP listener"] },
      ],
      guests: {},
      trusted: [],
    });
  },
});

Deno.test({
  name: "permissions: a format that is none, a wrong spec, a wrong configuration: status 2",
  permissions: "none",
  async fn(): Promise<void> {
    for (
      const [args, fault] of [
        [["--format", "jsn"], '--format: "jsn" is unknown: did you mean "json"?'],
        [["-b", "web:pass:target.port=1"], 'Cannot use backend "web": target.ip is missing'],
        [["-b", "web:pas"], 'Unknown backend protocol "pas"'],
        [["-q", "0"], '"0" is not a whole number'],
        [["--audit", "gone"], 'cannot read the record "gone"'],
      ] as const
    ) {
      const { status, err } = await pmmux(["permissions", ...args]);
      assertEquals(status, 2);
      assertStringIncludes(err, fault);
    }
  },
});

Deno.test({
  name: "permissions --audit: status 1 and a list if more was used than declared, else status 0",
  permissions: "none",
  async fn(): Promise<void> {
    const line = (permission: string, value: string | null) =>
      `${JSON.stringify({ v: 1, permission, value })}\n`;
    const before = line("read", "pmmux.toml") + line("env", null) + line("run", "/usr/bin/deno");
    const files = {
      ...surroundings.files,
      more: before + line("net", "0.0.0.0:443") + line("net", "192.0.2.1:1"),
      met: line("net", "unix:/tmp/pmmux-1f/echo.sock") + line("read", "/tmp/pmmux-1f/echo.sock"),
      strange: line("net", "unix:/tmp/pmmux-1f/other.sock"),
      same: before + line("net", "0.0.0.0:443"),
    };
    const more = await pmmux(["permissions", "--audit", "more", "-p", "!:443:tcp", "-d", "/l"], { files });
    assertEquals([more.status, more.out.split("\n")], [1, [
      "used, but not declared",
      "  net 192.0.2.1:1",
      "declared, but never used",
      "  read /l  log files",
      "  write /l  log files",
    ]]);
    const guest = ["-b", "echo:./echo.ts", "--audit"];
    const met = await pmmux(["permissions", ...guest, "met"], { files });
    assertEquals([met.status, met.out], [0, "everything declared was used, and nothing else"]);
    assertEquals((await pmmux(["permissions", ...guest, "strange"], { files })).status, 1);
    const same = await pmmux(["permissions", "--audit", "same", "-p", "!:443:tcp"], { files });
    assertEquals([same.status, same.out], [0, "everything declared was used, and nothing else"]);
  },
});
