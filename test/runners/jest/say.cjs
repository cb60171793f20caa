// As ../say.ts, which Jest would have to compile.
const { appendFileSync } = require("node:fs");
const { join } = require("node:path");

exports.say = (line) => appendFileSync(join(process.env.THINGS, "log"), `${line}\n`);
exports.never = () => new Promise(() => setInterval(() => {}, 1_000));
