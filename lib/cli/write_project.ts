/**
 * Writes the files of a project, all or none.
 *
 * @module
 */

/** The texts of files by their paths, relative to the project. */
export type ProjectFiles = Readonly<Record<string, string>>;

/** Writes the files, unless one of them is there already; answers those that are. */
export async function writeProject(root: string, files: ProjectFiles): Promise<string[]> {
  const names = Object.keys(files);
  const there = await Promise.all(names.map((name) => exists(`${root}/${name}`)));
  const taken = names.filter((_, index) => there[index]);
  if (taken.length > 0) return taken;
  for (const [name, text] of Object.entries(files)) {
    const path = `${root}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text, { createNew: true });
  }
  return [];
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
