import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./engine.js";

/** Most bytes of each of a command's outputs. */
const OUTPUT_LIMIT = 16 * 1_024 * 1_024;

/** How a command is run in a container. */
export interface ExecOptions {
  /** Variables, beside the container's. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Who runs it. Default: the container's user. */
  readonly user?: string;
  /** Where it runs. Default: the container's working directory. */
  readonly workingDirectory?: string;
  /** What it reads from its standard input. Default: nothing. */
  readonly input?: string | Uint8Array;
  /** Stops waiting for it. The engine can't end a command: it ends with the container, if not by itself. Default: none. */
  readonly signal?: AbortSignal;
}

/** How a command ended. */
export interface ExecResult {
  /** 0 is success. */
  readonly exitCode: number;
  /** What it printed to its standard output, as UTF-8. */
  readonly stdout: string;
  /** What it printed to its standard error, as UTF-8. */
  readonly stderr: string;
}

/** Runs a command in a container and gathers what it prints. */
export async function runExec(
  engine: Engine,
  containerId: string,
  command: readonly string[],
  options: ExecOptions,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { input } = options;
  const stdin = input !== undefined;
  const id = await engine.createExec(containerId, createOptions(command, options, { stdin, tty: false }), signal);
  const stream = await engine.startExec(id, false, stdin, signal);
  const cut = () => stream.destroy();
  signal.addEventListener("abort", cut, { once: true });
  try {
    const [stdout, stderr] = [new Gathered(), new Gathered()];
    const ended = finished(stream, { writable: false });
    await engine.demux(stream, stdout, stderr);
    if (stdin) stream.end(input);
    await ended.catch((error) => {
      signal.throwIfAborted();
      throw error;
    });
    signal.throwIfAborted();
    return {
      exitCode: await exitCodeOf(engine, id, signal),
      stdout: stdout.text("stdout"),
      stderr: stderr.text("stderr"),
    };
  } finally {
    signal.removeEventListener("abort", cut);
    stream.destroy();
  }
}

export function createOptions(
  command: readonly string[],
  { env, user, workingDirectory }: ExecOptions,
  { stdin, tty }: { readonly stdin: boolean; readonly tty: boolean },
): object {
  return {
    Cmd: [...command],
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
    ...(env !== undefined && { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }),
    ...(user !== undefined && { User: user }),
    ...(workingDirectory !== undefined && { WorkingDir: workingDirectory }),
  };
}

/** The engine may close the streams a moment before it knows the exit code. */
export async function exitCodeOf(engine: Engine, execId: string, signal: AbortSignal): Promise<number> {
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
    const exitCode = await engine.exitCodeOf(execId, signal);
    if (exitCode !== undefined) return exitCode;
    await sleep(pauseMs, undefined, { signal });
  }
}

class Gathered extends Writable {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= OUTPUT_LIMIT) this.#chunks.push(chunk);
    done();
  }

  text(name: string): string {
    if (this.#bytes > OUTPUT_LIMIT) throw new RangeError(`The command's ${name} is longer than ${OUTPUT_LIMIT} bytes.`);
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
