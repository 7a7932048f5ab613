import { assertEquals, assertStringIncludes } from "@std/assert";
import { commands } from "../../lib/cli/commands.ts";
import { ConfigError } from "../../lib/config/errors.ts";
import manifest from "../../deno.json" with { type: "json" };
import { pmmux } from "./fake_host.ts";

for (const args of [["version"], ["--version"], ["check", "--version"]]) {
  Deno.test({
    name: `CLI-60 the version is shown: ${args.join(" ")}`,
    permissions: "none",
    fn: async () => {
      assertEquals(await pmmux(args), { status: 0, out: `pmmux ${manifest.version}`, err: "" });
    },
  });
}

for (const args of [["--help"], ["-h"], ["-?"], ["help"], ["-q", "0", "--help"]]) {
  Deno.test({
    name: `CLI-21 help is shown: ${args.join(" ")}`,
    permissions: "none",
    fn: async () => {
      const { status, out, err } = await pmmux(args);
      assertEquals([status, err], [0, ""]);
      assertStringIncludes(out, "pmmux [command] [options]");
    },
  });
}

Deno.test({
  name: "CLI-21 every command has help of its own",
  permissions: "none",
  fn: async () => {
    for (const { name, summary } of commands) {
      for (const args of [[name, "--help"], ["help", name]]) {
        const { status, out } = await pmmux(args);
        assertEquals([status, out.split("\n")[0]], [0, `pmmux ${name}: ${summary}`]);
      }
    }
  },
});

for (
  const [rule, args, err] of [
    [
      "an unknown command is told the right one",
      ["chek"],
      'pmmux: "chek" is no command; did you mean "check"?',
    ],
    [
      "help knows commands and options",
      ["help", "chek"],
      'pmmux: "chek" is no command and no option; did you mean "check"?',
    ],
    [
      "help knows commands and options",
      ["help", "queue-lenght"],
      'pmmux: "queue-lenght" is no command and no option; did you mean "queue-length"?',
    ],
    [
      "a command without operands takes none",
      ["version", "x"],
      'pmmux: 1 error\n  command line: found "x", which this command does not take',
    ],
    [
      "a command without configuration takes no options of it",
      ["schema", "-q", "1"],
      "pmmux: 1 error\n  command line: -q: does not go with this command",
    ],
    [
      "a command that reads no file takes none",
      ["demo", "-c", "pmmux.toml"],
      "pmmux: 1 error\n  command line: -c: does not go with this command",
    ],
    [
      "a file that is named and missing is told by commands that look only for extensions in it",
      ["schema", "-c", "missing.toml"],
      "pmmux: 1 error\n  missing.toml: cannot read the configuration file: there is no such file",
    ],
    [
      "CLI-55 what the original can install is copied here",
      ["install"],
      'pmmux: "install" is no command; copy docs/pmmux.service to /etc/systemd/system, and enable it with systemctl',
    ],
    ["a shell is needed", ["completions"], "pmmux: name one shell: pmmux completions bash|zsh|fish"],
    [
      "the shell is known",
      ["completions", "bsh"],
      'pmmux: 1 error\n  command line: "bsh" is unknown; did you mean "bash"?',
    ],
    [
      "one shell is enough",
      ["completions", "bash", "zsh"],
      "pmmux: name one shell: pmmux completions bash|zsh|fish",
    ],
    [
      "the command comes first",
      ["-q", "1", "check"],
      "pmmux: the command comes first, its options behind it: pmmux check …",
    ],
    [
      "what belongs to no option is no command either",
      ["-q", "1", "chek"],
      'pmmux: 1 error\n  command line: found "chek", which belongs to no option; ' +
      "every value needs its option's name before it, as in -b one -b two",
    ],
    [
      "running needs a right configuration",
      ["-q", "0"],
      'pmmux: 1 error\n  command line: --queue-length: "0" is not a whole number from 1 to 65535 (connections)',
    ],
  ] as const
) {
  Deno.test({
    name: `CLI-33 ${rule}: ${args.join(" ")}`,
    permissions: "none",
    fn: async () => assertEquals(await pmmux(args), { status: 2, out: "", err }),
  });
}

Deno.test({
  name: "CLI-01 the file pmmux.toml is read if it is there",
  permissions: "none",
  fn: async () => {
    const files = { "pmmux.toml": "[pmmux]\nqueue-length = 7" };
    assertStringIncludes(
      (await pmmux(["check"], { files })).out,
      "queue-length: 7  # pmmux.toml: queue-length",
    );
    assertStringIncludes((await pmmux(["check"])).out, "queue-length: 100  # default");
  },
});

Deno.test({
  name: "CLI-01 CLI-46 CLI-47 a named file is read wherever it is",
  permissions: "none",
  fn: async () => {
    for (const path of ["/etc/pmmux/a.yaml", "../a.yml", ".hidden.json", "a.TOML"]) {
      const text = /ya?ml$/.test(path)
        ? "pmmux: {q: 7}"
        : path.endsWith("json")
        ? '{"pmmux":{"q":7}}'
        : "[pmmux]\nq=7";
      for (const args of [["-c", path], [`--config-file=${path}`]]) {
        const { out } = await pmmux(["check", ...args], { files: { [path]: text } });
        assertStringIncludes(out, `queue-length: 7  # ${path}: q`);
      }
    }
  },
});

