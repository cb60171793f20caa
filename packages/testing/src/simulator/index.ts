export { FAULT_KINDS, FAULTS, type Fault } from "./faults.js";
export { type RunOptions, type RunResult, simulate } from "./run.js";
export type { Scenario } from "./scenario.js";
export { shrink } from "./shrink.js";
