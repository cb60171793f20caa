import type { Listed, Logger, ResourceTags } from "@warmpool/core";
import type { Output } from "./output.js";
import { keyOfResallocName } from "./resalloc-name.js";

/** A line of a listing that means nothing: the whole listing is worthless then. */
export class BadLine extends Error {
  readonly line: string;

  constructor(line: string, expected: string) {
    super(`expected ${expected} in each line`);
    this.line = line;
  }
}

/** A listing of names as resalloc's scripts print them, by key. Names that are none of ours are left out. */
export function namedListing(listed: readonly Listed<unknown>[], resallocPool: string): Listed<unknown>[] {
  return listed.flatMap((entry) => {
    const key = keyOfResallocName(entry.key, resallocPool);
    return key === undefined ? [] : [{ ...entry, key }];
  });
}

/**
 * Reads a listing: a key a line, or, unless data is text, an object `{"key", "data"?, "createdAtMs"?, "tags"?}` a line.
 * Empty lines are skipped.
 *
 * Data that doesn't fit the schema is left out, with a warning: one broken thing must not hide all others, and its key
 * is enough to delete it.
 *
 * @throws {BadLine}
 */
export async function parseListing(text: string, output: Output, logger: Logger): Promise<Listed<unknown>[]> {
  const listed: Listed<unknown>[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "") continue;
    if (output.isText || !line.startsWith("{")) {
      if (/[\p{Cc}]/u.test(line)) throw new BadLine(raw, "a key");
      listed.push({ key: line });
    } else {
      listed.push(await parseObject(line, output, logger));
    }
  }
  return listed;
}

async function parseObject(line: string, output: Output, logger: Logger): Promise<Listed<unknown>> {
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = JSON.parse(line);
  } catch {
    throw new BadLine(line, "a key or an object of JSON");
  }
  const { key, data, createdAtMs, tags } = fields;
  if (typeof key !== "string" || key === "") throw new BadLine(line, 'a "key" that is a string');
  const parsed = data === undefined ? undefined : await output.validate(data);
  if (parsed !== undefined && "expected" in parsed) {
    logger.warn({ key }, `list printed data that cannot be used: expected ${parsed.expected}. Its key counts.`);
  }
  return {
    key,
    ...(parsed !== undefined && "data" in parsed && { data: parsed.data }),
    ...(typeof createdAtMs === "number" && { createdAtMs }),
    ...(typeof tags === "object" && tags !== null && { tags: tagsOf(tags) }),
  };
}

function tagsOf(tags: object): Partial<ResourceTags> {
  const { namespace, installation, pool, key, epoch, expiresAtMs } = tags as Readonly<Record<string, unknown>>;
  return {
    ...(typeof namespace === "string" && { namespace }),
    ...(typeof installation === "string" && { installation }),
    ...(typeof pool === "string" && { pool }),
    ...(typeof key === "string" && { key }),
    ...(typeof epoch === "number" && { epoch }),
    ...(typeof expiresAtMs === "number" && { expiresAtMs }),
  };
}
