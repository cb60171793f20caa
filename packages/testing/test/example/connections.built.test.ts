import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

test("the suite runs under node:test, shows there what is not run, and lets the process end", async () => {
  const file = fileURLToPath(new URL("connections.test.mjs", import.meta.url));
  // Vitest's own marks would make node:test think that it runs inside another one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await run(process.execPath, ["--test", "--test-reporter=tap", file], { env, timeout: 15_000 });
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(20);
  expect(stdout).toMatch(/find after delete is absent \(not run: without find: a live object has no name.* # SKIP$/m);
});
