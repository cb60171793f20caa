export type { Machine } from "./api.ts";
export { type RackOptions, rackProvider } from "./provider.ts";
