import pg from "pg";
import { expect, test } from "vitest";
import { drawId } from "../src/id.js";
import { postgresStore } from "../src/index.js";
import { TrialSchema } from "./trial-schema.js";

/** A pool of a user's, which counts the statements that are given to a connection that is still at another one. */
function watched(url: string): { pool: pg.Pool; overlaps: string[] } {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  const overlaps: string[] = [];
  pool.on("connect", (client) => {
    let atWork = 0;
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query(...args: unknown[]) {
        const answer = query(...args);
        if (atWork > 0) overlaps.push(JSON.stringify(args[0]));
        atWork += 1;
        const done = () => {
          atWork -= 1;
        };
        if (answer instanceof Promise) answer.then(done, done);
        return answer;
      },
    });
  });
  return { pool, overlaps };
}

// The driver warns of it, once a process, and will refuse it.
test("a connection is given one statement at a time, however many sessions begin at once", async () => {
  const trial = new TrialSchema();
  const { pool, overlaps } = watched(trial.url);
  try {
    const store = postgresStore(pool, { schema: trial.schema, leaderTtl: "1s" });
    const leading = store.open("web");
    const posts = await Promise.all(
      Array.from({ length: 8 }, () =>
        store.connect?.("web", { session: drawId(16), receive: () => {}, renewed: () => {} }),
      ),
    );
    const session = await leading;
    await session.post?.send(posts.map((_, n) => ({ session: drawId(16), text: `"${n}"` })));
    for (const post of posts) await post?.close();
    await session.close();
    expect(overlaps).toEqual([]);
  } finally {
    await pool.end();
    await trial.drop();
  }
});
