import { assert, assertEquals } from "@std/assert";

/** What `deno doc --json` says of an export or a method, as far as it matters here. */
interface Documented {
  readonly name: string;
  readonly kind: string;
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly { readonly kind: string }[] };
  readonly def?: { readonly methods?: readonly Documented[] };
}

/** Every export of the library. */
async function exported(): Promise<Documented[]> {
  const { stdout, success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "mod.ts"],
    cwd: new URL("../", import.meta.url),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  const [module] = Object.values(nodes) as { symbols: { name: string; declarations: Documented[] }[] }[];
  return module!.symbols.flatMap(({ name, declarations }) => declarations.map((it) => ({ ...it, name })));
}

function namesWithoutExample(documented: readonly Documented[]): string[] {
  const hasExample = ({ jsDoc }: Documented) => jsDoc?.tags?.some(({ kind }) => kind === "example");
  return documented.filter((it) => !hasExample(it)).map(({ name }) => name);
}

Deno.test("every export of the library is described, with an example", async () => {
  const all = await exported();
  assert(all.length > 90, `found ${all.length} exports`);
  assertEquals(all.filter(({ jsDoc }) => !jsDoc?.doc).map(({ name }) => name), []);
  assertEquals(namesWithoutExample(all), []);
});

Deno.test("every method of the multiplexer has an example, but what await using calls", async () => {
  const multiplexer = (await exported()).find(({ name }) => name === "Multiplexer");
  const methods = multiplexer?.def?.methods?.filter(({ kind }) => kind === "method") ?? [];
  assert(methods.length > 10, `found ${methods.length} methods`);
  assertEquals(namesWithoutExample(methods), ["[Symbol.asyncDispose]"]);
});
