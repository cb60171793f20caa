import core = require("@warmpool/core");

export const names: readonly string[] = Object.keys(core);
