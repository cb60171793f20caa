/** @module @warmpool/provider-aws */
export { Ec2Error } from "./ec2-error.js";
export type { Ec2Instance } from "./instance.js";
export type { Credentials, Ec2Options, Launch, LaunchRequest, SpotOptions, Spreadable } from "./options.js";
export { type Ec2Provider, ec2Provider } from "./provider.js";
export type { ReadyFunction, ReadyPort } from "./ready.js";
