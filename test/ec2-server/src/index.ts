export type { Cloud } from "./cloud.js";
export { Fault } from "./fault.js";
export type { Market, StateName } from "./instance.js";
export { type Ec2Server, type Seen, startEc2Server } from "./server.js";
export type { Mishap, Offer, Weather } from "./weather.js";
