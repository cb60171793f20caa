import { WarmpoolError } from "../model/error.js";
import type { Counter } from "./counter/counter.js";
import type { Life } from "./life.js";
import { problem } from "./parse.js";
import type { Runtime } from "./runtime.js";

/** Other processes of this machine reach the pools through it. */
export interface LocalListener {
  /** As it was given. */
  readonly path: string;
  /** Lets nobody in any more: clients look for another one that listens there. With its pool it is closed by itself. */
  close(): Promise<void>;
}

/** A way for letters that can be ended, and what serves those who come by it. */
export interface LocalPost {
  counter(runtime: Runtime, life: Life): Counter;
  close(): Promise<void>;
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`, `LISTEN_FAILED`. */
export async function openLocalPost(path: string, isShared: boolean): Promise<LocalPost> {
  if (isShared) {
    const text = "is for stores of one process: on this store, other processes make the same pool, or a client of it";
    throw problem([{ path: "listen", problem: text }]);
  }
  // Only who listens has sockets, and holders in other processes.
  const [{ SocketListener }, { addressOf }, { Counter }] = await Promise.all([
    import("../store/socket/listener.js"),
    import("../store/socket/address.js"),
    import("./counter/counter.js"),
  ]);
  const post = await SocketListener.open(addressOf(path));
  return { counter: (runtime, life) => new Counter(runtime, life, post), close: () => post.close() };
}

export function listensAlready(path: string): WarmpoolError<"LISTEN_FAILED"> {
  const message = `Nobody can listen at ${path}: this pool listens already. Close that listener first.`;
  return new WarmpoolError("LISTEN_FAILED", message, { details: { path } });
}
