import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder of a test's own, gone when the test is finished. */
export function testFolder(): string {
  const folder = newFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder that its maker removes. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "warmpool-sqlite-"));
}

/**
 * What a crash at this moment would leave of a store: copies of its file and log, and no lock. Copied by another
 * process: opening and closing the file here would take SQLite's own locks away.
 */
export function copyAsAfterCrash(file: string, copy: string): void {
  for (const part of ["", "-wal"]) if (existsSync(file + part)) execFileSync("cp", [file + part, copy + part]);
}
