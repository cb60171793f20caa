import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
const guide = read("../../docs/guide/write-a-provider.md");

test.each([
  ["git.ts", "git.ts"],
  ["worktree-provider.ts", "worktree-provider.ts"],
  // Its many processes make it a slow one: `npm run verify` runs it.
  ["worktree-provider.test.ts", "worktree-provider.verify.test.ts"],
])("the guide shows %s as it is", (shown, file) => {
  const [, text] = new RegExp(`^\`\`\`ts ${shown.replaceAll(".", "\\.")}\n(.*?)^\`\`\`$`, "ms").exec(guide) ?? [];
  expect(text).toBe(read(file));
});
