// What each kind of importer does with the packages that it loaded in its own way.
const assert = require("node:assert/strict");
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

/** Lends and takes back from memory, and has a lease that outlives its pool in a SQLite file and in Keyv. */
exports.story = async ({ createPool, factoryProvider, isWarmpoolError }, { sqliteStore }, keyvStore) => {
  let made = 0;
  const provider = factoryProvider({ name: "things", create: () => ({ number: ++made }) });

  const inMemory = createPool({ provider, warm: 1, max: 1 });
  assert.equal(await inMemory.use(({ data }) => data.number), 1);
  const lease = await inMemory.acquire();
  await assert.rejects(inMemory.acquire({ timeout: 0 }), (error) => isWarmpoolError(error, "ACQUIRE_TIMEOUT"));
  await lease.release();
  await inMemory.close();

  const folder = mkdtempSync(join(tmpdir(), "warmpool-story-"));
  for (const openStore of [() => sqliteStore(join(folder, "pool.db")), () => keyvStore]) {
    const open = () => createPool({ name: "durable", provider, max: 1, store: openStore() });
    const request = { owner: "story", requestId: "the only one" };
    const before = open();
    const { token, data } = await (await before.request(request)).wait();
    await before.close();
    const after = open();
    const again = await (await after.request(request)).wait();
    assert.deepEqual([again.token, again.data], [token, data]);
    await again.release();
    await after.close({ resources: "delete" });
  }
  rmSync(folder, { recursive: true });
};
