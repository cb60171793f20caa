import type { ConnectOptions, SessionPost } from "../post.js";
import type { Store, StoreSession } from "../store.js";
import { addressOf } from "./address.js";

/**
 * What a client has in place of a store: somebody on this machine listens at a path, and keeps the records. It never leads.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function socketStore(path: string): Store<true> {
  const address = addressOf(path);
  return {
    name: `socket ${path}`,
    durable: true,
    shared: true,
    async open(): Promise<StoreSession> {
      throw new Error("whoever listens leads");
    },
    async connect(_namespace: string, options: ConnectOptions): Promise<SessionPost> {
      // Only who connects has sockets.
      const { SocketPost } = await import("./socket-post.js");
      return await SocketPost.open(address, options);
    },
  };
}
