import { assertEquals, assertThrows } from "@std/assert";
import { parseBindingSpec } from "../../lib/config/binding_spec.ts";
import { ConfigError } from "../../lib/config/errors.ts";
import type { BindingSpec } from "../../lib/config/types.ts";

const TCP: BindingSpec = {
  index: 7,
  networkProtocol: "tcp",
  localPort: 8080,
  bindAddress: "0.0.0.0",
  listen: true,
  parameters: {},
};
const UDP: BindingSpec = { ...TCP, networkProtocol: "udp" };

const accepted: readonly (readonly [rule: string, spec: string, bindings: readonly BindingSpec[]])[] = [
  ["CFG-40 a binding has two ports", "80:8080:tcp", [{ ...TCP, publicPort: 80 }]],
  ["CFG-41 an exclamation mark maps nothing", "!:8080:tcp", [TCP]],
  ["CFG-41 a question mark is any port", "?:?:udp", [{ ...UDP, publicPort: "auto", localPort: "auto" }]],
  ["CFG-41 public port 0 is any port", "0:8080:tcp", [{ ...TCP, publicPort: "auto" }]],
  ["CFG-42 the protocol may have any case", "!:8080:UDP", [UDP]],
  ["CFG-42 the protocol may be a number", "!:8080:1", [UDP]],
  ["CFG-43 without a protocol there are two bindings of one index", "!:8080", [TCP, UDP]],
  ["CFG-43 an empty protocol is none", "!:8080::listen=true", [TCP, UDP]],
  ["CFG-44 parameters may follow the local port", "!:8080:listen=FALSE", [
    { ...TCP, listen: false },
    { ...UDP, listen: false },
  ]],
  ["CFG-44 the address may be IPv6", '!:8080:tcp:bind-address="0:0::0"', [{ ...TCP, bindAddress: "::" }]],
  ["CFG-44 the address may be IPv4", "!:8080:tcp:bind-address=127.0.0.1", [
    { ...TCP, bindAddress: "127.0.0.1" },
  ]],
  ["CFG-46 bindings carry the index of their spec", "!:8080:tcp", [TCP]],
  ["CFG-47 a mapping needs no listener", "80:8080:tcp:listen=false", [
    { ...TCP, publicPort: 80, listen: false },
  ]],
  [
    "a PROXY header may be required from some networks",
    '!:8080:tcp:proxy-protocol=require,proxy-protocol-from="10.0.0.0/8; ::1"',
    [{ ...TCP, parameters: { "proxy-protocol": "require", "proxy-protocol-from": "10.0.0.0/8; ::1" } }],
  ],
];

for (const [rule, spec, bindings] of accepted) {
  Deno.test({
    name: `${rule}: ${spec}`,
    permissions: "none",
    fn: () => assertEquals(parseBindingSpec(spec, 7), bindings),
  });
}

const refused: readonly (readonly [rule: string, spec: string, problem: RegExp])[] = [
  ["CFG-40 one port is too few", "80", /needs two ports, as in !:80, which maps none/],
  ["CFG-40 parameters are no port", "80:listen=true", /needs two ports/],
  ["CFG-40 a binding is not empty", "", /it is empty/],
  ["CFG-41 a word is no port", "http:8080", /public port "http" is not a port from 1 to 65535, "\?" for any/],
  ["CFG-41 a port has a largest number", "!:65536", /local port "65536" is not a port from 1 to 65535/],
  ["CFG-41 a port is not negative", "-1:80", /public port "-1"/],
  ["CFG-41 local port 0 is no port", "!:0", /local port "0".* or "\?" for any/],
  ["CFG-41 the local port cannot be missing", "80:!", /local port "!"/],
  ["CFG-42 a misspelt protocol is refused", "!:80:tpc", /protocol "tpc" is unknown: did you mean "tcp"\?/],
  ["CFG-42 a list of protocols is refused", "!:80:tcp,udp", /protocol "tcp,udp" is unknown/],
  ["CFG-44 an address is literal", "!:80:bind-address=localhost", /bind-address "localhost" is not an IP/],
  ["CFG-44 listen is true or false", "!:80:listen=yes", /listen is "yes", not true or false/],
  [
    "CFG-44 an unknown parameter is refused",
    "!:80:bind-addres=1.2.3.4",
    /parameter "bind-addres" is unknown: did you mean "bind-address"\?/,
  ],
  ["CFG-45 a second word is refused", "!:80:tcp:x", /found "x" after the protocol/],
  ["CFG-45 nothing follows the parameters", "!:80:tcp:listen=true:x", /something follows the parameters/],
  ["an IPv6 address needs quotes", "!:80:tcp:bind-address=::", /":" in double quotes/],
  ["proxy-protocol is accept or require", "!:80:proxy-protocol=on", /"on", not accept or require/],
  [
    "networks are networks",
    "!:80:proxy-protocol=accept,proxy-protocol-from=10.0.0.0/33",
    /has "10.0.0.0\/33", not an address or network/,
  ],
  [
    "an address with a zone is no network",
    '!:80:proxy-protocol=accept,proxy-protocol-from="fe80::1%eth0"',
    /has "fe80::1%eth0", not an address or network/,
  ],
  [
    "trusted networks need the protocol they are trusted with",
    "!:80:proxy-protocol-from=10.0.0.0/8",
    /proxy-protocol is not given/,
  ],
];

for (const [rule, spec, problem] of refused) {
  Deno.test({
    name: `${rule}: ${JSON.stringify(spec)} is refused`,
    permissions: "none",
    fn: () => {
      const { message } = assertThrows(() => parseBindingSpec(spec, 0), ConfigError);
      assertEquals(problem.test(message), true, message);
    },
  });
}

Deno.test({
  name: "everything that is wrong with a binding is told at once",
  permissions: "none",
  fn: () => {
    const { message } = assertThrows(() => parseBindingSpec("x:y:z:listen=a,b=c", 0), ConfigError);
    for (const part of ['"x"', '"y"', '"z"', '"a"', '"b"']) {
      assertEquals(message.includes(part), true, message);
    }
  },
});
