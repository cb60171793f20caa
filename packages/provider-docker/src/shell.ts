import { Duplex } from "node:stream";
import type { Engine } from "./engine.js";
import { createOptions, type ExecOptions, exitCodeOf } from "./exec.js";

/** How a shell is opened in a container. */
export interface ShellOptions extends Omit<ExecOptions, "input"> {
  /** Program and arguments. Default: `["/bin/sh"]`. */
  readonly command?: readonly string[];
  /** Width of the terminal, in characters. Default: with `rows`, the engine's, 80 × 24. */
  readonly columns?: number;
  /** Height of the terminal, in lines. Default: with `columns`, the engine's, 80 × 24. */
  readonly rows?: number;
}

/** A shell with a terminal in a container, open until it ends, is closed, or the lease ends. */
export interface ShellSession extends AsyncDisposable {
  /** What is typed goes in, what the terminal shows comes out. */
  readonly stream: Duplex;
  /** Its exit code. Rejects if it was cut off. */
  readonly exited: Promise<number>;
  /** Tells it the size of the terminal. */
  resize(columns: number, rows: number): Promise<void>;
  /** Hangs up. */
  close(): void;
}

/** @param signal Aborts when the shell must end. */
export async function openShell(
  engine: Engine,
  containerId: string,
  options: ShellOptions,
  isAllowed: () => void,
  signal: AbortSignal,
): Promise<ShellSession> {
  const { command = ["/bin/sh"], columns, rows } = options;
  const id = await engine.createExec(containerId, createOptions(command, options, { stdin: true, tty: true }), signal);
  const connection = await engine.startExec(id, true, true, signal);
  const stream = guarded(connection, isAllowed);
  const cut = () => stream.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener("abort", cut, { once: true });
  // Somebody may have aborted while it was being opened.
  if (signal.aborted) cut();
  const exited = new Promise<number>((resolve, reject) => {
    connection.once("end", () => exitCodeOf(engine, id, signal).then(resolve, reject));
    stream.once("error", reject);
    stream.once("close", () => {
      signal.removeEventListener("abort", cut);
      if (!connection.readableEnded) reject(new Error("The shell was closed before it ended."));
    });
  });
  // Whoever doesn't ask for it must not be ended by it.
  exited.catch(() => {});
  const resize = (columns: number, rows: number) => engine.resizeExec(id, columns, rows, signal);
  if (columns !== undefined && rows !== undefined) await resize(columns, rows);
  const close = () => void stream.destroy();
  return { stream, exited, resize, close, [Symbol.asyncDispose]: async () => close() };
}

/** A connection through which nothing passes, either way, once it is not allowed any more. */
function guarded(connection: Duplex, isAllowed: () => void): Duplex {
  const check = (done: (error: Error) => void): boolean => {
    try {
      isAllowed();
      return true;
    } catch (error) {
      done(error as Error);
      return false;
    }
  };
  const stream = new Duplex({
    read: () => void connection.resume(),
    write(chunk, encoding, done) {
      if (check(done)) connection.write(chunk, encoding, done);
    },
    final: (done) => void connection.end(done),
    destroy(error, done) {
      connection.destroy();
      done(error);
    },
  });
  connection.on("data", (chunk) => {
    if (check((error) => stream.destroy(error)) && !stream.push(chunk)) connection.pause();
  });
  connection.on("end", () => stream.push(null));
  connection.on("error", (error) => stream.destroy(error));
  connection.on("close", () => {
    if (!connection.readableEnded) stream.destroy();
  });
  return stream;
}
