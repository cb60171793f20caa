/** Where a runner runs its tests, and what is seen of it from outside. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export class Stage implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "wp-stage-"));

  constructor() {
    // PostgreSQL refuses to run as root: then it runs as another user, who must be able to enter.
    chmodSync(this.folder, 0o755);
  }

  /**
   * Starts a runner, in a process group of its own as a shell does.
   *
   * @param folder From the root of the repository.
   */
  start(
    folder: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    node = process.execPath,
  ): RunningRunner {
    const child = spawn(node, args, {
      cwd: join(root, folder),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // Neither Vitest's own variables nor flags: what runs here runs as at a user's. What it leaves lies in the folder.
      env: { PATH: process.env["PATH"], NO_COLOR: "1", THINGS: this.folder, TMPDIR: this.folder, ...env },
    });
    return new RunningRunner(child);
  }

  /** What the tests said. */
  get lines(): string[] {
    return this.linesOf("log");
  }

  linesOf(name: string): string[] {
    const file = join(this.folder, name);
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  /** Things that exist, and sockets of pools. */
  get left(): string[] {
    return readdirSync(this.folder).filter((name) => name.endsWith(".pid") || name.startsWith("warmpool-run-"));
  }

  /** Processes of things that tests had and that live. */
  get living(): number[] {
    return this.lines.map((line) => Number(/ got (\d+)$/.exec(line)?.[1])).filter(isAlive);
  }

  /** Processes that have written down in a file that they began. */
  pidsOf(name: string): number[] {
    return this.linesOf(name).map(Number);
  }

  livingOf(name: string): number[] {
    return this.pidsOf(name).filter(isAlive);
  }

  /** Folders of PostgreSQL servers and browsers. */
  get programs(): string[] {
    return readdirSync(this.folder).filter((name) => /^(warmpool-postgres|browser)-/.test(name));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class RunningRunner {
  readonly #child: ChildProcess;
  readonly #output: string[] = [];
  /** Resolves with its exit code, when nobody writes to its output any more. */
  readonly ended: Promise<number | null>;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on("data", (text) => this.#output.push(String(text)));
    child.stderr?.on("data", (text) => this.#output.push(String(text)));
    this.ended = once(child, "close").then(([code]) => code as number | null);
  }

  get output(): string {
    return this.#output.join("");
  }

  /** To all of its processes, as by Ctrl-C. */
  signal(signal: "SIGINT" | "SIGKILL"): void {
    process.kill(-(this.#child.pid as number), signal);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
