import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Where state is kept unless told otherwise: one folder a user and machine. */
export function defaultStateDirectory(): string {
  return join(tmpdir(), `warmpool-shell-${process.getuid?.() ?? "user"}`);
}

/**
 * Creates a folder that only its owner can read, if it isn't there.
 *
 * @throws {Error} when it cannot be made, or when it is the default one and belongs to somebody else: others can write
 * to the folder for temporary files too, and a planted record would make us end processes of their choice.
 */
export async function ensureDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (path !== defaultStateDirectory()) return;
  const stat = await lstat(path);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
    throw new Error(`${path} belongs to somebody else. Set stateDirectory to a folder of your own`);
  }
}

/** A name for the files of a key: the key itself where it can be one, else as much of it as can, and a digest. */
export function fileNameOf(key: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(key)) return key;
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 16);
  return `${key.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 40)}-${digest}`;
}
