import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for databases, each under a new name. */
export class Scratch {
  readonly #folder = mkdtempSync(join(tmpdir(), "bench-durable-"));
  #files = 0;

  file(): string {
    this.#files += 1;
    return join(this.#folder, `${this.#files}.db`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
