import { resolve } from "node:path";
import { WarmpoolError } from "../../model/error.js";

/** What a socket's path may be long on every platform: macOS has 104 bytes for it, with the null at its end. */
const LONGEST_BYTES = 103;

/**
 * The whole path of a socket, if it can be one. This is all that `connectPool` needs at once: the rest of `socket` is loaded
 * when somebody connects or listens.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function fullPath(path: string, platform: NodeJS.Platform): string {
  if (typeof path !== "string" || path === "" || path.includes("\0")) throw invalid("must be the path of a socket");
  const full = resolve(path);
  const bytes = Buffer.byteLength(full);
  // On Windows it names a pipe, by a hash.
  if (bytes <= LONGEST_BYTES || platform === "win32") return full;
  throw invalid(
    `is ${bytes} bytes long as "${full}", and sockets take ${LONGEST_BYTES}: use a shorter folder, such as /tmp`,
  );
}

function invalid(problem: string): WarmpoolError<"INVALID_OPTIONS"> {
  return new WarmpoolError("INVALID_OPTIONS", `path: ${problem}.`, {
    details: { problems: [{ path: "path", problem }] },
  });
}
