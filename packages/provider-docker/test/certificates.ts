import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An authority, with a certificate for 127.0.0.1 and one for a client, laid out as `docker` wants them. */
export interface Certificates {
  /** With `ca.pem`, `cert.pem` and `key.pem` of the client. */
  readonly folder: string;
  readonly server: { readonly ca: string; readonly cert: string; readonly key: string };
}

export function certificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "warmpool-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority");
  const issue = (name: string, key: string, cert: string, extension: string) => {
    writeFileSync(join(folder, "extension"), extension);
    openssl("req", ...newKey, "-keyout", key, "-out", "request", "-subj", `/CN=${name}`);
    openssl(
      ..."x509 -req -in request -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile extension -out".split(
        " ",
      ),
      cert,
    );
  };
  issue("engine", "server-key.pem", "server-cert.pem", "subjectAltName=IP:127.0.0.1");
  issue("client", "key.pem", "cert.pem", "extendedKeyUsage=clientAuth");
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return { folder, server: { ca: read("ca.pem"), cert: read("server-cert.pem"), key: read("server-key.pem") } };
}
