import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";

export const tests = Number(process.env["BENCH_TESTS"]);

/** When the tests of a file had their turn: from one to the next is what a test takes, with all that the runner does for it. */
export class Laps {
  readonly #atMs = [performance.now()];

  next(): void {
    this.#atMs.push(performance.now());
  }

  /** Without the first ones, which the compiler is new to. */
  tell(name: string): void {
    const [startedAtMs = 0, firstAtMs = 0] = this.#atMs;
    const warm = this.#atMs.slice(Math.floor(this.#atMs.length / 4));
    const eachMs = ((warm.at(-1) ?? 0) - (warm[0] ?? 0)) / (warm.length - 1);
    const result = JSON.stringify({ eachMs, firstMs: firstAtMs - startedAtMs });
    writeFileSync(join(process.env["BENCH_FOLDER"] as string, name), result);
  }
}
