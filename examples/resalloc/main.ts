// A builder for each task, made by scripts that were written for resalloc: see README.md.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builders } from "./builders.ts";

const folder = mkdtempSync(join(tmpdir(), "warmpool-resalloc-"));
const machines = join(folder, "machines");

/** What a task does with its builder: its address is the first line of what `new` printed. */
async function run(data: string, command: string): Promise<string> {
  const [address = ""] = data.split("\n");
  const answer = await fetch(address, { method: "POST", body: command });
  return (await answer.text()).trim();
}

try {
  await using pool = builders({ machines, firstPort: 18_400, state: join(folder, "state") });
  for (const task of ["compile", "test"]) {
    await using lease = await pool.acquire({ owner: task, sandbox: "build-17" });
    console.log(`${task} finds ${await run(lease.data, "ls | wc -l")} files`);
    await run(lease.data, "touch object.o");
    console.log(`${task} leaves ${await run(lease.data, "ls")}`);
  }
  await pool.close({ resources: "delete" });
  console.log(`${readdirSync(machines).length} machines are left`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
