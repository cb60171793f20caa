import { readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type Found, type Provider, ProviderError, type ResourceTags } from "@warmpool/core";
import { git } from "./git.ts";

/** What holders get: a checkout of their own. */
export interface Worktree {
  readonly path: string;
  readonly commit: string;
}

export interface WorktreeOptions {
  /** The repository that worktrees belong to. */
  readonly repository: string;
  /** The folder they are made in. Default: `<repository>.worktrees`. */
  readonly into?: string;
  /** What is checked out: a branch, a tag, a commit. Default: `"HEAD"`. */
  readonly ref?: string;
  /** Longest that making one may take, in milliseconds. Default: 60,000. */
  readonly settlesWithinMs?: number;
}

/** Longest that clearing up after a failed `allocate` may take, in milliseconds. */
const UNDO_MS = 10_000;

/** Checkouts of a git repository, each a worktree, made ahead of time. */
export function worktreeProvider(options: WorktreeOptions): Provider<Worktree> {
  const repository = resolve(options.repository);
  const into = resolve(options.into ?? `${repository}.worktrees`);
  const { ref = "HEAD", settlesWithinMs = 60_000 } = options;
  const pathOf = (key: string) => join(into, key);

  /** All that exists, by key; `mark`: what `allocate` wrote when it was done. */
  async function seen(signal: AbortSignal): Promise<Map<string, Mark | undefined>> {
    const printed = await inTurn(() => git(repository, ["worktree", "list", "--porcelain", "-z"], signal));
    const folders = await readdir(into).catch(() => []);
    // A folder without an entry: git was stopped in between.
    const all = new Map<string, Mark | undefined>(folders.map((name) => [name, undefined]));
    for (const entry of printed.split("\0\0")) {
      const path = /^worktree (.*)$/m.exec(entry.replaceAll("\0", "\n"))?.[1] ?? "";
      if (dirname(path) === into) all.set(basename(path), markIn(entry));
    }
    return all;
  }

  async function whatIs(key: string, signal: AbortSignal): Promise<Found<Worktree>> {
    const all = await seen(signal);
    if (!all.has(key)) return { status: "absent" };
    const mark = all.get(key);
    if (mark === undefined) return { status: "broken", reason: "it was not made to its end" };
    return { status: "ready", data: { path: pathOf(key), commit: mark.commit } };
  }

  async function make(key: string, tags: ResourceTags, signal: AbortSignal): Promise<Worktree> {
    const path = pathOf(key);
    const commit = (await git(repository, ["rev-parse", "--verify", `${ref}^{commit}`], signal)).trim();
    await inTurn(() => git(repository, ["worktree", "add", "--no-checkout", "--detach", path, commit], signal));
    await git(path, ["reset", "--hard", "--quiet"], signal);
    // The mark comes last: what has it is whole.
    const mark: Mark = { commit, tags };
    await git(repository, ["worktree", "lock", "--reason", JSON.stringify(mark), path], signal);
    return { path, commit };
  }

  async function remove(key: string, signal: AbortSignal): Promise<void> {
    const entries = await git(repository, ["rev-parse", "--path-format=absolute", "--git-path", "worktrees"], signal);
    await rm(pathOf(key), { recursive: true, force: true });
    // Not by `git worktree remove`, which doesn't see an entry that git was stopped in the middle of.
    await rm(join(entries.trim(), key), { recursive: true, force: true });
  }

  // Git fails on an entry that it is writing itself at the same time.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  }

  return {
    name: "worktrees",
    settlesWithin: settlesWithinMs,

    async allocate({ key, tags }, context) {
      // After that time nothing may come to be any more: then we stop, too.
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(settlesWithinMs)]);
      const before = await whatIs(key, signal);
      if (before.status === "ready") return before.data;
      try {
        return await make(key, tags, signal);
      } catch (cause) {
        // Git has ended by now. What can be undone at once, nobody has to look for later.
        const undone = await remove(key, AbortSignal.timeout(UNDO_MS)).then(
          () => true,
          () => false,
        );
        const kind = cause instanceof ProviderError ? cause.kind : "unknown";
        throw new ProviderError(`worktree ${key} was not made`, { kind, cause, ...(undone && { made: "nothing" }) });
      }
    },

    delete: ({ key }, { signal }) => remove(key, signal),

    async check({ data }, { signal }) {
      // In an outage nothing is said about the worktree: this rejects as "transient".
      await git(repository, ["rev-parse", "--git-dir"], signal);
      try {
        await stat(join(data.path, ".git"));
        await git(data.path, ["rev-parse", "--verify", "HEAD"], signal);
        return { status: "healthy" };
      } catch (error) {
        signal.throwIfAborted();
        return { status: "unhealthy", reason: String(error) };
      }
    },

    find: (key, { signal }) => whatIs(key, signal),

    async *list({ signal }) {
      for (const [key, mark] of await seen(signal)) {
        if (mark === undefined) yield { key };
        else yield { key, tags: mark.tags, data: { path: pathOf(key), commit: mark.commit } };
      }
    },

    async reset({ data }, { signal }) {
      await git(data.path, ["checkout", "--force", "--detach", data.commit], signal);
      await git(data.path, ["clean", "-ffdx"], signal);
    },
  };
}

/** What is written into the lock of a worktree. */
interface Mark {
  readonly commit: string;
  readonly tags: ResourceTags;
}

function markIn(entry: string): Mark | undefined {
  const [, reason] = /\0locked ([^\0]*)/.exec(entry) ?? [];
  try {
    // git locks what it is about to make itself, with another reason.
    return reason === undefined ? undefined : (JSON.parse(reason) as Mark);
  } catch {
    return undefined;
  }
}
