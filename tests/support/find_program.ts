/**
 * The programs that end-to-end tests run, as Debian installs them.
 *
 * @module
 */

const POSTGRESQL_ROOT = "/usr/lib/postgresql";

/** Gives the path of a program, or undefined if it is not installed. */
export function findProgram(name: string): string | undefined {
  return directories().map((directory) => `${directory}/${name}`).find(isFile);
}

/**
 * For a test that needs programs: `Deno.test({ name: "…", ...requireProgram("nginx"), fn })`. Without one of
 * them the test is ignored; with `PMMUX_E2E_REQUIRE=1` it runs, and fails where it starts the program.
 */
export function requireProgram(...names: string[]): { readonly ignore: boolean } {
  const isRequired = Deno.env.get("PMMUX_E2E_REQUIRE") === "1";
  return { ignore: !isRequired && names.some((name) => findProgram(name) === undefined) };
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
