import { readFileSync } from "node:fs";
import type { Tls } from "./cloud.js";
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
      ...(caFile !== undefined && { ca: readFileSync(caFile) }),
      ...(certFile !== undefined && { cert: readFileSync(certFile), key: readFileSync(keyFile ?? certFile) }),
    },
  });
  // Two versions of the same types.
  return ((url: string, init: object) => fetch(url, { ...init, dispatcher })) as unknown as Fetch;
}
