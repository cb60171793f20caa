// npm run verify: what takes longer, in under 20 minutes. Later commands are further lines here.
import { runShown, runSteps } from "./steps.mjs";

await runSteps([["build", "npm", "run", "--silent", "build"]]);
// One after the other: each runs whole programs, which have all cores then.
const verify = ["--project", "verify", "--maxWorkers", "1"];
await runShown("vitest", "npm", "run", "--silent", "vitest", "--", ...verify);
// npm test has run the same under Node 24.
for (const version of ["22", "26"]) {
  const node = `test/nodes/${version}/node_modules/node/bin/node`;
  const projects = ["source", "built", "postgres"].flatMap((name) => ["--project", name]);
  const vitest = ["node_modules/vitest/vitest.mjs", "run", ...projects, "packages/"];
  await runShown(`the packages' tests under Node ${version}`, node, ...vitest);
}
await runShown("demo", "node", "examples/demo/main.ts");
// Always the same runs: new ones are looked for by `npm run sim`.
await runShown("simulation", "node", "test/sim/main.ts", "--faults", "500000", "--seed", "20261121");
await runShown("chaos", "node", "test/chaos/main.ts", "--kills", "100", "--keep");
await runShown("chaos on Keyv", "node", "test/chaos/main.ts", "--kills", "30", "--store", "keyv", "--keep");
await runShown(
  "chaos on PostgreSQL",
  "node",
  "test/chaos/main.ts",
  "--store",
  "postgres",
  "--seconds",
  "120",
  "--keep",
);
