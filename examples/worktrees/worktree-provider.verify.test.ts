import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { providerSuite } from "@warmpool/testing";
import { test } from "vitest";
import { type Worktree, worktreeProvider } from "./worktree-provider.ts";

providerSuite<Worktree>({
  // Each case has a repository of its own.
  test: test.concurrent,
  timeout: "10s",
  create() {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "worktrees-")));
    const repository = join(folder, "repository");
    const into = join(folder, "worktrees");
    const entries = join(repository, ".git/worktrees");
    const us = ["-c", "user.name=us", "-c", "user.email=us@example.com"];
    execFileSync("git", ["init", "--quiet", repository]);
    execFileSync("git", ["-C", repository, ...us, "commit", "--quiet", "--allow-empty", "--message=first"]);
    const provider = () => worktreeProvider({ repository, into, settlesWithinMs: 4_000 });
    return {
      provider: provider(),
      // As the next process would make it.
      restart: provider,
      // What really exists, asked past the provider.
      count: () => (existsSync(entries) ? readdirSync(entries).length : 0),
      break: ({ path }) => rmSync(join(path, ".git")),
      // The disk of the repository goes away.
      async outage(during) {
        renameSync(repository, `${repository}.away`);
        await during();
        renameSync(`${repository}.away`, repository);
      },
      cleanup: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
});
