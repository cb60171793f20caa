import type { Store } from "@warmpool/core";
import { keyvOn } from "../../packages/core/test/keyv/file-backend.ts";
import { type Built, load } from "../lib/build.ts";

/** Where records are kept. Keyv: on the adapter of its tests, a SQLite file in the main thread. */
export type StoreName = "sqlite" | "keyv";

/** What is loaded before the clock starts: opens a store on a file. */
export async function storeOf(contestant: Built, name: StoreName): Promise<(file: string) => Store<true>> {
  if (name === "sqlite") return (await load(contestant, "./sqlite")).sqliteStore;
  const { keyvStore } = await load(contestant, "./keyv");
  // Short, since a restart waits for whoever crashed.
  return (file) => keyvStore(keyvOn(file), { heartbeat: "100ms" });
}
