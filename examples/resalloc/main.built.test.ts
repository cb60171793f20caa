import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";

test("the program prints what the README says", () => {
  const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
  const [, shown] = /^\$ node examples\/resalloc\/main\.ts\n(.*?)^```$/ms.exec(readme) ?? [];
  expect(execFileSync(process.execPath, [join(import.meta.dirname, "main.ts")], { encoding: "utf8" })).toBe(shown);
});
