/** A server as the manager's pool sees it. */
export interface Server {
  readonly id: number;
  readonly key: string;
  /** `allocating`, `ready`, `leased`, `deleting`, … */
  readonly state: string;
  /** `127.0.0.1:40123`, once it is known. */
  readonly address: string | undefined;
  /** The client that has it. */
  readonly client: string | undefined;
}

/** What a manager tells main.ts. */
export type Message =
  /** Its store is open: these are the servers it knows. */
  | { readonly type: "opened"; readonly servers: readonly Server[] }
  /** Something changed. */
  | { readonly type: "servers"; readonly servers: readonly Server[] }
  /** A client has a server. */
  | {
      readonly type: "granted";
      readonly client: string;
      readonly key: string;
      readonly id: number;
      readonly token: number;
    }
  /** A client got an answer from its server. */
  | { readonly type: "answered"; readonly client: string }
  /** A server would not have a client: another one is inside, or its token is over. */
  | { readonly type: "refused"; readonly client: string; readonly reason: string }
  /** A client gives its server back. */
  | { readonly type: "returning"; readonly client: string }
  /** It is given back, for certain. */
  | { readonly type: "done"; readonly client: string }
  | { readonly type: "failed"; readonly client: string; readonly reason: string }
  /** Everything is deleted. */
  | { readonly type: "closed" };

/** What main.ts tells a manager. */
export type Command = { readonly type: "serve"; readonly clients: readonly string[] } | { readonly type: "close" };
