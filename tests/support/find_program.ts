/**
 * The programs that end-to-end tests run, as Debian installs them.
 *
 * @module
 */

const POSTGRESQL_ROOT = "/usr/lib/postgresql";

/** What has been told: once is enough for all tests of a file. */
const told = new Set<string>();

/** Gives the path of a program, or undefined if it is not installed. */
export function findProgram(name: string): string | undefined {
  return directories().map((directory) => `${directory}/${name}`).find(isFile);
}

/**
 * For a test that needs programs: `Deno.test({ name: "…", ...requireProgram("nginx"), fn })`. Without one of
 * them the test is ignored, and what is missing is told; with `PMMUX_E2E_REQUIRE=1` it runs, and fails where it
 * starts the program.
 */
export function requireProgram(...names: string[]): { readonly ignore: boolean } {
  return requireAll(names.filter((name) => findProgram(name) === undefined));
}

/** The same for anything else that tests need; `missing` is what is not there. */
export function requireAll(missing: readonly string[]): { readonly ignore: boolean } {
  if (missing.length === 0 || Deno.env.get("PMMUX_E2E_REQUIRE") === "1") return { ignore: false };
  const note = `tests are ignored without ${missing.join(", ")}`;
  if (!told.has(note)) console.warn(note);
  told.add(note);
  return { ignore: true };
}

/** The search path, and where Debian puts servers that only root is supposed to start. */
function directories(): string[] {
  const path = (Deno.env.get("PATH") ?? "").split(":").filter((directory) => directory !== "");
  return [...path, "/usr/sbin", "/sbin", ...postgresqlDirectories()];
}

function postgresqlDirectories(): string[] {
  try {
    return [...Deno.readDirSync(POSTGRESQL_ROOT)].map(({ name }) => `${POSTGRESQL_ROOT}/${name}/bin`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
