import { execa } from "execa";
import type { Executable } from "./command.js";
import { endGroup } from "./process-group.js";

/**
 * Waits for a line on stdin and becomes the script; without one (the manager died) it exits and has done nothing. So a
 * script is on record before its first instruction.
 */
const GATE = 'IFS= read -r _warmpool_go || exit 125\nexec "$@" </dev/null';

/** How a script ended: by its exit code or by a signal. */
export interface ScriptExit {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

export interface ScriptSurroundings {
  readonly cwd: string;
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdoutDescriptor: number;
  readonly stderrDescriptor: number;
}

/** The process could not be made: too many of them, no memory, too large an environment. */
export class SpawnFailed extends Error {
  /** As the kernel names it: `"EAGAIN"`. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** A process that leads a group of its own and waits at the gate, and after `go` the script that it became. */
export class Script {
  /** Of the process and of its group. */
  readonly pid: number;
  /** Settles when the process has exited, whatever it left running. Never rejects. */
  readonly exited: Promise<ScriptExit>;
  readonly #open: () => void;

  /** @throws {SpawnFailed} */
  static async start({ file, args }: Executable, surroundings: ScriptSurroundings): Promise<Script> {
    const child = execa("/bin/sh", ["-c", GATE, "warmpool", file, ...args], {
      cwd: surroundings.cwd,
      env: surroundings.env,
      extendEnv: false,
      stdin: "pipe",
      // Files, so that nothing waits for what the script leaves running to close them. (execa takes any descriptor, its
      // types only the first few.)
      stdout: surroundings.stdoutDescriptor as 3,
      stderr: surroundings.stderrDescriptor as 3,
      buffer: false,
      reject: false,
      // A group of its own, which outlives us if it must: how it ends is for us to say, not for execa.
      detached: true,
      cleanup: false,
    });
    const exited = child.then(({ exitCode, signal, code, originalMessage }) => ({
      exitCode,
      signal,
      code,
      originalMessage,
    }));
    if (child.pid === undefined) {
      const { code, originalMessage } = await exited;
      throw new SpawnFailed(originalMessage ?? "no process could be made", code);
    }
    // It may have been killed at the gate.
    child.stdin.on("error", () => {});
    return new Script(child.pid, exited, () => child.stdin.end("go\n"));
  }

  private constructor(pid: number, exited: Promise<ScriptExit>, open: () => void) {
    this.pid = pid;
    this.exited = exited;
    this.#open = open;
  }

  /** Opens the gate. */
  go(): void {
    this.#open();
  }

  /**
   * Ends the script and everything in its group, gently first.
   *
   * @returns Whether all of it is gone.
   */
  async end(killAfterMs: number): Promise<boolean> {
    const gone = await endGroup(this.pid, killAfterMs);
    if (gone) await this.exited;
    return gone;
  }
}
