// npm run verify: what takes longer, in under 20 minutes. Later commands are further lines here.
import { runShown, runSteps } from "./steps.mjs";

await runSteps([["build", "npm", "run", "--silent", "build"]]);
await runShown("vitest", "npm", "run", "--silent", "vitest", "--", "--project", "verify", "--passWithNoTests");
await runShown("demo", "node", "examples/demo/main.ts");
await runShown("chaos", "node", "test/chaos/main.ts", "--kills", "100", "--keep");
