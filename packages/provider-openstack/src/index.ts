/** @module @warmpool/provider-openstack */
export type { OpenStackServer, ServerAddress } from "./data.js";
export type { BootVolume, OpenStackAuth, OpenStackOptions, ServerFields } from "./options.js";
export { type OpenStackProvider, openStackProvider } from "./provider.js";
export type { ReadyWhen } from "./ready-when.js";
