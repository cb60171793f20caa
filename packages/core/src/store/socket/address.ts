import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fullPath } from "./path.js";

/** Where a listener is found. */
export interface Address {
  /** As it was given, for messages. */
  readonly path: string;
  /** What the operating system calls it. */
  readonly socket: string;
  /** Who can read this file may connect. */
  readonly tokenFile: string;
}

/**
 * The socket and its token, for a path. On Windows the path names a pipe, which lies in no folder.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function addressOf(path: string, platform: NodeJS.Platform = process.platform): Address {
  const full = fullPath(path, platform);
  if (platform !== "win32") return { path, socket: full, tokenFile: `${full}.token` };
  const name = `warmpool-${createHash("sha256").update(full).digest("hex").slice(0, 24)}`;
  return { path, socket: `\\\\.\\pipe\\${name}`, tokenFile: join(tmpdir(), `${name}.token`) };
}
