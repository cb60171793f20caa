// What the runners' tests lease: one process, reused. Each that exists has a file in $THINGS, with its number.
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createPool } from "@warmpool/core";

const folder = process.env.THINGS;
const running = new Map();

export default () =>
  createPool({
    name: "things",
    max: 1,
    provider: {
      name: "processes",
      reuse: true,
      settlesWithin: 0,
      async allocate({ key }) {
        const child = spawn("sleep", ["1000"], { stdio: "ignore" });
        running.set(key, child);
        writeFileSync(join(folder, `${key}.pid`), String(child.pid));
        return { pid: child.pid };
      },
      async delete({ key }) {
        running.get(key)?.kill("SIGKILL");
        rmSync(join(folder, `${key}.pid`), { force: true });
      },
    },
  });
