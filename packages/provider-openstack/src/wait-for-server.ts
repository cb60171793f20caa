import type { Census } from "./census.js";
import type { Client } from "./client/client.js";
import type { NovaServer } from "./client/nova-server.js";
import { type Polling, poll } from "./poll.js";
import { describe, type State, stateOf } from "./state.js";

/** How long Nova may take until it knows of a server whose id it gave, in milliseconds. */
const UNSEEN_MS = 60_000;

/** A server that will never be what it was waited for. */
export class BrokenServer extends Error {
  override name = "BrokenServer";
  /** `undefined`: it is gone. */
  readonly server: NovaServer | undefined;

  constructor(message: string, server: NovaServer | undefined) {
    super(message);
    this.server = server;
  }
}

/**
 * Waits until a server is in one of the states, and nothing is being done with it any more.
 *
 * @throws {BrokenServer} It is gone, or stays in another state.
 */
export async function waitForServer(
  { client, census }: { readonly client: Client; readonly census: Census },
  id: string,
  wanted: readonly State[],
  polling: Polling,
): Promise<NovaServer> {
  const { signal } = polling;
  const startedAtMs = performance.now();
  let seen = false;
  return await poll(async () => {
    let server = await census.byId(id, signal);
    // What was there and is missing from a listing may only be missing from it.
    if (server === undefined && seen) server = await client.compute.server(id, signal);
    if (server === undefined) {
      if (!seen && performance.now() - startedAtMs < UNSEEN_MS) return undefined;
      throw new BrokenServer(`the server ${id} is gone`, undefined);
    }
    seen = true;
    const state = stateOf(server);
    if (wanted.includes(state)) return server.taskState === undefined ? server : undefined;
    if (state === "changes" || state === "hidden" || server.taskState !== undefined) return undefined;
    throw new BrokenServer(describe(server), server);
  }, polling);
}
