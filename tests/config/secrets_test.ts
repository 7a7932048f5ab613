import { assertEquals } from "@std/assert";
import { isSecretKey, maskSpec, maskUrls, maskValue } from "../../lib/config/secrets.ts";

Deno.test({
  name: "a key's name tells that its value is secret",
  permissions: "none",
  fn: () => {
    const secret = [
      "password",
      "db.passwd",
      "Secret-Access-Key",
      "access-key-id",
      "api-key",
      "api_key",
      "private_key",
      "pwd",
      "db.auth",
      "psk",
      "auth-token",
      "header[Authorization]",
    ];
    const open = ["target.ip", "key", "monkey", "path", "keyboard", "author", "authority", "oauthorized"];
    assertEquals(secret.filter((key) => !isSecretKey(key)), []);
    assertEquals(open.filter(isSecretKey), []);
  },
});

for (
  const [text, masked] of [
    ["https://me:pw@host/path", "https://***@host/path"],
    ["https://me@host", "https://***@host"],
    ["https://host/@scope/x", "https://host/@scope/x"],
    ["postgres://u:p@h,redis://x:y@z", "postgres://***@h,redis://***@z"],
    ["jsr:@scope/x", "jsr:@scope/x"],
    ["https://a:p@ss@host", "https://***@host"],
    ["https://host/x.ts?v=1&token=abc&y=2#z", "https://host/x.ts?v=1&token=***&y=2#z"],
    ['"./x.ts?my-api-key=abc" is', '"./x.ts?my-api-key=***" is'],
  ] as const
) {
  Deno.test({
    name: `what is secret in a URL is masked: ${text}`,
    permissions: "none",
    fn: () => assertEquals(maskUrls(text), masked),
  });
}

for (
  const [spec, masked] of [
    ["a:b:password=hunter2,x=1", "a:b:password=***,x=1"],
    ['a:b:password="hun,ter\\"2",x=1', "a:b:password=***,x=1"],
    ['a:b:password="hunter2', "a:b:password=***"],
    ["a:b:db.token = t : c", "a:b:db.token = ***: c"],
    ['a:b:"my secret"=x', 'a:b:"my secret"=***'],
    ["a:b:PASSWORD=p", "a:b:PASSWORD=***"],
    ["a:b:target.ip=1", "a:b:target.ip=1"],
  ] as const
) {
  Deno.test({
    name: `the secrets of a spec are masked: ${spec}`,
    permissions: "none",
    fn: () => assertEquals(maskSpec(spec).replaceAll(" ", ""), masked.replaceAll(" ", "")),
  });
}

Deno.test({
  name: "a secret value is masked whole, any other keeps all but user information",
  permissions: "none",
  fn: () => {
    assertEquals(maskValue("password", "x"), "***");
    assertEquals(maskValue("url", "http://u:p@h"), "http://***@h");
  },
});
