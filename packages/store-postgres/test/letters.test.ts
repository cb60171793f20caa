import { once } from "node:events";
import process from "node:process";
import type { Letter, Store, StoreSession } from "@warmpool/core";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { drawId } from "../src/id.js";
import { type PostgresStoreOptions, postgresStore } from "../src/index.js";
import { TrialSchema } from "./trial-schema.js";

let trial: TrialSchema;
const closes: (() => Promise<void>)[] = [];

beforeEach(() => {
  trial = new TrialSchema();
});

afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
  await trial.drop();
});

const storeOf = (options: PostgresStoreOptions = {}) =>
  postgresStore(trial.url, { schema: trial.schema, leaderTtl: "1s", ...options });

/** A session in a process of its own. */
async function connected(store: Store = storeOf()) {
  const texts: string[] = [];
  const renewed = vi.fn();
  const session = drawId(16);
  const post = await store.connect?.("web", { session, receive: (more) => texts.push(...more), renewed });
  if (post === undefined) throw new Error("nobody can connect");
  closes.push(() => post.close());
  return { post, session, texts, renewed };
}

async function leading(store: Store = storeOf()) {
  const session = await store.open("web");
  closes.push(() => session.close());
  const letters: Letter[] = [];
  const listen = () => session.post?.listen({ received: (more) => letters.push(...more), ended: () => {} });
  return { session, letters, listen };
}

const send = async ({ post }: StoreSession, ...letters: Letter[]) => await post?.send(letters);

describe.each([
  ["listening", { listen: "auto" }],
  ["polling", { listen: false, poll: "20ms" }],
] as const)("%s", (_, options) => {
  test("letters go from sessions to the leader, and back to the session they are for", async () => {
    const leader = await leading(storeOf(options));
    leader.listen();
    const one = await connected(storeOf(options));
    const other = await connected(storeOf(options));
    await one.post.send(`"from one"`);
    await other.post.send(`"from the other: é \\u0000 😀"`);
    await expect.poll(() => leader.letters).toHaveLength(2);
    expect(leader.letters).toEqual(
      expect.arrayContaining([
        { session: one.session, text: `"from one"` },
        { session: other.session, text: `"from the other: é \\u0000 😀"` },
      ]),
    );
    await send(leader.session, { session: one.session, text: "1" }, { session: other.session, text: "2" });
    await expect.poll(() => [one.texts, other.texts]).toEqual([["1"], ["2"]]);
  });
});

test("what was sent before anybody led is there for who leads", async () => {
  const session = await connected();
  await session.post.send("early");
  const leader = await leading();
  leader.listen();
  await expect.poll(() => leader.letters).toEqual([{ session: session.session, text: "early" }]);
});

test("a thousand letters arrive, each once, however they are sent", async () => {
  const leader = await leading();
  leader.listen();
  const sessions = await Promise.all(Array.from({ length: 4 }, () => connected()));
  await Promise.all(
    sessions.map(async ({ post }) => {
      for (let n = 0; n < 250; n++) await post.send(String(n));
    }),
  );
  await expect.poll(() => leader.letters).toHaveLength(1_000);
  expect(new Set(leader.letters.map(({ session, text }) => `${session} ${text}`)).size).toBe(1_000);
});

test("letters of other namespaces are others'", async () => {
  const leader = await leading();
  leader.listen();
  const store = storeOf();
  const texts: string[] = [];
  const post = await store.connect?.("vm", {
    session: drawId(16),
    receive: (t) => texts.push(...t),
    renewed: () => {},
  });
  closes.push(async () => post?.close());
  await post?.send("to vm");
  const mine = await connected();
  await mine.post.send("to web");
  await expect.poll(() => leader.letters.map(({ text }) => text)).toEqual(["to web"]);
  expect(await trial.query("SELECT text FROM $schema.letter")).toEqual([{ text: "to vm" }]);
});

