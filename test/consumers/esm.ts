import * as core from "@warmpool/core";

export const names: readonly string[] = Object.keys(core);
