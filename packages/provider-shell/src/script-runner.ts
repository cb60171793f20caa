import process from "node:process";
import { type CallContext, type FailureKind, ProviderError } from "@warmpool/core";
import { CapturedOutput } from "./captured-output.js";
import { type CommandName, problemOfFile } from "./command.js";
import { type CallFacts, environmentOf } from "./environment.js";
import { findingOfExit } from "./exit-code.js";
import { KeyQueue } from "./key-queue.js";
import type { ShellSettings } from "./parse-options.js";
import { type Obstacle, RunningScripts } from "./running-scripts.js";
import { Script, type ScriptExit, SpawnFailed } from "./script.js";
import type { ScriptLog, ScriptLogs } from "./script-log.js";
import { waitForScript } from "./wait-for-script.js";

/** What is asked again and again. */
const ROUTINE: ReadonlySet<CommandName> = new Set(["check", "find", "list"]);

/** A script that ran to its end. */
export interface Ending extends ScriptExit {
  /** Empty unless it was captured. */
  readonly stdout: Uint8Array;
  /** The last lines in its log, if it didn't exit with 0. */
  readonly lastWords: string;
  readonly logPath: string;
}

/** The script was not started: whatever it does, it has not done. */
export class NotStarted extends ProviderError {}

/** How a call stands when it goes wrong. */
interface Call {
  readonly facts: CallFacts;
  /** `allocate of wp-…`, for messages. */
  readonly what: string;
  readonly context: CallContext<unknown>;
}

/** Runs scripts: one at a time for a key, on record while they run, ended when they must, with their output in place. */
export class ScriptRunner {
  readonly #settings: ShellSettings;
  readonly #logs: ScriptLogs;
  readonly #running: RunningScripts;
  readonly #queue = new KeyQueue();
  /** To end the `allocate` of a key. */
  readonly #allocating = new Map<string, AbortController>();

  constructor(settings: ShellSettings, logs: ScriptLogs) {
    this.#settings = settings;
    this.#logs = logs;
    this.#running = new RunningScripts(settings.runningDirectory, settings.killAfterMs);
  }

  /**
   * Runs the script of a call to its end.
   *
   * @param stdoutLimit Captures stdout, up to so many bytes; without, it goes to the log.
   * @throws {NotStarted} when it cannot be started.
   * @throws {ProviderError} when it was ended: by the signal, its timeout, or because it printed too much.
   */
  async run(facts: CallFacts, context: CallContext<unknown>, stdoutLimit?: number): Promise<Ending> {
    const { key, command } = facts;
    const call: Call = { facts, context, what: key === undefined ? command : `${command} of ${key}` };
    if (key === undefined) return this.#run(call, stdoutLimit);
    // Whoever asks what came of an allocate, or deletes it, has given it up: no answer holds while it runs.
    if (command === "find" || command === "delete") {
      this.#allocating.get(key)?.abort(new Error(`${command} was asked for`));
    }
    if (command === "allocate") return this.#runAllocate(call, key, stdoutLimit);
    // The engine never makes two calls for a key at once, but one that it gave up may still be ending its script.
    return this.#queue.run(key, () => this.#run(call, stdoutLimit));
  }

