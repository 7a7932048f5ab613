import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli";
import { parseArgs as fromSubPath } from "@std/cli/parse-args";

Deno.test({
  name: "parseArgs types each argument by how it was declared",
  permissions: "none",
  fn(): void {
    const args = parseArgs(["-c", "a.toml", "--port", "080", "-b", "x", "-b", "y", "--watch", "run"], {
      string: ["config", "port", "backend", "missing", "format"],
      boolean: ["watch", "quiet"],
      collect: ["backend"],
      alias: { config: "c", backend: ["b", "backends"] },
      default: { format: "text" },
    });
    const config: string | undefined = args.config;
    const port: string | undefined = args.port;
    const backends: string[] = args.backends;
    const format: string = args.format;
    const flags: boolean[] = [args.watch, args.quiet];
    assertEquals(
      { config, port, backends, format, flags, missing: args.missing, rest: args._ },
      {
        config: "a.toml",
        port: "080",
        backends: ["x", "y"],
        format: "text",
        flags: [true, false],
        missing: undefined,
        rest: ["run"],
      },
    );
    // @ts-expect-error a declared string is not a number
    const wrong: number | undefined = args.port;
    assertEquals(typeof wrong, "string");
  },
});

Deno.test({
  name: "parseArgs keeps what follows -- apart when asked to",
  permissions: "none",
  fn(): void {
    const args = parseArgs(["a", "--", "--b"], { "--": true });
    const rest: string[] = args["--"];
    assertEquals([args._, rest], [["a"], ["--b"]]);
  },
});

Deno.test({
  name: "parseArgs takes names that are known only at run time",
  permissions: "none",
  fn(): void {
    const names: string[] = ["one", "two"];
    const unknown: string[] = [];
    const args: Record<string, unknown> = fromSubPath(["--one", "1", "--three"], {
      string: names,
      boolean: ["flag"].filter((name) => name !== ""),
      unknown: (arg) => unknown.push(arg) < 0,
    });
    assertEquals([args.one, args.two, unknown], ["1", undefined, ["--three"]]);
  },
});
