/** @module @warmpool/provider-shell */
export type { Command, CommandName } from "./command.js";
export type { ShellOptions } from "./options.js";
export { shellProvider } from "./provider.js";
