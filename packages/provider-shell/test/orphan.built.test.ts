import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { shellProvider } from "@warmpool/provider-shell";
import { describe, expect, onTestFinished, test } from "vitest";
import { context, KEY, made, runs, unheard, until, type Workshop, workshop } from "./workshop.js";

const manager = fileURLToPath(new URL("manager.ts", import.meta.url));

function startManager(shop: Workshop): ChildProcess {
  const child = spawn(process.execPath, [manager, shop.directory, KEY], { stdio: ["ignore", "ignore", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

function nextManager(shop: Workshop) {
  shop.script("gone", "touch deleted");
  shop.script("look", "touch looked", "exit 103");
  shop.script("check", ":");
  const commands = { allocate: "./new", delete: "./gone", find: "./look", check: "./check" };
  return shellProvider({ ...shop.options, ...commands, killAfter: "300ms" });
}

describe("after kill -9 of a manager in the middle of an allocate", () => {
  const family = ["sleep 600 &", "echo $! >child", "echo $$ >script"];

  test.each([
    ["delete", [...family, "wait"]],
    ["find", [...family, "wait"]],
    ["check", [...family, "wait"]],
    ["delete, when the script doesn't listen to SIGTERM", ["trap '' TERM", ...family, "while :; do wait; done"]],
  ])("the next one's %s ends the script that lives on, first", async (call, lines) => {
    const shop = workshop();
    shop.script("new", ...lines);
    shop.script("gone");
    const child = startManager(shop);
    const pids = [await shop.pid("script"), await shop.pid("child")];
    await kill(child);
    expect(pids.map(runs)).toEqual([true, true]);
    expect(shop.recorded()).toBe(1);

    const provider = nextManager(shop);
    // Notes which of the orphans run when it starts; zombies don't.
    shop.script("gone", `ps -o stat= -p ${pids.join(",")} | grep -v '^Z' >alive`, "touch deleted");
    if (call.startsWith("delete")) await provider.delete(unheard(), context({ epoch: 2 }));
    else if (call === "find") expect(await provider.find?.(KEY, context({ epoch: 2 }))).toEqual({ status: "absent" });
    else expect(await provider.check?.(made(""), context({ epoch: 2 }))).toEqual({ status: "healthy" });

    expect(pids.map(runs)).toEqual([false, false]);
    expect(shop.recorded()).toBe(0);
    expect(shop.exists("deleted")).toBe(call.startsWith("delete"));
    if (call.startsWith("delete")) expect(shop.read("alive")).toBe("");
  });

  test.runIf(existsSync("/proc/self/stat"))("so is what its script left at work when it ended unseen", async () => {
    const shop = workshop();
    shop.script("new", ...family, "until [ -e end ]; do sleep 0.02; done");
    shop.script("gone");
    const child = startManager(shop);
    const [script, background] = [await shop.pid("script"), await shop.pid("child")];
    await kill(child);
    writeFileSync(shop.path("end"), "");
    await until("the script's end", () => !runs(script));
    expect(runs(background)).toBe(true);

    await nextManager(shop).delete(unheard(), context({ epoch: 2 }));
    expect(runs(background)).toBe(false);
    expect(shop.recorded()).toBe(0);
  });

  test("keys of others are left alone", async () => {
    const shop = workshop();
    shop.script("new", ...family, "wait");
    shop.script("gone");
    const child = startManager(shop);
    const pid = await shop.pid("script");
    await shop.pid("child");
    await kill(child);
    // A key of which the orphan's is the beginning, too.
    for (const key of ["wp-abcdefgh-123456-1", `${KEY}0`]) {
      await nextManager(shop).delete(unheard(key), context({ epoch: 2 }));
    }
    expect(runs(pid)).toBe(true);
    expect(shop.recorded()).toBe(1);
  });
});

test("a process that got the number of a script that ended is left alone", async () => {
  const shop = workshop();
  shop.script("new", "echo $$ >script", "exec sleep 600");
  shop.script("gone");
  const child = startManager(shop);
  const pid = await shop.pid("script");
  await kill(child);
  // As if the record were of an earlier process with the same number.
  const [name = ""] = readdirSync(shop.path("state/running"));
  const record = JSON.parse(readFileSync(shop.path(`state/running/${name}`), "utf8"));
  writeFileSync(shop.path(`state/running/${name}`), JSON.stringify({ ...record, identity: "another" }));

  await nextManager(shop).delete(unheard(), context({ epoch: 2 }));
  expect(runs(pid)).toBe(true);
  expect(shop.recorded()).toBe(0);
});

test("a record that a crash of the machine left empty is in nobody's way", async () => {
  const shop = workshop();
  shop.script("new", "echo data");
  await nextManager(shop).delete(unheard(), context());
  writeFileSync(shop.path(`state/running/${KEY}.0.json`), "");
  await nextManager(shop).delete(unheard(), context());
  expect(shop.recorded()).toBe(0);
});

test("a manager that dies before its script is on record has started nothing", async () => {
  const shop = workshop();
  shop.script("new", "touch started");
  shop.script("gone");
  // Kills itself at the moment in which the record would be put in place.
  const preload = shop.path("die.mjs");
  writeFileSync(
    preload,
    `import fs from "node:fs/promises";
     import { syncBuiltinESMExports } from "node:module";
     fs.rename = () => process.kill(process.pid, "SIGKILL");
     syncBuiltinESMExports();`,
  );
  const child = spawn(process.execPath, ["--import", preload, manager, shop.directory, KEY], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
  // The gate sees that nobody is there any more: it exits and has done nothing.
  await until("the end of the gate", () => !gateRuns(shop));
  expect(shop.exists("started")).toBe(false);
});

/** Whether a process waits with the test's script as its argument. */
function gateRuns(shop: Workshop): boolean {
  if (!existsSync("/proc/self/stat")) return false;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(shop.path("new"));
    } catch {
      return false;
    }
  });
}
