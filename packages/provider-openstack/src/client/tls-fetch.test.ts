import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CERTIFICATE, KEY } from "../../test/certificate.js";
import { tlsFetch } from "./tls-fetch.js";

/** A service whose certificate nobody has signed, and a file with that certificate. */
async function service() {
  const server = createServer(
    { key: KEY, cert: CERTIFICATE, ca: CERTIFICATE, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { authorized } = request.socket as { authorized?: boolean };
      response.end(`${authorized ? "known" : "unknown"} ${request.headers["x-auth-token"]}`);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = mkdtempSync(join(tmpdir(), "warmpool-tls-"));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const caFile = join(folder, "ca.pem");
  const keyFile = join(folder, "key.pem");
  writeFileSync(caFile, CERTIFICATE);
  writeFileSync(keyFile, KEY);
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, caFile, keyFile };
}

const ask = async (...[url, tls]: [string, Parameters<typeof tlsFetch>[0]]) => {
  const fetch = await tlsFetch(tls);
  const answer = await fetch(url, { headers: { "x-auth-token": "t" }, signal: AbortSignal.timeout(5_000) });
  return await answer.text();
};

test("a certificate that nobody has signed is refused", async () => {
  const { url } = await service();
  await expect(ask(url, { verify: true })).rejects.toThrow();
});

test("cacert makes it known, for these requests alone", async () => {
  const { url, caFile } = await service();
  expect(await ask(url, { verify: true, caFile })).toBe("unknown t");
  await expect(fetch(url)).rejects.toThrow();
});

test("verify: false takes any", async () => {
  const { url } = await service();
  expect(await ask(url, { verify: false })).toBe("unknown t");
});

test("cert and key show who we are", async () => {
  const { url, caFile, keyFile } = await service();
  expect(await ask(url, { verify: true, caFile, certFile: caFile, keyFile })).toBe("known t");
});

test("a file that is not there is told", async () => {
  const told = "cacert names the file /no/ca.pem, which cannot be read (ENOENT).";
  await expect(tlsFetch({ verify: true, caFile: "/no/ca.pem" })).rejects.toThrow(told);
});

test("nothing to say means the runtime's own", async () => {
  expect(await tlsFetch({ verify: true })).toBe(globalThis.fetch);
});