test("letters to a session that is not connected are dropped", async () => {
  const leader = await leading();
  const session = await connected();
  await session.post.close();
  await send(leader.session, { session: session.session, text: "1" });
  expect(await trial.query("SELECT text FROM $schema.letter")).toEqual([]);
});

test("a session is told that another process leads", async () => {
  const first = await leading();
  const session = await connected();
  session.renewed.mockClear();
  await first.session.close();
  await leading();
  await expect.poll(() => session.renewed).toHaveBeenCalled();
});

test("the next letter is told by a notification, not found by looking", async () => {
  const leader = await leading();
  leader.listen();
  const session = await connected();
  await session.post.send("0");
  await expect.poll(() => leader.letters).toHaveLength(1);
  const waits = async () => await trial.query("SELECT waits FROM $schema.box WHERE box = ''");
  const laps: number[] = [];
  for (let n = 1; n <= 5; n++) {
    await expect.poll(async () => await waits()).toEqual([{ waits: true }]);
    const startMs = performance.now();
    await session.post.send(String(n));
    await expect.poll(() => leader.letters, { interval: 1 }).toHaveLength(n + 1);
    laps.push(performance.now() - startMs);
  }
  // By looking, each would take up to two seconds.
  expect(Math.min(...laps)).toBeLessThan(500);
});

test("a server's crash takes letters, and nothing else is wrong", async () => {
  const leader = await leading();
  leader.listen();
  const session = await connected(storeOf({ listen: false, poll: "20ms" }));
  // What a crash does to unlogged tables.
  await trial.query("TRUNCATE $schema.letter, $schema.box");
  await session.post.send("after");
  await expect.poll(() => leader.letters.map(({ text }) => text)).toEqual(["after"]);
  await vi.waitFor(async () => {
    await send(leader.session, { session: session.session, text: "answer" });
    expect(session.texts.at(-1)).toBe("answer");
  }, 20_000);
});

/** A leader, and a session that hears: its box says where. */
async function heardSession() {
  const leader = await leading();
  const session = await connected();
  const box = `SELECT FROM $schema.box WHERE box = '${session.session}' AND channel <> ''`;
  await expect.poll(async () => await trial.query(box)).toHaveLength(1);
  // Whatever is put into a box from here on is noted.
  await trial.query(`
    CREATE TABLE $schema.noted (length integer);
    CREATE FUNCTION $schema.note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO $schema.noted VALUES (length(NEW.text)); RETURN NEW; END $$;
    CREATE TRIGGER note BEFORE INSERT ON $schema.letter FOR EACH ROW EXECUTE FUNCTION $schema.note()`);
  const noted = async () => (await trial.query("SELECT length FROM $schema.noted")).map(({ length }) => length);
  return { leader, session, noted };
}

test("a short letter to a session that hears is told to it, and kept nowhere", async () => {
  const { leader, session, noted } = await heardSession();
  const text = JSON.stringify("é".repeat(3_000));
  await send(leader.session, { session: session.session, text });
  await expect.poll(() => session.texts).toEqual([text]);
  expect(await noted()).toEqual([]);
});

test("a letter that no notification can carry is kept until it is fetched, which is told", async () => {
  const { leader, session, noted } = await heardSession();
  const text = JSON.stringify("é".repeat(4_000));
  await send(leader.session, { session: session.session, text }, { session: "nobody", text: "1" });
  // By looking alone it would take three times as long as this waits.
  await expect.poll(() => session.texts).toEqual([text]);
  expect(await noted()).toEqual([text.length]);
  expect(await trial.query("SELECT text FROM $schema.letter")).toEqual([]);
});

/** The leader has found his box empty, and is told of the next letter. */
const leaderWaits = async () =>
  await vi.waitFor(async () => {
    const [box] = await trial.query("SELECT waits AND channel <> '' AS waits FROM $schema.box WHERE box = ''");
    expect(box?.["waits"]).toBe(true);
  }, 5_000);

