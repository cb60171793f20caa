import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Disk, type DiskCall, passed, turned } from "./disk.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a compaction that makes its snapshot count late deletes nothing that the next opener still reads", async () => {
  const disk = new Disk();
  let isLate = false;
  let switches = 0;
  const before = ({ does, key }: DiskCall) => {
    if (!isLate || does !== "set") return undefined;
    // The first one names the snapshot before it is made, the second makes it count.
    if (key.endsWith(":index") && ++switches === 2) return passed(3_600);
    return key.endsWith(":owner") ? passed(10_000) : undefined;
  };
  const session = await turned(disk.store({ before }).open("web"));
  isLate = true;
  for (const id of [1, 2, 3]) {
    const changes = [{ kind: "ticket", id, record: "{}" }] as const;
    await turned(session.commit({ epoch: session.epoch, number: id, changes }));
  }
  // It has read the index before the switch, and reads the journal after it.
  const slow = ({ does, key }: DiskCall) => (does === "get" && key.includes(":j:") ? passed(1_000) : undefined);
  const next = await turned(disk.store({ before: slow }, { waitForOwner: true }).open("web"));
  expect(switches).toBe(2);
  const found: number[] = [];
  for await (const chunk of next.load()) for (const { id } of chunk) found.push(id);
  expect(found).toEqual([1, 2, 3]);
  await turned(next.close());
  await turned(session.close());
});
