import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import type { Duplex } from "node:stream";
import type { Container } from "./container.ts";
import { frame } from "./frames.ts";

/** The body of `POST /containers/{id}/exec`. */
export interface ExecBody {
  readonly Cmd: readonly string[];
  readonly Tty?: boolean;
  readonly AttachStdin?: boolean;
  readonly Env?: readonly string[];
}

/** A command in a container. It is a real process, on this machine, so that its streams and its exit are real. */
export class Exec {
  readonly id = randomBytes(32).toString("hex");
  readonly container: Container;
  readonly body: ExecBody;
  exitCode: number | null = null;
  running = false;
  size: { readonly columns: number; readonly rows: number } | undefined;
  #child: ChildProcess | undefined;

  constructor(container: Container, body: ExecBody) {
    this.container = container;
    this.body = body;
  }

  /** Runs it with its streams on a connection that speaks no HTTP any more. */
  run(connection: Duplex): void {
    const [program = "", ...words] = this.body.Cmd;
    const environment = [...this.container.environment, ...(this.body.Env ?? [])];
    const child = spawn(program, words, {
      cwd: tmpdir(),
      env: { PATH: process.env["PATH"], ...Object.fromEntries(environment.map(splitAtEquals)) },
    });
    this.#child = child;
    this.running = true;
    this.container.execs.add(this);
    const send = (stream: "stdout" | "stderr") => (data: Buffer) =>
      void connection.write(this.body.Tty === true ? data : frame(stream, data));
    child.stdout.on("data", send("stdout"));
    child.stderr.on("data", send("stderr"));
    child.stdin.on("error", () => {});
    if (this.body.AttachStdin === true) connection.pipe(child.stdin);
    else {
      child.stdin.end();
      connection.resume();
    }
    // Whoever sat at the terminal hung up.
    if (this.body.Tty === true) connection.on("close", () => child.kill("SIGHUP"));
    connection.on("error", () => {});
    const ended = (code: number) => {
      this.exitCode ??= code;
      this.running = false;
      this.container.execs.delete(this);
      connection.end();
    };
    child.on("error", () => ended(127));
    child.on("close", (code) => ended(code ?? 137));
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }
}

function splitAtEquals(variable: string): [string, string] {
  const at = variable.indexOf("=");
  return at < 0 ? [variable, ""] : [variable.slice(0, at), variable.slice(at + 1)];
}
