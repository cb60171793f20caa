import { PgBoss } from "pg-boss";
import type { Claimant, SharedOrder } from "./rival.ts";

const QUEUE = "bench";
/** Inserted ahead, and again when few are left. */
const STOCK = 20_000;

/** Fetch and complete, as its workers do. */
export async function pgBoss({ url, connections }: SharedOrder): Promise<Claimant> {
  const boss = new PgBoss({ connectionString: url, max: connections, supervise: false, schedule: false });
  boss.on("error", console.error);
  await boss.start();
  await boss.createQueue(QUEUE).catch(() => {});
  await boss.deleteAllJobs(QUEUE);
  let left = 0;
  let filling: Promise<unknown> | undefined;
  const fill = async () => {
    await boss.insert(
      QUEUE,
      Array.from({ length: STOCK }, (_, n) => ({ data: { n } })),
    );
    left += STOCK;
    filling = undefined;
  };
  await fill();
  return {
    async pair() {
      if (left < STOCK / 4) filling ??= fill();
      if (left <= 0) await filling;
      left -= 1;
      const [job] = await boss.fetch(QUEUE);
      if (job !== undefined) await boss.complete(QUEUE, job.id);
    },
    async close() {
      await filling;
      await boss.stop({ graceful: false });
    },
  };
}
