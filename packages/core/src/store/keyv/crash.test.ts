import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StoredRecord, StoreSession } from "../store.js";
import { Disk, type Fate, never, passed, turned } from "./disk.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a process knows to have happened. */
class Witness {
  epoch = 0;
  installation: string | undefined;
  acknowledged = 0;
  sent = 0;

  opened({ epoch, installation }: StoreSession): void {
    expect(epoch).toBeGreaterThan(this.epoch);
    expect(installation).toBe(this.installation ?? installation);
    this.epoch = epoch;
    this.installation = installation;
  }
}

/** Batch `sent` puts a record of its own, replaces one that all share, and drops one of an earlier batch. */
async function commitNext(session: StoreSession, number: number, witness: Witness): Promise<void> {
  witness.sent += 1;
  const { sent } = witness;
  const record = JSON.stringify({ sent });
  await session.commit({
    epoch: session.epoch,
    number,
    changes: [
      { kind: "ticket", id: sent, record },
      { kind: "counters", id: 1, record },
      { kind: "ticket", id: sent - 3, record: null },
    ],
  });
  witness.acknowledged = sent;
}

function contentAfter(batches: number): Record<string, string> {
  const content: Record<string, string> = {};
  if (batches > 0) content["counters 1"] = JSON.stringify({ sent: batches });
  for (let sent = Math.max(1, batches - 2); sent <= batches; sent += 1) {
    content[`ticket ${sent}`] = JSON.stringify({ sent });
  }
  return content;
}

async function contentOf(session: StoreSession): Promise<Record<string, string>> {
  const records: StoredRecord[] = [];
  for await (const chunk of session.load()) records.push(...chunk);
  return Object.fromEntries(records.map(({ kind, id, record }) => [`${kind} ${id}`, record]));
}

/** Two lives with compactions, and a clean close after the first. */
async function liveTwice(disk: Disk, fate: Fate, witness: Witness): Promise<void> {
  for (const batches of [8, 5]) {
    const session = await disk.store(fate).open("web");
    witness.opened(session);
    for (let number = 1; number <= batches; number += 1) {
      await commitNext(session, number, witness);
      await passed(5);
    }
    await session.close();
  }
}

async function checkWhatIsLeft(disk: Disk, witness: Witness): Promise<void> {
  const session = await turned(disk.store().open("web"));
  witness.opened(session);
  const content = await contentOf(session);
  const possible = [witness.acknowledged, witness.sent].map((batches) => contentAfter(batches));
  expect(possible).toContainEqual(content);
  await vi.advanceTimersByTimeAsync(2_000);
  await turned(session.close());
  // What was left behind was cleaned up: what counts is all there is.
  const kinds = [...disk.values.keys()].map((key) => key.replace(/:[a-z0-9]{12}:/, ":").replace(/^warmpool:web:/, ""));
  expect(kinds.sort()).toEqual(
    witness.epoch === 1 ? ["head"] : Object.keys(content).length === 0 ? ["head", "index"] : ["head", "index", "s:0"],
  );
}

test("without a crash, all is there and nothing else", async () => {
  const [disk, witness] = [new Disk(), new Witness()];
  await turned(liveTwice(disk, {}, witness));
  expect(witness.acknowledged).toBe(13);
  await checkWhatIsLeft(disk, witness);
});

test.each([["before it is carried out"], ["after it is carried out"]])(
  "a process that dies at any call to its backend, %s, loses nothing that was acknowledged",
  async (when) => {
    let deaths = 0;
    for (let dies = true; dies; ) {
      dies = false;
      let died!: () => void;
      const death = new Promise<void>((resolve) => {
        died = resolve;
      });
      let calls = 0;
      const step = (isBefore: boolean) => () => {
        if (isBefore) calls += 1;
        if (calls <= deaths || (calls === deaths + 1 && isBefore !== (when === "before it is carried out"))) return;
        dies = true;
        died();
        return never;
      };
      const [disk, witness] = [new Disk(), new Witness()];
      await turned(Promise.race([death, liveTwice(disk, { before: step(true), after: step(false) }, witness)]));
      await checkWhatIsLeft(disk, witness);
      deaths += 1;
    }
    // As many as the scenario has calls: it compacts, cleans up, closes and opens.
    expect(deaths).toBeGreaterThan(100);
  },
  60_000,
);

test("so does who comes after it, at any call of its opening, and who comes after that", async () => {
  const [disk, witness] = [new Disk(), new Witness()];
  await turned(liveTwice(disk, {}, witness));
  let calls = 0;
  for (let hasOpened = false; !hasOpened; ) {
    calls += 1;
    let isDead = false;
    let died!: () => void;
    const death = new Promise<boolean>((resolve) => {
      died = () => resolve(false);
    });
    const before = () => (isDead ? never : undefined);
    const after = ({ nth }: { nth: number }) => {
      if (nth < calls) return;
      isDead = true;
      died();
      return never;
    };
    const opened = disk.store({ before, after }).open("web");
    hasOpened = await turned(Promise.race([death, opened.then(() => true)]));
    isDead = true;
  }
  expect(calls).toBeGreaterThan(10);
  await vi.advanceTimersByTimeAsync(2_000);
  await checkWhatIsLeft(disk, witness);
});
