import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { sqliteStore } from "@warmpool/core/sqlite";
import { describe, expect, test } from "vitest";
import { testFolder } from "./folder.js";
import { loadIds } from "./record.js";

const packageFolder = fileURLToPath(new URL("../../", import.meta.url));
const dist = join(packageFolder, "dist");

interface Run {
  readonly args?: readonly string[];
  /** Where it runs, which decides what packages it sees. Default: this package. */
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Runs a script in a Node process of its own, to its end. */
async function run(script: string, { args = [], cwd = packageFolder, env = {} }: Run = {}) {
  const type = script.includes("require(") ? "commonjs" : "module";
  const child = spawn(execPath, [`--input-type=${type}`, "--eval", script, "--", ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { stdout: stdout.trim(), stderr, code };
}

const WRITE_ONE = `
  const session = await sqliteStore(process.argv[1]).open("web");
  await session.commit({ epoch: session.epoch, number: 1, changes: [{ kind: "resource", id: 1, record: "{}" }] });
`;

const ok = (stdout: string) => ({ stdout, stderr: "", code: 0 });

describe("the process", () => {
  test("ends by itself with a session open, prints no warnings, and what it committed is there", async () => {
    const file = join(testFolder(), "pool.db");
    const script = `import { sqliteStore } from "@warmpool/core/sqlite"; ${WRITE_ONE} console.log("committed");`;
    expect(await run(script, { args: [file] })).toEqual(ok("committed"));
    const session = await sqliteStore(file).open("web");
    expect(await loadIds(session)).toEqual([1]);
    await session.close();
  });

  test("lives until an opening, a commit and a close under way are answered", async () => {
    const script = `
      import { sqliteStore } from "@warmpool/core/sqlite";
      const store = sqliteStore(process.argv[1], { fsyncDelay: "100ms" });
      store.open("web").then((session) => {
        console.log("open");
        session.commit({ epoch: session.epoch, number: 1, changes: [] }).then(() => {
          console.log("committed");
          session.close().then(() => console.log("closed"));
        });
      });
    `;
    expect(await run(script, { args: [join(testFolder(), "pool.db")] })).toEqual(ok("open\ncommitted\nclosed"));
  });

  test("lives while it waits for another owner", async () => {
    const file = join(testFolder(), "pool.db");
    const session = await sqliteStore(file).open("web");
    const script = `
      import { sqliteStore } from "@warmpool/core/sqlite";
      const store = sqliteStore(process.argv[1], { waitForOwner: "300ms" });
      store.open("web").catch((error) => console.log(error.code));
    `;
    expect(await run(script, { args: [file] })).toEqual(ok("STORE_IN_USE"));
    await session.close();
  });

  test("may be CommonJS", async () => {
    const script = `
      const { sqliteStore } = require("@warmpool/core/sqlite");
      (async () => { ${WRITE_ONE} await session.close(); console.log("closed"); })();
    `;
    expect(await run(script, { args: [join(testFolder(), "pool.db")] })).toEqual(ok("closed"));
  });

  test("may have Node options that are not for threads", async () => {
    const script = `import { sqliteStore } from "@warmpool/core/sqlite"; ${WRITE_ONE} console.log("committed");`;
    const env = { NODE_OPTIONS: "--max-old-space-size=512 --title=warm" };
    expect(await run(script, { args: [join(testFolder(), "pool.db")], env })).toEqual(ok("committed"));
  });
});

describe("bundled", () => {
  /** The package's built files as a bundler would copy them, in a folder that sees no packages. */
  function bundle(): string {
    const folder = join(testFolder(), "with a #, a % and späce");
    cpSync(dist, folder, { recursive: true });
    return folder;
  }

  const open = (module: string) => `import { sqliteStore } from ${JSON.stringify(module)}; ${WRITE_ONE}
    console.log("committed");`;

  test("the thread's file is all that has to lie beside the bundle", async () => {
    const folder = bundle();
    const worker = readFileSync(join(folder, "sqlite-worker.js"), "utf8");
    const imports = [...worker.matchAll(/\bfrom\s*"([^"]+)"|\bimport\s*\(?"([^"]+)"/g)].map((match) => match[1]);
    expect(imports.filter((specifier) => !specifier?.startsWith("node:"))).toEqual([]);
    expect(await run(open("./sqlite.js"), { args: ["pool.db"], cwd: folder })).toEqual(ok("committed"));
    expect(await run(open("./sqlite.cjs"), { args: ["pool.db"], cwd: folder })).toEqual(ok("committed"));
  });

  test("a bundle without the thread's file says what to do", async () => {
    const folder = bundle();
    for (const file of readdirSync(folder)) if (file.startsWith("sqlite-worker")) rmSync(join(folder, file));
    const script = `import { sqliteStore } from "./sqlite.js";
      await sqliteStore("pool.db").open("web").catch((error) => console.log(error.code, error.message));`;
    const { stdout } = await run(script, { cwd: folder });
    expect(stdout).toContain("STORE_FAILED");
    expect(stdout).toContain("copy node_modules/@warmpool/core/dist/sqlite-worker.js beside it");
  });
});

test.runIf(process.platform === "linux")(
  "a disk that is full fails commits until there is room, and loses none",
  async () => {
    const file = join(testFolder(), "pool.db");
    // A limit on the size of files stands for the disk: writing beyond it fails, and it can be lifted from outside.
    const script = `
    import { execFileSync } from "node:child_process";
    import { sqliteStore } from "@warmpool/core/sqlite";
    const limit = (bytes) => execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=" + bytes + ":"]);
    const session = await sqliteStore(process.argv[1]).open("web");
    limit(400_000);
    let number = 1;
    const commit = () => session.commit({
      epoch: session.epoch, number, changes: [{ kind: "resource", id: number, record: JSON.stringify("x".repeat(9_000)) }],
    });
    for (; ; number += 1) {
      try { await commit(); } catch (error) { console.log(error.name, error.code); break; }
    }
    await commit().catch((error) => console.log(error.name, error.code));
    limit("unlimited");
    await commit();
    console.log(number);
    await session.close();
  `;
    const { stdout, code } = await run(script, { args: [file] });
    const [first, second, last] = stdout.split("\n");
    // Plain errors: the runtime repeats the same batch.
    expect([first, second, code]).toEqual(["Error undefined", "Error undefined", 0]);
    const session = await sqliteStore(file).open("web");
    expect(await loadIds(session)).toEqual(Array.from({ length: Number(last) }, (_, index) => index + 1));
    await session.close();
  },
);
