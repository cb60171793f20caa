import assert from "node:assert/strict";
import type { ConnectOptions, LeaderMail, LeaderPost, Letter, SessionPost, StoreSession } from "@warmpool/core";
import type { StoreCase } from "../case.js";
import { refused, type Trial } from "../trial.js";

const ONE = "sessionnumberone";
const OTHER = "sessionnumbertwo";

/** A letter may take its time, and is then sent again; but it arrives. */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 250;

/** A session of the trial's store, and what it received. */
interface Connected {
  readonly post: SessionPost;
  readonly texts: string[];
}

async function connect(
  trial: Trial,
  session: string,
  namespace?: string,
  more: Partial<ConnectOptions> = {},
): Promise<Connected> {
  const texts: string[] = [];
  const receive = (received: readonly string[]) => void texts.push(...received);
  const post = await trial.connect({ session, receive, renewed: () => {}, ...more }, namespace);
  return { post, texts };
}

/** A leader's side, and what it received. */
function lead(opened: StoreSession): { readonly post: LeaderPost; readonly letters: Letter[] } {
  assert.ok(opened.post, "the opened session has no post, though the store has connect()");
  const letters: Letter[] = [];
  const mail: LeaderMail = { received: (received) => void letters.push(...received), ended: () => {} };
  opened.post.listen(mail);
  return { post: opened.post, letters };
}

/** Sends again and again, as both sides do, until `arrived`. */
async function until(arrived: () => boolean, send: () => Promise<void>, what: string): Promise<void> {
  const endsAtMs = Date.now() + PATIENCE_MS;
  while (!arrived()) {
    assert.ok(Date.now() < endsAtMs, `${what} did not arrive, though it was sent again and again`);
    await send().catch(() => {});
    for (let waitedMs = 0; waitedMs < AGAIN_MS && !arrived(); waitedMs += 5) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Letters between sessions and whoever leads: what a transport must do, and no more. */
export const postingCases = {
  "a session's letter reaches whoever leads, whole and with the session's id": {
    async run(trial) {
      const { post } = await connect(trial, ONE);
      const { letters } = lead(await trial.open());
      const text = JSON.stringify({ text: `"quoted" \\ ünïcode 𝄞 ${"long ".repeat(20_000)}` });
      await until(
        () => letters.length > 0,
        () => post.send(text),
        "a session's letter",
      );
      for (const letter of letters) assert.deepEqual(letter, { session: ONE, text });
    },
  },

  "a leader's letter reaches the session it is for, and no other": {
    async run(trial) {
      const one = await connect(trial, ONE);
      const other = await connect(trial, OTHER);
      const { post } = lead(await trial.open());
      await until(
        () => one.texts.length > 0 && other.texts.length > 0,
        () =>
          post.send([
            { session: ONE, text: '"for one"' },
            { session: OTHER, text: '"for the other"' },
            { session: "sessionofnobody0", text: '"for nobody"' },
          ]),
        "a leader's letter",
      );
      assert.deepEqual([...new Set(one.texts)], ['"for one"']);
      assert.deepEqual([...new Set(other.texts)], ['"for the other"']);
    },
  },

  "letters of one namespace are of no other": {
    async run(trial) {
      const here = await connect(trial, ONE, "here");
      const there = await connect(trial, ONE, "there");
      const leader = lead(await trial.open({ namespace: "here" }));
      const stranger = lead(await trial.open({ namespace: "there" }));
      await until(
        () => leader.letters.length > 0 && stranger.letters.length > 0,
        async () => {
          await here.post.send('"here"');
          await there.post.send('"there"');
        },
        "a letter in each namespace",
      );
      assert.deepEqual([...new Set(leader.letters.map(({ text }) => text))], ['"here"']);
      assert.deepEqual([...new Set(stranger.letters.map(({ text }) => text))], ['"there"']);
    },
  },

  "a leader that comes later is reached by the same session": {
    async run(trial) {
      const { post } = await connect(trial, ONE);
      const first = await trial.open();
      lead(first);
      const next = await trial.again(first);
      const { letters } = lead(next);
      await until(
        () => letters.length > 0,
        () => post.send('"who leads?"'),
        "a letter to the next leader",
      );
    },
  },

  "the same id resumes a session": {
    async run(trial) {
      const before = await connect(trial, ONE);
      await before.post.close();
      const { texts } = await connect(trial, ONE);
      const { post } = lead(await trial.open());
      await until(
        () => texts.length > 0,
        () => post.send([{ session: ONE, text: '"resumed"' }]),
        "a letter to a session that was resumed",
      );
      assert.deepEqual(before.texts, [], "a closed connection received something");
    },
  },

  "closing a session's post twice is closing it once, and leaves an opened namespace be": {
    async run(trial) {
      const { post } = await connect(trial, ONE);
      const opened = await trial.open();
      await Promise.all([post.close(), post.close()]);
      await opened.commit({ epoch: opened.epoch, number: 1, changes: [] });
    },
  },

  "connecting can be given up": {
    async run(trial) {
      const signal = AbortSignal.abort();
      await refused("connecting with an aborted signal", () => connect(trial, ONE, undefined, { signal }));
    },
  },
} as const satisfies Record<string, StoreCase>;
