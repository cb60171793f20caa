import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { shellProvider } from "@warmpool/provider-shell";
import { providerSuite } from "@warmpool/testing";
import { test } from "vitest";

const script = (name: string) => join(import.meta.dirname, "scripts", name);

/** Below those that the system gives to whoever wants any. */
let nextPort = 18_000 + Math.floor(Math.random() * 10_000);

/** What the provider suite asks of any provider, it asks of resalloc's scripts. */
providerSuite<string>({
  test,
  timeout: "20s",
  deviations: [
    { without: "find", reason: "resalloc's contract has no such script" },
    { without: "outage", reason: "the machines are processes of this machine" },
    {
      case: "what list tells is enough to delete it, in another slot and under another number",
      reason: "list says names alone",
    },
  ],
  create() {
    const folder = mkdtempSync(join(tmpdir(), "warmpool-resalloc-test-"));
    const machines = join(folder, "machines");
    mkdirSync(machines);
    // A slot is free again as soon as its machine is gone, its port only when the system says so.
    nextPort += 50;
    const env = { MACHINES: machines, FIRST_PORT: String(nextPort) };
    const provider = () =>
      shellProvider({
        resallocPool: "builder",
        allocate: script("new"),
        delete: script("delete"),
        check: script("livecheck"),
        reset: script("release"),
        list: script("list"),
        env,
        stateDirectory: join(folder, "state"),
      });
    return {
      provider: provider(),
      restart: provider,
      count: () => readdirSync(machines).length,
      break(data) {
        const [, name = ""] = /^name: (.*)$/m.exec(data) ?? [];
        process.kill(Number(readFileSync(join(machines, name, "pid"), "utf8")), "SIGKILL");
      },
      cleanup: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
});
