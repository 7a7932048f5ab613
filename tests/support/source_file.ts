/**
 * What a TypeScript file imports and what it asks of Deno, read from its syntax tree, so that comments and
 * strings do not count.
 *
 * @module
 */

/** One file of the source tree. */
export interface SourceFile {
  /** Path from the root of the repository, with `/`. */
  readonly path: string;
  /** How many lines of code it has: neither empty nor of a comment. */
  readonly lines: number;
  /** What it imports, types included: paths like {@linkcode SourceFile.path}, or specifiers as written. */
  readonly imports: readonly string[];
  /** The members of `Deno` that it names; `*` where it names `Deno` as a whole. */
  readonly denoMembers: readonly string[];
}

/** An empty line, or one of a comment as they are written here. */
const NO_CODE = /^\s*(?:$|\/\/|\/\*|\*)/;

/** Reads the imports and `Deno` members out of a TypeScript text. */
export function readSource(path: string, text: string): SourceFile {
  const imports = new Set<string>();
  const denoMembers = new Set<string>();
  const add = (specifier: unknown): void => {
    if (typeof specifier === "string") imports.add(resolve(specifier, path));
  };
  Deno.lint.runPlugin(pluginOf({ onImport: add, onDeno: (member) => denoMembers.add(member) }), path, text);
  const lines = text.split("\n").filter((line) => !NO_CODE.test(line)).length;
  return { path, lines, imports: [...imports], denoMembers: [...denoMembers] };
}

/** Reads every `.ts` file below a directory that lies in the current one. */
export async function readSourceTree(directory: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) files.push(...await readSourceTree(path));
    else if (path.endsWith(".ts")) files.push(readSource(path, await Deno.readTextFile(path)));
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

interface Listeners {
  onImport(specifier: unknown): void;
  onDeno(member: string): void;
}

function pluginOf({ onImport, onDeno }: Listeners): Deno.lint.Plugin {
  const visitor: Deno.lint.LintVisitor = {
    ImportDeclaration: (node) => onImport(node.source.value),
    ExportNamedDeclaration: (node) => onImport(node.source?.value),
    ExportAllDeclaration: (node) => onImport(node.source.value),
    ImportExpression: (node) => onImport(node.source.type === "Literal" ? node.source.value : undefined),
    TSImportType: (node) => onImport(node.argument.type === "TSLiteralType" && literalOf(node.argument)),
    Identifier: (node) => node.name === "Deno" && onDeno(memberOf(node.parent)),
  };
  return { name: "source", rules: { facts: { create: () => visitor } } };
}

function literalOf(type: Deno.lint.TSLiteralType): unknown {
  return type.literal.type === "Literal" ? type.literal.value : undefined;
}

function memberOf(parent: Deno.lint.Node): string {
  if (parent.type === "TSQualifiedName") return parent.right.name;
  if (parent.type !== "MemberExpression" || parent.property.type !== "Identifier") return "*";
  return parent.property.name === "Deno" ? "*" : parent.property.name;
}

function resolve(specifier: string, importer: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return new URL(specifier, `file:///${importer}`).pathname.slice(1);
}
