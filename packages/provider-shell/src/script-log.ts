import { type FileHandle, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseKey } from "@warmpool/core";
import { ensureDirectory, fileNameOf } from "./directory.js";

/** How much of a script's last output goes into messages, in characters. */
const LAST_WORDS_LIMIT = 2_048;

/** How often old logs are looked for. */
const TIDY_EVERY_MS = 3_600_000;

export interface ScriptLogsOptions {
  readonly directory: string;
  /** How long after its last line a log is kept. */
  readonly keepMs: number;
  readonly redact: (text: string) => string;
  /** Bytes that are read before the last words, so that the cut leaves no half of a secret. */
  readonly redactionMargin: number;
}

/** One file per resource, in which what its scripts say on stderr is gathered. */
export class ScriptLogs {
  readonly #options: ScriptLogsOptions;
  #tidyAtMs = 0;

  constructor(options: ScriptLogsOptions) {
    this.#options = options;
  }

  /** Opens the log of a key (`undefined`: of the calls that concern none) for one more script. */
  async open(key: string | undefined, command: string): Promise<ScriptLog> {
    await ensureDirectory(this.#options.directory);
    const path = join(this.#options.directory, `${key === undefined ? "list" : fileNameOf(key)}.log`);
    // Appended to, so that what is left running of an earlier script and this one don't overwrite each other.
    const file = await open(path, "a+", 0o600);
    try {
      const header = `=== ${new Date().toISOString()} ${command}\n`;
      await file.write(header);
      return new ScriptLog(path, file, { header, start: (await file.stat()).size }, this.#options);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Removes the logs of resources that no script wrote to for long. At most once an hour; failures don't matter. */
  async tidy(nowMs: number): Promise<void> {
    if (nowMs < this.#tidyAtMs) return;
    this.#tidyAtMs = nowMs + TIDY_EVERY_MS;
    const { directory, keepMs } = this.#options;
    for (const name of await readdir(directory).catch(() => [])) {
      // The folder may be shared with files that are not ours.
      if (!name.endsWith(".log") || parseKey(name.slice(0, -".log".length)) === undefined) continue;
      const path = join(directory, name);
      const modifiedAtMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? nowMs;
      if (modifiedAtMs < nowMs - keepMs) await rm(path, { force: true }).catch(() => {});
    }
  }
}

/** The log while one script runs. */
export class ScriptLog {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #header: string;
  /** Where this script's output begins. */
  readonly #start: number;
  readonly #options: ScriptLogsOptions;

  constructor(path: string, file: FileHandle, mark: { header: string; start: number }, options: ScriptLogsOptions) {
    this.path = path;
    this.#file = file;
    this.#header = mark.header;
    this.#start = mark.start;
    this.#options = options;
  }

  /** For the script to write to. */
  get descriptor(): number {
    return this.#file.fd;
  }

  /** The last lines of what this script wrote, without the values of `env`. Empty: it wrote nothing. */
  async lastWords(): Promise<string> {
    const { size } = await this.#file.stat();
    // A script that opens /dev/stderr itself (`tee /dev/stderr`) cuts the file short.
    const start = size < this.#start ? 0 : this.#start;
    const { redact, redactionMargin } = this.#options;
    const length = Math.min(size - start, 4 * LAST_WORDS_LIMIT + redactionMargin);
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(length), 0, length, size - length);
    let words = redact(buffer.toString("utf8", 0, bytesRead)).trimEnd();
    const whole = length === size - start && words.length <= LAST_WORDS_LIMIT;
    // Half a secret may be left where we began to read.
    if (length < size - start) words = words.slice(redactionMargin);
    words = words.slice(-LAST_WORDS_LIMIT);
    return whole ? words : words.slice(words.indexOf("\n") + 1);
  }

  /**
   * Notes how the script ended, and closes.
   *
   * @param routine If it wrote nothing, it leaves no line: a day of good checks would hide what matters.
   */
  async close(ending: string, routine: boolean): Promise<void> {
    try {
      if (routine && (await this.#file.stat()).size === this.#start) {
        await this.#file.truncate(this.#start - Buffer.byteLength(this.#header));
      } else {
        await this.#file.write(`=== ${new Date().toISOString()} ${ending}\n`);
      }
    } finally {
      await this.#file.close();
    }
  }
}