for (
  const [problem, error] of [
    ["there is no such file", new Deno.errors.NotFound()],
    ["it is a directory", new Deno.errors.IsADirectory()],
    ["the operating system does not permit it", new Deno.errors.PermissionDenied()],
    ["pmmux was started without permission to read it", new Deno.errors.NotCapable()],
    ["something else", new Error("something else")],
  ] as const
) {
  Deno.test({
    name: `CLI-47 W-CFG-7 a named file that cannot be read is a fault beside all others: ${problem}`,
    permissions: "none",
    fn: async () => {
      assertEquals(await pmmux(["check", "-c", "x.toml", "-q", "0"], { files: { "x.toml": error } }), {
        status: 2,
        out: "",
        err: `pmmux: 2 errors\n  x.toml: cannot read the configuration file: ${problem}\n` +
          '  command line: --queue-length: "0" is not a whole number from 1 to 65535 (connections)',
      });
    },
  });
}

Deno.test({
  name: "CLI-01 the default file may be out of reach, but not broken",
  permissions: "none",
  fn: async () => {
    const at = (error: Error) => pmmux(["check"], { files: { "pmmux.toml": error } });
    assertEquals((await at(new Deno.errors.NotCapable())).status, 0);
    assertEquals((await at(new Deno.errors.PermissionDenied())).status, 2);
  },
});

Deno.test({
  name: "W-CFG-15 check shows what is worth knowing apart from the configuration",
  permissions: "none",
  fn: async () => {
    const { status, out, err } = await pmmux(["check", "-x", "Pmmux.Extensions.BitTorrent.dll"]);
    assertEquals(status, 0);
    assertEquals(out.startsWith("pmmux:\n"), true);
    assertEquals(
      err,
      "note: command line: extensions[0]: Pmmux.Extensions.BitTorrent.dll is not needed: " +
        "BitTorrent detection is built in",
    );
  },
});

Deno.test({
  name: "check also asks the backend modules, about all that could be read",
  permissions: "none",
  fn: async () => {
    const asked: string[] = [];
    const validateBackends = (config: { backends: readonly { name: string }[] }) => {
      asked.push(...config.backends.map(({ name }) => name));
      return Promise.resolve([new ConfigError("target.port is missing", { source: "backend web" })]);
    };
    assertEquals(await pmmux(["check", "-b", "web:pass"], { validateBackends }), {
      status: 2,
      out: "",
      err: "pmmux: 1 error\n  backend web: target.port is missing",
    });
    assertEquals(await pmmux(["check", "-b", "db:pass", "-b", "bad", "-q", "0"], { validateBackends }), {
      status: 2,
      out: "",
      err:
        'pmmux: 3 errors\n  command line: backends[1]: cannot read the backend spec: backend "bad" has no ' +
        'protocol; write name:protocol or name:protocol:key=value,…, and a value with ":", "," or "=" in ' +
        'double quotes\n  command line: --queue-length: "0" is not a whole number from 1 to 65535 ' +
        "(connections)\n  backend web: target.port is missing",
    });
    assertEquals(asked, ["web", "db"]);
  },
});

Deno.test({
  name: "check --json is JSON for good and for bad",
  permissions: "none",
  fn: async () => {
    const good = await pmmux(["check", "--json", "-b", "a:noop:password=x", "-q", "7"]);
    const { valid, pmmux: shown, sources, notices } = JSON.parse(good.out);
    assertEquals([good.status, valid, notices], [0, true, []]);
    assertEquals([shown.backends, shown["queue-length"], shown.watch], [["a:noop:password=***"], 7, false]);
    assertEquals([sources.backends, sources["queue-length"], sources.watch], [
      ["command line: backends[0]"],
      "command line: --queue-length",
      "default",
    ]);
    const missing = await pmmux(["check", "--json", "-x", "./nope.ts?token=abc"]);
    assertEquals([missing.status, missing.err], [2, ""]);
    const [{ message }] = JSON.parse(missing.out).errors;
    assertEquals(message.slice(0, 45), 'cannot load extension "./nope.ts?token=***": ');
    const bad = await pmmux(["check", "-q", "0", "--json"]);
    assertEquals([bad.status, bad.err], [2, ""]);
    assertEquals(JSON.parse(bad.out), {
      valid: false,
      errors: [{
        source: "command line: --queue-length",
        message: '"0" is not a whole number from 1 to 65535 (connections)',
      }],
    });
  },
});

Deno.test({
  name: "CLI-33 a failure while running is told in a line, with its own status",
  permissions: "none",
  fn: async () => {
    const validateBackends = () => Promise.reject(new Error("out of order"));
    assertEquals(await pmmux(["check"], { validateBackends }), {
      status: 1,
      out: "",
      err: "pmmux: out of order",
    });
  },
});

Deno.test({
  name: "the schema command prints the schema that is shipped",
  permissions: "none",
  fn: async () => {
    const { default: shipped } = await import("../../lib/config/pmmux.schema.json", {
      with: { type: "json" },
    });
    assertEquals(JSON.parse((await pmmux(["schema"])).out), shipped);
  },
});
