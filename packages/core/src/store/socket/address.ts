import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { WarmpoolError } from "../../model/error.js";

/** Where a listener is found. */
export interface Address {
  /** As it was given, for messages. */
  readonly path: string;
  /** What the operating system calls it. */
  readonly socket: string;
  /** Who can read this file may connect. */
  readonly tokenFile: string;
}

/** What a socket's path may be long on every platform: macOS has 104 bytes for it, with the null at its end. */
const LONGEST_BYTES = 103;

/**
 * The socket and its token, for a path. On Windows the path names a pipe, which lies in no folder.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function addressOf(path: string, platform: NodeJS.Platform = process.platform): Address {
  if (typeof path !== "string" || path === "" || path.includes("\0")) throw invalid("must be the path of a socket");
  const full = resolve(path);
  if (platform === "win32") {
    const name = `warmpool-${createHash("sha256").update(full).digest("hex").slice(0, 24)}`;
    return { path, socket: `\\\\.\\pipe\\${name}`, tokenFile: join(tmpdir(), `${name}.token`) };
  }
  const bytes = Buffer.byteLength(full);
  if (bytes > LONGEST_BYTES) {
    throw invalid(
      `is ${bytes} bytes long as "${full}", and sockets take ${LONGEST_BYTES}: use a shorter folder, such as /tmp`,
    );
  }
  return { path, socket: full, tokenFile: `${full}.token` };
}

function invalid(problem: string): WarmpoolError<"INVALID_OPTIONS"> {
  return new WarmpoolError("INVALID_OPTIONS", `path: ${problem}.`, {
    details: { problems: [{ path: "path", problem }] },
  });
}
