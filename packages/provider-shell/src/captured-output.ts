import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { ensureDirectory } from "./directory.js";

/** How often a growing output is measured: a script that floods fills no disk in that time. */
const MEASURE_EVERY_MS = 50;

/**
 * The stdout of a script, in a file without a name.
 *
 * Not a pipe: what a script leaves running may keep its stdout, so a pipe would never end, and closing our end would
 * kill that process at its next line. What the script itself wrote is in the file when it exits.
 */
export class CapturedOutput {
  readonly #file: FileHandle;
  /** In bytes. */
  readonly limit: number;
  #timer: NodeJS.Timeout | undefined;

  static async create(directory: string, limit: number): Promise<CapturedOutput> {
    await ensureDirectory(directory);
    const path = join(directory, `${randomUUID()}.stdout`);
    const file = await open(path, "ax+", 0o600);
    // At once: nothing is left to be tidied up, whatever happens.
    await rm(path);
    return new CapturedOutput(file, limit);
  }

  private constructor(file: FileHandle, limit: number) {
    this.#file = file;
    this.limit = limit;
  }

  /** For the script to write to. */
  get descriptor(): number {
    return this.#file.fd;
  }

  /** Calls `overflowed` as soon as more than the limit was written. */
  watch(overflowed: () => void): void {
    this.#timer = setInterval(async () => {
      if (await this.overflows().catch(() => false)) overflowed();
    }, MEASURE_EVERY_MS);
  }

  async overflows(): Promise<boolean> {
    return (await this.#file.stat()).size > this.limit;
  }

  /** What was written so far, at most the limit. */
  async read(): Promise<Uint8Array> {
    const length = Math.min((await this.#file.stat()).size, this.limit);
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#file.close();
  }
}