test("a short letter to a leader who waits is told to him and kept nowhere; a long one is kept, which is told", async () => {
  const { leader, session, noted } = await heardSession();
  leader.listen();
  await leaderWaits();
  const short = JSON.stringify("é".repeat(3_000));
  await session.post.send(short);
  await vi.waitFor(() => expect(leader.letters).toEqual([{ session: session.session, text: short }]));
  expect(await noted()).toEqual([]);
  await leaderWaits();
  const long = JSON.stringify("é".repeat(4_000));
  await session.post.send(long);
  // By looking alone it would take three times as long as this waits.
  await vi.waitFor(() => expect(leader.letters.at(-1)).toEqual({ session: session.session, text: long }));
  expect(await noted()).toEqual([long.length]);
});

describe("a commit brings along what is in the leader's box", () => {
  const batch = ({ epoch }: StoreSession, number: number) => ({
    epoch,
    number,
    changes: [{ kind: "ticket" as const, id: number, record: "{}" }],
  });

  test("of which nobody was told", async () => {
    const leader = await leading();
    leader.listen();
    const session = await connected();
    await leaderWaits();
    await trial.query("UPDATE $schema.box SET waits = false WHERE box = ''");
    await session.post.send("quietly");
    await leader.session.commit(batch(leader.session, 1));
    expect(leader.letters).toEqual([{ session: session.session, text: "quietly" }]);
    expect(await trial.query("SELECT text FROM $schema.letter")).toEqual([]);
  });

  test("and keeps it until somebody listens", async () => {
    const session = await connected();
    await session.post.send("early");
    const leader = await leading();
    await leader.session.commit(batch(leader.session, 1));
    expect(await trial.query("SELECT text FROM $schema.letter")).toEqual([]);
    leader.listen();
    expect(leader.letters).toEqual([{ session: session.session, text: "early" }]);
  });

  test("unless it is refused: then another leads, and they are his", async () => {
    const session = await connected();
    const leader = await leading();
    await session.post.send("to whoever leads");
    await trial.query("UPDATE $schema.namespace SET epoch = epoch + 1");
    await expect(leader.session.commit(batch(leader.session, 1))).rejects.toMatchObject({ code: "FENCED" });
    expect(await trial.query("SELECT text FROM $schema.letter")).toEqual([{ text: "to whoever leads" }]);
  });
});

test("where no notification arrives it says so and polls; once one does, it hears", async () => {
  const pool = new pg.Pool({ connectionString: trial.url, max: 4 });
  closes.push(() => pool.end());
  // As behind a pooler that hands out connections by transaction, until they are let through.
  const held: (() => void)[] = [];
  let letThrough = false;
  pool.on("connect", (client) => {
    const on = client.on.bind(client) as (event: string, listener: (...about: never[]) => void) => unknown;
    const late =
      (listener: (...about: never[]) => void) =>
      (...about: never[]) => {
        if (letThrough) listener(...about);
        else held.push(() => listener(...about));
      };
    client.on = ((event: string, listener: (...about: never[]) => void) =>
      on(event, event === "notification" ? late(listener) : listener)) as never;
  });
  const warned = once(process, "warning");
  const store = postgresStore(pool as never, { schema: trial.schema, leaderTtl: "1s", poll: "20ms" });
  const leader = await leading();
  const session = await connected(store);
  expect((await warned)[0]).toMatchObject({ code: "WARMPOOL_POSTGRES_POLLS" });
  await send(leader.session, { session: session.session, text: "1" });
  await expect.poll(() => session.texts).toEqual(["1"]);
  letThrough = true;
  for (const tell of held.splice(0)) tell();
  const box = `SELECT FROM $schema.box WHERE box = '${session.session}' AND channel <> ''`;
  await expect.poll(async () => await trial.query(box)).toHaveLength(1);
  await send(leader.session, { session: session.session, text: "2" });
  await expect.poll(() => session.texts).toEqual(["1", "2"]);
});
