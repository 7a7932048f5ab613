import { assertEquals, assertThrows } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { ConfigError } from "../../lib/config/errors.ts";

function accepts(rule: string, spec: string, expected: ReturnType<typeof parseBackendSpec>): void {
  Deno.test({
    name: `${rule}: ${spec}`,
    permissions: "none",
    fn: () => assertEquals(parseBackendSpec(spec), expected),
  });
}

function refuses(rule: string, spec: string, problem: RegExp): void {
  Deno.test({
    name: `${rule}: ${JSON.stringify(spec)} is refused`,
    permissions: "none",
    fn: () => {
      const { message } = assertThrows(() => parseBackendSpec(spec), ConfigError);
      assertEquals(problem.test(message), true, message);
    },
  });
}

accepts(
  "CFG-20 a backend is name, protocol and parameters",
  'web:pass:target.ip="::1",target.port=80',
  {
    name: "web",
    protocol: "pass",
    parameters: { "target.ip": "::1", "target.port": "80" },
  },
);
accepts("CFG-20 parameters may be left out", "drop:noop", { name: "drop", protocol: "noop", parameters: {} });
accepts("CFG-21 the name may be empty", ":noop", { name: "", protocol: "noop", parameters: {} });
accepts("CFG-22 parameter keys keep their case", "a:b:Key=1,key=2", {
  name: "a",
  protocol: "b",
  parameters: { Key: "1", key: "2" },
});
accepts("a parameter may be called like a property of objects", "a:b:__proto__=1,constructor=2", {
  name: "a",
  protocol: "b",
  parameters: Object.fromEntries([["__proto__", "1"], ["constructor", "2"]]),
});

refuses("CFG-20 a backend is not empty", "", /it is empty/);
refuses("CFG-20 a backend is not blank", "  ", /it is empty/);
refuses("CFG-20 a name alone is no backend", "web", /"web" has no protocol/);
refuses("CFG-20 a backend begins with its name", "a=1:pass", /begins with parameters/);
refuses("CFG-20 the protocol is no property list", "web:a=1", /"web" has no protocol/);
refuses("CFG-20 a third word is no parameters", "web:pass:target", /found "target" where the parameters/);
refuses("CFG-20 nothing follows the parameters", "web:pass:a=1:b", /found "b" after the parameters of "web"/);
refuses("CFG-20 there is one list of parameters", "web:pass:a=1:b=2", /second list of parameters/);
refuses("CFG-21 the protocol is not empty", "web::a=1", /"web" has no protocol/);
refuses(
  "CFG-14 a URL among the parameters needs quotes",
  "a:http-proxy:proxy.address=http://x",
  /in double quotes/,
);

for (
  const [spec, protocol] of [
    ["echo:./echo.ts:prefix=hi", "./echo.ts"],
    ['echo:"https://example.com/echo.ts?v=1":prefix=hi', "https://example.com/echo.ts?v=1"],
    ["echo:https://example.com/echo.ts:prefix=hi", "https://example.com/echo.ts"],
    ["echo:https://example.com:8443/echo.ts:prefix=hi", "https://example.com:8443/echo.ts"],
    ["echo:http://localhost:8000:prefix=hi", "http://localhost:8000"],
    ["echo:file:///opt/echo.ts:prefix=hi", "file:///opt/echo.ts"],
    ["echo:jsr:@scope/echo@^1/mod.ts:prefix=hi", "jsr:@scope/echo@^1/mod.ts"],
    ["echo:npm:echo@1:prefix=hi", "npm:echo@1"],
    ["echo:npm:@scope/echo:prefix=hi", "npm:@scope/echo"],
  ] as const
) {
  accepts("a module is named by its URL", spec, { name: "echo", protocol, parameters: { prefix: "hi" } });
}

accepts("a module's URL needs no parameters", "echo:jsr:@scope/echo", {
  name: "echo",
  protocol: "jsr:@scope/echo",
  parameters: {},
});
refuses(
  "a word after a URL is not part of it",
  "echo:https://x.com/a.ts:b",
  /found "b" where the parameters/,
);
refuses(
  "a port stands right after the host",
  "echo:https://x.com/a.ts:80:b=1",
  /found "80" where the parameters/,
);
refuses("a URL with an equals sign needs quotes", "echo:https://x.com/a.ts?b=1:c=2", /in double quotes/);
refuses("secrets in a wrong place are not shown", 'a:b:"password=hunter2"', /found "password=\*\*\*"/);
