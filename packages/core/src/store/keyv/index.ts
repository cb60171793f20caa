/** @module @warmpool/core/keyv */
export type { KeyvLike } from "./backend.js";
export { keyvStore } from "./keyv-store.js";
export type { KeyvStoreOptions } from "./options.js";
