/**
 * A real server with the directory of its files.
 *
 * @module
 */

import { type RunningProgram, type StartOptions, startProgram } from "../../support/program.ts";
import { TempDirectory } from "./temp_directory.ts";

/** What has to be known to start a server. */
export interface ServiceOptions extends StartOptions {
  /** Its TCP port of 127.0.0.1, on which it is up when it accepts, unless `ready` says otherwise. */
  readonly port: number;
}

/** A server that runs until it is disposed. */
export interface Service extends AsyncDisposable {
  /** The TCP port of 127.0.0.1 that it listens on. */
  readonly port: number;
  /** Its process. */
  readonly program: RunningProgram;
  /** Where its files are. */
  readonly directory: TempDirectory;
}

/** Starts a server. `prepare` writes its files and answers how it is started. */
export async function startService(
  name: string,
  prepare: (directory: TempDirectory) => ServiceOptions | Promise<ServiceOptions>,
): Promise<Service> {
  const directory = new TempDirectory();
  try {
    const options = await prepare(directory);
    const { port, ...others } = options;
    const program = await startProgram(name, options.ready === undefined ? options : others);
    return {
      port,
      program,
      directory,
      async [Symbol.asyncDispose]() {
        using _directory = directory;
        await program[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    directory[Symbol.dispose]();
    throw error;
  }
}
