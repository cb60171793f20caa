import { readFileSync } from "node:fs";
import type { Tls } from "./cloud.js";
import { CloudConfigError } from "./error.js";
import type { Fetch } from "./http.js";

/**
 * The runtime's `fetch`, or, where certificates are the cloud's own affair, undici's: only there they can be given for
 * some requests and not for the whole process. It is loaded only then.
 */
export async function tlsFetch(tls: Tls): Promise<Fetch> {
  const { verify, caFile, certFile, keyFile } = tls;
  if (verify && caFile === undefined && certFile === undefined) return globalThis.fetch;
  const { Agent, fetch } = await import("undici");
  const dispatcher = new Agent({
    connect: {
      rejectUnauthorized: verify,
      ...(caFile !== undefined && { ca: read("cacert", caFile) }),
      ...(certFile !== undefined && { cert: read("cert", certFile), key: read("key", keyFile ?? certFile) }),
    },
  });
  // Two versions of the same types.
  return ((url: string, init: object) => fetch(url, { ...init, dispatcher })) as unknown as Fetch;
}

/** @param name What names it in `clouds.yaml`. */
function read(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new CloudConfigError(`${name} names the file ${path}, which cannot be read${code}.`);
  }
}
