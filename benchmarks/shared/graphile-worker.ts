import { Logger, type Runner, run } from "graphile-worker";
import pg from "pg";
import type { Claimant, SharedOrder } from "./rival.ts";

/** Inserted ahead, and again when few are left. */
const STOCK = 30_000;

/** Its own loop, with as many jobs at a time as there are claims in flight. */
export async function graphileWorker(order: SharedOrder, localQueue: boolean): Promise<Claimant> {
  const { url, connections, inFlight } = order;
  const pool = new pg.Pool({ connectionString: url, max: connections + 2 });
  let inserted = 0;
  let begun = 0;
  let filling: Promise<unknown> | undefined;
  const fill = async () => {
    await pool.query(
      `SELECT count(*) FROM graphile_worker.add_jobs((
        SELECT array_agg(json_populate_record(null::graphile_worker.job_spec, '{"identifier":"bench","payload":{}}'))
        FROM generate_series(1, $1::int)))`,
      [STOCK],
    );
    inserted += STOCK;
    filling = undefined;
  };
  const concurrentJobs = connections * inFlight;
  const runner: Runner = await run({
    pgPool: pool,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    preset: {
      worker: {
        concurrentJobs,
        pollInterval: 2_000,
        // What its documentation recommends for throughput.
        ...(localQueue && {
          localQueue: { size: Math.max(100, concurrentJobs * 2) },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        }),
      },
    },
    taskList: {
      bench: async () => {
        begun += 1;
        if (inserted - begun < STOCK / 3) filling ??= fill();
      },
    },
  });
  const [before] = (await pool.query("SELECT count(*) FROM graphile_worker.jobs")).rows;
  inserted = Number(before.count);
  await fill();
  return {
    // Its events tell of completions that are still on their way: the table knows, from which it deletes what is complete.
    async done() {
      await filling;
      const { rows } = await pool.query("SELECT count(*) FROM graphile_worker.jobs");
      return inserted - Number(rows[0].count);
    },
    async close() {
      await filling;
      await runner.stop();
      await pool.end();
    },
  };
}
