import type { ConnectOptions, SessionPost } from "../post.js";
import type { Store, StoreSession } from "../store.js";
import { fullPath } from "./path.js";

/**
 * What a client has in place of a store: somebody on this machine listens at a path, and keeps the records. It never leads.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function socketStore(path: string): Store<true> {
  fullPath(path, process.platform);
  return {
    name: `socket ${path}`,
    durable: true,
    shared: true,
    async open(): Promise<StoreSession> {
      throw new Error("whoever listens leads");
    },
    async connect(_namespace: string, options: ConnectOptions): Promise<SessionPost> {
      // Only who connects has sockets.
      const [{ SocketPost }, { addressOf }] = await Promise.all([import("./socket-post.js"), import("./address.js")]);
      return await SocketPost.open(addressOf(path), options);
    },
  };
}
