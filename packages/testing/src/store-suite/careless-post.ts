import {
  type ConnectOptions,
  type LeaderMail,
  type Letter,
  type OpenOptions,
  type SessionPost,
  type Store,
  type StoreSession,
  sharing,
  WarmpoolError,
} from "@warmpool/core";
import { carelessHarness } from "./careless-store.js";

/** What a transport of letters can get wrong, one thing at a time. */
export type PostMistake =
  | "letters end after 8,000 bytes"
  | "every session gets every letter"
  | "all namespaces share a post"
  | "the first leader keeps the post"
  | "a closed connection goes on receiving"
  | "closing a post closes the store"
  | "the signal of a connection is not looked at";

/** Stores that carry letters, perhaps with a mistake. Every other letter is lost, as it may be. */
export function carelessPost(mistake?: PostMistake): Store {
  const { store } = carelessHarness();
  const sessions = new Map<string, ConnectOptions>();
  const leaders = new Map<string, LeaderMail>();
  const opened: StoreSession[] = [];
  const sent = new Map<string, number>();
  const at = (namespace: string, session = "") =>
    JSON.stringify([mistake === "all namespaces share a post" ? "" : namespace, session]);
  const carry = async (to: string, { session, text }: Letter, deliver: (letter: Letter) => void): Promise<void> => {
    const count = sent.get(to) ?? 0;
    sent.set(to, count + 1);
    if (count % 2 === 0) return;
    queueMicrotask(() =>
      deliver({ session, text: mistake === "letters end after 8,000 bytes" ? text.slice(0, 8_000) : text }),
    );
  };
  const toSession = (namespace: string, { session, text }: Letter): void => {
    if (mistake !== "every session gets every letter") return sessions.get(at(namespace, session))?.receive([text]);
    for (const { receive } of sessions.values()) receive([text]);
  };
  return {
    name: store.name,
    durable: store.durable,
    shared: true,
    sharing,
    async open(namespace: string, options?: OpenOptions): Promise<StoreSession> {
      const session = await store.open(namespace, options);
      opened.push(session);
      const post = {
        listen: (mail: LeaderMail) => {
          const kept = mistake === "the first leader keeps the post" && leaders.has(at(namespace));
          if (!kept) leaders.set(at(namespace), mail);
        },
        send: async (letters: readonly Letter[]) => {
          for (const letter of letters)
            await carry(`to ${at(namespace, letter.session)}`, letter, (arrived) => toSession(namespace, arrived));
        },
      };
      return Object.assign(session, { post });
    },
    async connect(namespace: string, options: ConnectOptions): Promise<SessionPost> {
      const { session, signal } = options;
      if (signal?.aborted === true && mistake !== "the signal of a connection is not looked at") {
        const details = { ticket: undefined };
        throw new WarmpoolError("ABORTED", "The connection was given up.", { details, cause: signal.reason });
      }
      const key = at(namespace, session);
      const first = sessions.get(key);
      const keeps = mistake === "a closed connection goes on receiving" && first !== undefined;
      sessions.set(key, keeps ? first : options);
      return {
        send: (text) =>
          carry(`from ${key}`, { session, text }, (letter) => leaders.get(at(namespace))?.received([letter])),
        async close() {
          if (mistake === "closing a post closes the store") await Promise.all(opened.map((each) => each.close()));
          if (mistake !== "a closed connection goes on receiving") sessions.delete(key);
        },
      };
    },
  };
}
