import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Command, Report } from "./protocol.ts";

/** One manager's process, from its start to its end. */
export class Life {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #hear: ((report: Report) => void) | undefined;
  readonly #unheard: Report[] = [];
  #words = "";
  #errors = "";
  #killedAtMs: number | undefined;
  #mayEnd = false;

  constructor(...args: readonly string[]) {
    this.#child = spawn(process.execPath, [join(import.meta.dirname, "manager.ts"), ...args], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#closed = once(this.#child, "close");
    this.#child.stdin?.on("error", () => {});
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.#words + text).split("\n");
      // What a kill cut off was never said.
      this.#words = lines.pop() ?? "";
      for (const line of lines) this.#tell(JSON.parse(line));
    });
  }

  #tell(report: Report): void {
    if (this.#hear === undefined) this.#unheard.push(report);
    else this.#hear(report);
  }

  /** Calls `hear` with each report, in order; for the last time before `ended` resolves. */
  listen(hear: (report: Report) => void): void {
    this.#hear = hear;
    for (const report of this.#unheard.splice(0)) hear(report);
  }

  readonly send = (command: Command): void => {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  };

  kill(): void {
    this.#killedAtMs ??= performance.now();
    this.#child.kill("SIGKILL");
  }

  get killedAtMs(): number | undefined {
    return this.#killedAtMs;
  }

  /** It stands still for so long. */
  freeze(ms: number): void {
    this.#child.kill("SIGSTOP");
    setTimeout(() => this.#child.kill("SIGCONT"), ms);
  }

  /** Lets it close by itself. */
  leave(): void {
    this.#mayEnd = true;
    this.#child.stdin?.end();
  }

  /** Resolves when it is gone and everything that it said was heard: with what went wrong, if it ended by itself. */
  async ended(): Promise<string | undefined> {
    await this.#closed;
    const { exitCode, signalCode } = this.#child;
    if (this.#killedAtMs !== undefined && signalCode === "SIGKILL") return undefined;
    if (this.#mayEnd && exitCode === 0 && this.#errors === "") return undefined;
    return `exit code ${exitCode}, signal ${signalCode}: ${this.#errors}`;
  }
}
