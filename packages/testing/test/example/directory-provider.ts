import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Provider, ResourceTags } from "@warmpool/core";

const HALF_MADE = ".new";

/** Empty directories below `root`, as a small example of a provider with a real outside world. */
export function directoryProvider({ root }: { root: string }): Provider<{ path: string }> {
  const pathOf = (key: string) => join(root, key);
  const exists = (path: string) =>
    stat(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        // Any other error leaves open whether it exists.
        if (error.code === "ENOENT") return false;
        throw error;
      },
    );

  return {
    name: "directory",
    // What a process that died had begun is over with it; a disk may still need a moment.
    settlesWithin: "50ms",

    async allocate({ key, tags }, { signal }) {
      signal.throwIfAborted();
      const path = pathOf(key);
      if (await exists(path)) return { path };
      await mkdir(`${path}${HALF_MADE}`, { recursive: true });
      await writeFile(join(`${path}${HALF_MADE}`, ".tags.json"), JSON.stringify(tags));
      signal.throwIfAborted();
      await rename(`${path}${HALF_MADE}`, path);
      return { path };
    },

    async delete({ key }, { signal }) {
      signal.throwIfAborted();
      for (const path of [`${pathOf(key)}${HALF_MADE}`, pathOf(key)]) await rm(path, { recursive: true, force: true });
    },

    async check({ data }) {
      const works = await exists(join(data.path, ".tags.json"));
      return works ? { status: "healthy" } : { status: "unhealthy", reason: "its tags are gone" };
    },

    async find(key, { signal }) {
      signal.throwIfAborted();
      if (await exists(pathOf(key))) return { status: "ready", data: { path: pathOf(key) } };
      if (await exists(`${pathOf(key)}${HALF_MADE}`)) return { status: "broken", reason: "it was not made to its end" };
      return { status: "absent" };
    },

    async *list({ signal }) {
      for (const name of await readdir(root)) {
        signal.throwIfAborted();
        if (name.endsWith(HALF_MADE)) {
          yield { key: name.slice(0, -HALF_MADE.length) };
          continue;
        }
        const tags = await readFile(join(root, name, ".tags.json"), "utf8").catch(() => undefined);
        yield {
          key: name,
          data: { path: pathOf(name) },
          ...(tags !== undefined && { tags: JSON.parse(tags) as ResourceTags }),
        };
      }
    },
  };
}
