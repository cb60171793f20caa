/** When a process ends that has a pool, by the built package. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";

const packageFolder = fileURLToPath(new URL("../../", import.meta.url));

const PREAMBLE = `
  import { createPool, closeOnSignal, factoryProvider } from "@warmpool/core";
  import { sqliteStore } from "@warmpool/core/sqlite";
  const destroyed = () => console.log("destroyed");
  const provider = factoryProvider({ create: () => ({}), destroy: destroyed });
  const things = { name: "things", allocate: async ({ slot }) => ({ slot }), delete: async () => {} };
  const patient = { ...things, allocate: ({ slot }) =>
    new Promise((resolve) => setTimeout(() => resolve({ slot }), 100).unref()) };
`;

function start(script: string): ChildProcess {
  const child = spawn(execPath, ["--input-type=module", "--eval", `${PREAMBLE}\n${script}`], {
    cwd: packageFolder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Runs a script to its end, which comes by itself. */
async function run(script: string) {
  const child = start(script);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    once(child, "exit"),
  ]);
  return { stdout: stdout.trim(), stderr, code };
}

const ok = (stdout: string) => ({ stdout, stderr: "", code: 0 });

describe("a process with an open pool", () => {
  test("stays alive until the pool is closed", async () => {
    const script = `
      const pool = createPool({ provider, max: 2, warm: 1 });
      await pool.ready();
      const timer = setTimeout(async () => { console.log("still here"); await pool.close(); }, 50).unref();
    `;
    expect(await run(script)).toEqual(ok("still here\ndestroyed"));
  });

  test("exits when idle with allowExitOnIdle, also while a lease is held", async () => {
    const script = `
      const pool = createPool({ provider, max: 2, warm: 1, allowExitOnIdle: true });
      const lease = await pool.acquire();
      setTimeout(() => console.log("still here"), 10_000).unref();
      console.log("idle");
    `;
    expect(await run(script)).toEqual(ok("idle"));
  });

  test.each([
    ["acquire", `const lease = await pool.acquire(); console.log(lease.data.slot);`],
    ["request and its wait", `const lease = await (await pool.request()).wait(); console.log(lease.data.slot);`],
    ["ready", `await pool.ready(); console.log(0);`],
    ["close", `await pool.acquire(); await pool.close({ resources: "delete" }); console.log(0);`],
    ["a release", `await (await pool.acquire()).release(); console.log(0);`],
    ["drain", `await (await pool.acquire()).release(); await pool.drain(); console.log(0);`],
  ])("with allowExitOnIdle lives until it has the answer to %s", async (_, script) => {
    const folder = mkdtempSync(join(tmpdir(), "warmpool-exit-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const stores = ["undefined", `sqliteStore(${JSON.stringify(join(folder, "pool.db"))})`];
    const runs = stores.map((store) => {
      const made = `const pool = createPool({ provider: patient, max: 1, store: ${store}, allowExitOnIdle: true });`;
      return run(`${made} ${script}`);
    });
    expect(await Promise.all(runs)).toEqual([ok("0"), ok("0")]);
  });

  test("whose store cannot be opened exits", async () => {
    const script = `
      const store = { name: "mine", durable: true, shared: false, open: async () => { throw new Error("no disk"); } };
      const pool = createPool({ provider: things, max: 1, store });
      await pool.ready().catch(({ code, message }) => console.log(code, message));
    `;
    expect(await run(script)).toEqual(ok("STORE_FAILED Store mine cannot be used: no disk"));
  });
});

describe("closeOnSignal", () => {
  const script = (options = "") => `
    const pool = createPool({ provider, max: 2, warm: 1 ${options} });
    closeOnSignal(pool);
    pool.on("resource.changed", ({ data }) => data.to === "ready" && console.log("ready"));
    await pool.ready();
  `;

  test.each(["SIGTERM", "SIGINT"] as const)(
    "closes the pool at %s, and then lets it end the process",
    async (signal) => {
      const child = start(script());
      const lines = createInterface({ input: child.stdout as Readable });
      const said: string[] = [];
      lines.on("line", (line) => {
        said.push(line);
        if (line === "ready") child.kill(signal);
      });
      const [code, by] = await once(child, "exit");
      expect([code, by, said]).toEqual([null, signal, ["ready", "destroyed"]]);
    },
  );

  test("a second signal ends the process at once", async () => {
    const hanging = `, provider: factoryProvider({
      create: () => ({}),
      destroy: () => { console.log("hangs"); return new Promise(() => {}); },
    })`;
    const child = start(script(hanging));
    createInterface({ input: child.stdout as Readable }).on("line", () => child.kill("SIGTERM"));
    expect(await once(child, "exit")).toEqual([null, "SIGTERM"]);
  });
});
