import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { execa } from "execa";

/** What must be known of processes that are not our children. Zombies don't count: they do nothing any more. */
export interface ProcessTable {
  /**
   * What tells a process from every other that has or had its number: its start time (and boot). `undefined` when no
   * such process runs.
   */
  identify(pid: number): Promise<string | undefined>;
  /** The processes of a group. */
  members(group: number): Promise<readonly number[]>;
  /** Whether a process was started with `name=value` in its environment. `false` too when that can't be known. */
  hasVariable(pid: number, name: string, value: string): Promise<boolean>;
}

/** Reads `/proc`: Linux. */
export const procTable: ProcessTable = {
  async identify(pid) {
    const stat = await readStat(pid);
    // Start times count from the boot: the same number may start at the same tick of the next one.
    return stat === undefined ? undefined : `${await bootId()}/${stat.startedAtTicks}`;
  },
  async members(group) {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
    const stats = await Promise.all(pids.map(readStat));
    return pids.filter((_, index) => stats[index]?.group === group);
  },
  async hasVariable(pid, name, value) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    return environment.split("\0").includes(`${name}=${value}`);
  },
};

/** Asks `ps`: macOS and the BSDs. It knows start times to the second. */
export const psTable: ProcessTable = {
  async identify(pid) {
    const [line] = await ps("-o", "stat=,lstart=", "-p", String(pid));
    const match = /^\s*(\S+)\s+(.*\S)\s*$/.exec(line ?? "");
    return match === null || match[1]!.startsWith("Z") ? undefined : match[2]!;
  },
  async members(group) {
    const rows = (await ps("-A", "-o", "pid=,pgid=,stat=")).map((line) => line.trim().split(/\s+/));
    return rows
      .filter(([, pgid, stat]) => Number(pgid) === group && !stat?.startsWith("Z"))
      .map(([pid]) => Number(pid));
  },
  async hasVariable() {
    return false;
  },
};

let chosen: ProcessTable | undefined;

/** The table of this machine. */
export function processTable(): ProcessTable {
  chosen ??= existsSync("/proc/self/stat") ? procTable : psTable;
  return chosen;
}

interface ProcessStat {
  readonly group: number;
  readonly startedAtTicks: string;
}

async function readStat(pid: number): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // The second field is the name in brackets, and a name may hold spaces and brackets. The state, field 3, follows.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, , group] = fields;
  if (state === "Z" || state === "X") return undefined;
  return { group: Number(group), startedAtTicks: fields[22 - 3]! };
}

let boot: string | undefined;

async function bootId(): Promise<string> {
  boot ??= (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim();
  return boot;
}

async function ps(...args: string[]): Promise<string[]> {
  // In another language or time zone the same process would have another start time.
  const env = { LC_ALL: "C", TZ: "UTC" };
  const { stdout, exitCode, failed, shortMessage } = await execa("ps", args, { env, stdin: "ignore", reject: false });
  // 1 with no output: no such process.
  if (failed && exitCode !== 1) throw new Error(`ps cannot tell which processes run: ${shortMessage}`);
  return stdout?.split("\n") ?? [];
}
