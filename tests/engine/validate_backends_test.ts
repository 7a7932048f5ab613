import { assertEquals } from "@std/assert";
import { validateBackends } from "../../lib/engine/validate_backends.ts";
import { load } from "../config/load.ts";

async function faults(...args: string[]): Promise<string[]> {
  return (await validateBackends(load({ args }).config)).map(String);
}

Deno.test("every fault of every backend is told at once", async () => {
  const found = await faults(
    "-b",
    "a:pass:target.ip=1,target.port=1,detect=ssh,remote-ip=1.2.3,sni=[",
    "-b",
    "b:noop",
    "-b",
    "c:nop",
    "-b",
    "d:pass:target.path=/run/x,priority=first",
    "-b",
    "e:pass:target.ip=1,target.port=x,priority=first,proxy-protocol=v3",
  );
  assertEquals(found.map((fault) => fault.slice(0, 44)), [
    'Cannot use backend "a": remote-ip: "1.2.3" i',
    'Cannot use backend "a": sni: "[" is not a pa',
    'Cannot use backend "a": target.ip is "1", bu',
    'Cannot use backend "c": Unknown backend prot',
    'Cannot use backend "d": priority is "first",',
    'Cannot use backend "e": target.ip is "1", bu',
    'Cannot use backend "e": target.port is "x", ',
    'Cannot use backend "e": proxy-protocol is "v',
    'Cannot use backend "e": priority is "first",',
  ]);
});

Deno.test("no fault of a backend hides another", async () => {
  const found = await faults(
    "-b",
    "a:noop:foo=1,passive-window=0,passive-cooldown=x,priority=q",
    "-b",
    "b:pass:target.ip=127.0.0.1,target.port=1,proxy-protocol=v3,passive-failures=-1",
  );
  assertEquals(found.map((fault) => fault.slice(0, 46)), [
    'Cannot use backend "a": unknown parameter "foo',
    'Cannot use backend "a": passive-window must be',
    'Cannot use backend "a": passive-cooldown must ',
    'Cannot use backend "a": priority is "q", but m',
    'Cannot use backend "b": passive-failures must ',
    'Cannot use backend "b": proxy-protocol is "v3"',
  ]);
});

Deno.test("a fault is told with its place, and in terms of what is written there", async () => {
  const loaded = load({
    env: {
      IP: "10.0.0.1 or hunter2",
      NETS: "10.0.0.0/8;hunter3",
      KEY: 'tar"get',
      SPEC: "d:pass:target.ip=hunter4",
    },
    args: [
      "-b",
      "a:noop",
      "-b",
      'b:pass:target.ip={{env:IP}},target.port=1,remote-ip={{env:NETS}},sni="x{{env:KEY}}("',
      "-b",
      "{{env:SPEC}}",
      "-z",
      "pass:b:send={{env:KEY}},tls={{env:IP}}",
    ],
  });
  const found = (await validateBackends(loaded.config)).map((fault) => String(loaded.origins.locate(fault)));
  assertEquals(found.map((fault) => fault.slice(0, 110)), [
    'command line: backends[1]: Cannot use backend "b": remote-ip: "{{env:NETS}}" is not an IP address or a network',
    'command line: backends[1]: Cannot use backend "b": sni: "x{{env:KEY}}(" is not a pattern: error parsing regexp',
    'command line: backends[1]: Cannot use backend "b": target.ip is "{{env:IP}}", but must be an IP address; a nam',
    'command line: backends[2]: Cannot use backend "d": target.ip is "{{env:SPEC}}", but must be an IP address; a n',
    'command line: backends[2]: Cannot use backend "d": target.port is missing',
    'command line: health-checks[0]: Cannot use health check "pass:b": tls is "{{env:IP}}", but must be true or fal',
  ]);
  assertEquals(found.filter((fault) => fault.includes("hunter") || fault.includes('tar"get')), []);
});

Deno.test("the backend is named once, though its parameter or its guest be at fault", async () => {
  assertEquals(
    (await faults("-b", "x:noop:x=1"))[0]?.slice(0, 43),
    'Cannot use backend "x": unknown parameter "',
  );
  const [fault = ""] = await faults("-b", "a:./docs/examples/echo.ts:nonsense=1");
  assertEquals(fault.match(/Cannot use backend/g)?.length, 1);
  assertEquals(fault.includes('unknown parameter "nonsense"'), true);
});

Deno.test("each protocol that there is is named once", async () => {
  const [fault = ""] = await faults("-b", "a:pass:target.path=/run/x", "-b", "b:zzzzzzzz");
  assertEquals(fault.match(/\bnoop\b/g)?.length, 1);
});

Deno.test("what a parameter that is unknown was meant to be is not called missing", async () => {
  assertEquals(await faults("-b", "a:pass:target.ip=127.0.0.1,target.prt=1,tarket.port=2"), [
    'Cannot use backend "a": unknown parameter "target.prt", did you mean "target.port"?',
    'Cannot use backend "a": unknown parameter "tarket.port", did you mean "target.port"?',
  ]);
});

for (
  const [what, check, message] of [
    [
      "an unknown protocol",
      "pas:interval=1",
      '"pas:*": Unknown backend protocol "pas", did you mean "pass"?',
    ],
    [
      "a protocol of the original",
      "http-proxy",
      '"http-proxy:*": Unknown backend protocol "http-proxy", this',
    ],
    ["an unknown parameter", "pass:intervall=1", '"pass:*": unknown parameter "intervall", did you mean'],
  ] as const
) {
  Deno.test(`a health check of ${what} is told`, async () => {
    const [fault = "", ...more] = await faults("-b", "a:pass:target.path=/run/x", "-z", check);
    assertEquals([fault.slice(0, message.length + 24), more], [`Cannot use health check ${message}`, []]);
  });
}

Deno.test("a health check of a protocol that no backend has is right", async () => {
  assertEquals(await faults("-b", "a:noop", "-z", "pass:interval=1", "-z", "interval=1"), []);
});

Deno.test("a health check of a backend that cannot be checked is told, unless it is meant for others, too", async () => {
  assertEquals(await faults("-b", "a:noop", "-b", "b:noop", "-z", ":a:interval=1", "-z", "noop:interval=1"), [
    'Cannot use health check "*:a": noop cannot be checked',
  ]);
  assertEquals(await faults("-b", "a:pass:target.path=/run/x", "-z", "pass:a:interval=1"), []);
});
