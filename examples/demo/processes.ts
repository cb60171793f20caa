import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The servers that really run, by the process table: key and process id. Whatever any manager thinks. */
export function runningServers(folder: string): Map<string, number> {
  const servers = new Map<string, number>();
  for (const { pid, command } of processTable()) {
    const [, key] = command.split(" server.ts ")[1]?.split(" ") ?? [];
    if (key !== undefined && command.includes(` ${folder}/${key} `)) servers.set(key, pid);
  }
  return servers;
}

function processTable(): { pid: number; command: string }[] {
  // Not every system has ps, and not every system has /proc.
  return existsSync("/proc/self/cmdline") ? readProc() : runPs();
}

function readProc(): { pid: number; command: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: readCommand(name) }));
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

function runPs(): { pid: number; command: string }[] {
  const lines = execFileSync("ps", ["-axww", "-o", "pid=,args="], { encoding: "utf8" }).split("\n");
  return lines.map((line) => {
    const [, pid, command = ""] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), command: `${command} ` };
  });
}
