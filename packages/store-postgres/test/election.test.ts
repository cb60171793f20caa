import { isWarmpoolError, type Store, type StoreSession } from "@warmpool/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type PostgresStoreOptions, postgresStore } from "../src/index.js";
import { Cable } from "./cable.js";
import { TrialSchema } from "./trial-schema.js";

let trial: TrialSchema;
const closes: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  trial = new TrialSchema();
});

afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
  await trial.drop();
});

function storeOf(options: PostgresStoreOptions = {}, url = trial.url): Store<true> {
  return postgresStore(url, { schema: trial.schema, leaderTtl: "400ms", ...options });
}

async function lead(store: Store = storeOf(), namespace = "web"): Promise<StoreSession> {
  const session = await store.open(namespace);
  closes.push(() => session.close());
  return session;
}

/** Opens in the background, until it is given up. */
function waitToLead(store: Store = storeOf()): { session: Promise<StoreSession>; isLeading: () => boolean } {
  const giveUp = new AbortController();
  let leads = false;
  const session = store.open("web", { signal: giveUp.signal });
  closes.push(async () => {
    giveUp.abort();
    await session.then(
      (open) => open.close(),
      () => {},
    );
  });
  session.then(
    () => {
      leads = true;
    },
    () => {},
  );
  return { session, isLeading: () => leads };
}

/** Until the candidate has looked often enough to have taken over, if it ever would. */
async function aWhile(): Promise<void> {
  const looker = storeOf();
  // Three leaders' times, counted by what the database does for others.
  for (let n = 0; n < 3; n++) {
    const session = await looker.open(`other ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await session.close();
  }
}

const put = (id: number) => ({ kind: "resource" as const, id, record: `{"id":${id}}` });
const commit = (session: StoreSession, number: number) =>
  session.commit({ epoch: session.epoch, number, changes: [put(number)] });

test("while a leader says a word now and then, nobody else leads", async () => {
  const leader = await lead();
  const { isLeading } = waitToLead();
  await aWhile();
  expect(isLeading()).toBe(false);
  expect(leader.leadership?.leftMs).toBeGreaterThan(0);
  await commit(leader, 1);
});

test("who closes is followed at once, and cannot write any more", async () => {
  const leader = await lead(storeOf({ leaderTtl: "60s" }));
  const { session } = waitToLead(storeOf({ leaderTtl: "60s" }));
  await commit(leader, 1);
  await leader.close();
  const next = await session;
  expect(next.epoch).toBe(leader.epoch + 1);
  await expect(commit(leader, 2)).rejects.toMatchObject({ code: "FENCED" });
  await commit(next, 1);
});

test("a leader that is cut off is followed when its time has run out, by then knows it, and cannot write", async () => {
  const cable = await Cable.to(trial.url);
  closes.push(() => cable.pull());
  const leader = await lead(storeOf({}, cable.url));
  const { session } = waitToLead();
  cable.cut();
  let endedFirst = false;
  void leader.leadership?.ended.then(() => {
    endedFirst = true;
  });
  const next = await session;
  expect(endedFirst).toBe(true);
  expect(leader.leadership?.leftMs).toBeLessThanOrEqual(0);
  cable.mend();
  await expect(commit(leader, 1)).rejects.toMatchObject({ code: "FENCED" });
  await commit(next, 1);
});

test("a connection that is dead without a word is given up, and another one made", async () => {
  const cable = await Cable.to(trial.url);
  closes.push(() => cable.pull());
  const leader = await lead(storeOf({ leaderTtl: "1500ms" }, cable.url));
  cable.stall();
  const committed = commit(leader, 1).catch((error: unknown) => error);
  await expect(committed).resolves.toMatchObject({ message: expect.stringContaining("no answer within") });
  cable.mend();
  const next = await waitToLead().session;
  await commit(next, 1);
});

test("ten candidates at once: one leads, and each of the others after it", async () => {
  const candidates = Array.from({ length: 10 }, () => waitToLead());
  const epochs: number[] = [];
  const waiting = new Set(candidates);
  while (waiting.size > 0) {
    const [candidate, session] = await Promise.race(
      [...waiting].map(async (each) => [each, await each.session] as const),
    );
    waiting.delete(candidate);
    expect([...waiting].some(({ isLeading }) => isLeading())).toBe(false);
    epochs.push(session.epoch);
    await session.close();
  }
  expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
  expect(new Set(epochs).size).toBe(10);
});

test("two namespaces in one database have leaders of their own", async () => {
  const [one, other] = [storeOf(), storeOf()];
  const web = await lead(one, "web");
  const vm = await lead(other, "vm");
  await commit(web, 1);
  await commit(vm, 1);
  await web.close();
  await commit(vm, 2);
});

test("who stops wanting to lead does not", async () => {
  const leader = await lead();
  const giveUp = new AbortController();
  const opening = storeOf().open("web", { signal: giveUp.signal });
  giveUp.abort(new Error("changed my mind"));
  await expect(opening).rejects.toSatisfy((error) => isWarmpoolError(error, "ABORTED"));
  await commit(leader, 1);
});

test("commits are words of the leader: while it commits, it asks for nothing else", async () => {
  const leader = await lead(storeOf({ leaderTtl: "2s" }));
  const beatsOf = async () => Number((await trial.query("SELECT beat FROM $schema.namespace"))[0]?.["beat"]);
  const before = await beatsOf();
  const startMs = performance.now();
  let commits = 0;
  while (performance.now() - startMs < 1_500) await commit(leader, ++commits);
  expect((await beatsOf()) - before).toBeLessThanOrEqual(commits + 1);
  expect(leader.leadership?.leftMs).toBeGreaterThan(1_000);
});
