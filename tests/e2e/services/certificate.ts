/**
 * Certificates that nobody else believes in.
 *
 * @module
 */

import { runProgram } from "../../support/program.ts";
import type { TempDirectory } from "./temp_directory.ts";

/** Where a certificate and its key are, as PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a self-signed certificate for a host name. Needs `openssl`. */
export async function makeCertificate(name: string, directory: TempDirectory): Promise<CertificateFiles> {
  const files = { certificate: directory.file(`${name}.crt`), key: directory.file(`${name}.key`) };
  await runProgram("openssl", {
    args: [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
    ]
      .concat("-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`)
      .concat("-keyout", files.key, "-out", files.certificate),
  });
  return files;
}