  async #runAllocate(call: Call, key: string, stdoutLimit: number | undefined): Promise<Ending> {
    const controller = new AbortController();
    const signal = AbortSignal.any([call.context.signal, controller.signal]);
    this.#allocating.set(key, controller);
    try {
      return await this.#queue.run(key, () =>
        this.#run({ ...call, context: { ...call.context, signal } }, stdoutLimit),
      );
    } finally {
      if (this.#allocating.get(key) === controller) this.#allocating.delete(key);
    }
  }

  async #run(call: Call, stdoutLimit: number | undefined): Promise<Ending> {
    this.#stopIfAborted(call);
    const { key, epoch, command } = call.facts;
    const { stateDirectory } = this.#settings;
    let stdout: CapturedOutput | undefined;
    let log: ScriptLog | undefined;
    let ending = "not started";
    let routine = false;
    try {
      await this.#beforeStart(call, async () => {
        const problem = problemOfFile(this.#settings.commands[command]!.file);
        if (problem !== undefined) throw this.#notStarted(call, problem, "permanent");
        if (key !== undefined) this.#refuse(call, await this.#running.clear(key, epoch));
        if (stdoutLimit !== undefined) stdout = await CapturedOutput.create(stateDirectory, stdoutLimit);
        log = await this.#logs.open(key, command);
      });
      const finished = await this.#runScript(call, stdout, log!);
      ending = describeExit(finished);
      routine = ROUTINE.has(command) && isAnswer(call.facts, finished);
      return finished;
    } catch (error) {
      if (!(error instanceof NotStarted)) ending = "ended";
      throw error;
    } finally {
      // The script's outcome counts, not that of our notes.
      await (log as ScriptLog | undefined)?.close(ending, routine).catch(() => {});
      await (stdout as CapturedOutput | undefined)?.close().catch(() => {});
    }
  }

  async #runScript(call: Call, stdout: CapturedOutput | undefined, log: ScriptLog): Promise<Ending> {
    const { killAfterMs, timeoutsMs } = this.#settings;
    const { command } = call.facts;
    const { script, record } = await this.#beforeStart(call, () => this.#startAtGate(call, stdout, log));
    script.go();
    const end = await waitForScript(script, { signal: call.context.signal, timeoutMs: timeoutsMs[command], stdout });
    // What a script leaves running lives on if the script did what it should.
    const succeeded = end.type === "exited" && isAnswer(call.facts, end.exit);
    const gone = succeeded || (await script.end(killAfterMs));
    // Otherwise the record stays: whoever comes next must try to end it again.
    if (gone && record !== undefined) await this.#running.remove(record);
    if (end.type === "exited") {
      return {
        ...end.exit,
        stdout: (await stdout?.read()) ?? new Uint8Array(),
        lastWords: end.exit.exitCode === 0 ? "" : await log.lastWords(),
        logPath: log.path,
      };
    }
    const remains = gone ? "" : ` Its process group ${script.pid} could not be ended and still runs.`;
    const words = withWords(await log.lastWords(), log.path);
    throw new ProviderError(`${call.what} ${end.why}, so it was ended.${remains} ${words}`, {
      provider: this.#settings.name,
      cause: end.cause,
    });
  }

  /** A process that waits at the gate and is on record, if the call has a key. */
  async #startAtGate(
    call: Call,
    stdout: CapturedOutput | undefined,
    log: ScriptLog,
  ): Promise<{ script: Script; record: string | undefined }> {
    const { commands, cwd, env, resallocPool } = this.#settings;
    const { key, epoch, command } = call.facts;
    const script = await Script.start(commands[command]!, {
      cwd,
      env: environmentOf(call.facts, process.env, env, resallocPool),
      stdoutDescriptor: stdout?.descriptor ?? log.descriptor,
      stderrDescriptor: log.descriptor,
    });
    let record: string | undefined;
    try {
      if (key !== undefined) {
        record = await this.#running.add({ key, command, epoch, pid: script.pid });
        if (record === undefined) throw this.#notStarted(call, "its process was ended from outside", "transient");
        // Another manager may have put its script on record since we looked.
        this.#refuse(call, await this.#running.clear(key, epoch, record));
      }
      this.#stopIfAborted(call);
      return { script, record };
    } catch (error) {
      await script.end(0);
      if (record !== undefined) await this.#running.remove(record);
      throw error;
    }
  }

  /** What fails in here has started nothing. */
  async #beforeStart<T>(call: Call, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof ProviderError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      const kind = error instanceof SpawnFailed ? kindOfSpawnFailure(code) : kindOfFileError(code);
      throw this.#notStarted(call, message, kind, error);
    }
  }

  #refuse(call: Call, obstacle: Obstacle | undefined): void {
    if (obstacle === undefined) return;
    const { command, epoch, pid } = obstacle.script;
    const problem =
      obstacle.type === "newer"
        ? `a later manager (epoch ${epoch}) runs ${command} for this key, process ${pid}`
        : `${command}, which an earlier manager started (process group ${pid}), could not be ended and still runs`;
    throw this.#notStarted(call, problem, "transient");
  }

  #stopIfAborted({ facts, what, context }: Call): void {
    if (!context.signal.aborted) return;
    throw new ProviderError(`${what} was given up before its script was started.`, {
      provider: this.#settings.name,
      cause: context.signal.reason,
      ...(facts.command === "allocate" && { made: "nothing" }),
    });
  }

  #notStarted({ facts, what }: Call, problem: string, kind: FailureKind, cause?: unknown): NotStarted {
    return new NotStarted(`${what} was not started: ${problem}.`, {
      provider: this.#settings.name,
      kind,
      cause,
      ...(facts.command === "allocate" && { made: "nothing" }),
    });
  }
}

/** `exit code 1`, `SIGKILL`. */
export function describeExit({ exitCode, signal }: ScriptExit): string {
  return exitCode === undefined ? (signal ?? "an unknown signal") : `exit code ${exitCode}`;
}

/** The last words of a script and where to read the rest, for the end of a message. */
export function withWords(words: string, logPath: string): string {
  return words === "" ? `It said nothing. Log: ${logPath}` : `Its last words:\n${words}\nLog: ${logPath}`;
}

function isAnswer({ command }: CallFacts, { exitCode }: ScriptExit): boolean {
  return command === "find" ? findingOfExit(exitCode) !== undefined : exitCode === 0;
}

function kindOfSpawnFailure(code: string | undefined): FailureKind {
  return code === "E2BIG" || code === "ENOENT" || code === "EACCES" ? "permanent" : "transient";
}

function kindOfFileError(code: string | undefined): FailureKind {
  return code === "ENOSPC" || code === "EMFILE" || code === "ENFILE" || code === "EDQUOT" ? "transient" : "permanent";
}
