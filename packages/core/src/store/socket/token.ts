import { randomBytes, timingSafeEqual } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";

export function drawToken(): string {
  return randomBytes(24).toString("hex");
}

/** Puts it where nobody but this user can read it. */
export async function writeToken(file: string, token: string): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString("hex")}`;
  try {
    await writeFile(draft, token, { mode: 0o600, flag: "wx" });
    // Whole or not at all: somebody may be reading it.
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

export async function readToken(file: string): Promise<string> {
  return await readFile(file, "utf8");
}

/** Takes the same time whatever was given. */
export function isToken(given: unknown, token: string): boolean {
  if (typeof given !== "string") return false;
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}
