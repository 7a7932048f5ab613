/**
 * A directory that goes when its test does.
 *
 * @module
 */

/** A directory for the files of one server. */
export class TempDirectory implements Disposable {
  /** Its path. */
  readonly path: string = Deno.makeTempDirSync({ prefix: "pmmux-e2e-" });

  /** The path of a file in it. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Writes a file that only its owner may read, and gives its path. */
  write(name: string, text: string): string {
    const path = this.file(name);
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** Removes it with everything in it. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
