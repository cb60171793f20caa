// npm test: everything that must hold at every commit, in under 4 minutes on 2 cores.
// Arguments go to Vitest: `npm test -- engine`.
import { runShown, runSteps } from "./steps.mjs";

const npm = (script) => ["npm", "run", "--silent", script];

await runSteps([
  ["build", ...npm("build")],
  ["types", ...npm("typecheck")],
  ["lint", ...npm("lint")],
]);
// These look at what was built.
await runSteps([
  ["packages (publint, attw)", ...npm("check:packages")],
  ["consumers (TypeScript 5.6, 6, 7)", ...npm("check:consumers")],
  ["knip", ...npm("knip")],
]);
// Alone, so that nothing takes its processor time.
await runShown(
  "vitest",
  ...npm("vitest"),
  "--",
  "--project",
  "source",
  "--project",
  "built",
  "--project",
  "postgres",
  ...process.argv.slice(2),
);
