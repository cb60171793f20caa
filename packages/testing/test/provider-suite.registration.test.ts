import { isWarmpoolError, type Provider, parseKey } from "@warmpool/core";
import { type ProviderDeviation, type ProviderHarness, providerSuite } from "@warmpool/testing";
import { describe, expect, test } from "vitest";

/** A provider that needs nothing: names on a piece of paper. */
function paper(): Provider<{ name: string }> & { readonly names: Set<string> } {
  const names = new Set<string>();
  return {
    name: "paper",
    names,
    async allocate({ key }, { signal }) {
      signal.throwIfAborted();
      names.add(key);
      return { name: key };
    },
    async delete({ key }) {
      names.delete(key);
    },
  };
}

const ALL_WITHOUT: ProviderDeviation[] = (
  ["check", "find", "list", "reset", "settlesWithin", "count", "break", "outage", "restart"] as const
).map((without) => ({ without, reason: "a piece of paper" }));

interface Registered {
  readonly run: Map<string, () => Promise<void>>;
  readonly skipped: string[];
}

function register<Data>(options: {
  create?: () => ProviderHarness<Data> | Promise<ProviderHarness<Data>>;
  deviations?: readonly ProviderDeviation[];
  timeout?: "100ms";
}): Registered {
  const run = new Map<string, () => Promise<void>>();
  const skipped: string[] = [];
  const register = Object.assign((name: string, fn: () => Promise<void>) => void run.set(name, fn), {
    skip: (name: string) => void skipped.push(name),
  });
  const create = (options.create ?? (() => ({ provider: paper() }))) as () => ProviderHarness<Data>;
  providerSuite({ timeout: "2s", ...options, test: register, create });
  return { run, skipped };
}

describe("deviations", () => {
  test.each<[string, unknown[], RegExp]>([
    [
      "a case that does not exist",
      [{ case: "delete makes it vanish", reason: "it stays" }],
      /deviations\[0\]: "delete makes it vanish" is unknown; the nearest is "delete makes it gone"/,
    ],
    ["something to be without that does not exist", [{ without: "checks", reason: "no" }], /"checks" is unknown/],
    ["an empty reason", [{ case: "delete makes it gone", reason: " " }], /deviations\[0\]\.reason: say why/],
    ["no reason", [{ without: "list" }], /deviations\[0\]\.reason: say why "list" does not apply/],
    [
      "the same twice",
      [
        { without: "list", reason: "no" },
        { without: "list", reason: "no" },
      ],
      /deviations\[1\]: "list" is there already/,
    ],
  ])("%s is an error at registration", (_, deviations, message) => {
    try {
      register({ deviations: deviations as ProviderDeviation[] });
    } catch (error) {
      expect(isWarmpoolError(error, "INVALID_OPTIONS")).toBe(true);
      expect((error as Error).message).toMatch(message);
      return;
    }
    expect.unreachable("nothing was thrown");
  });

  test("a timeout that is none is an error at registration", () => {
    const create = () => ({ provider: paper() });
    for (const timeout of ["soon" as "1s", -1, 0]) {
      expect(() => providerSuite({ test: () => {}, create, timeout })).toThrow(/timeout: must be a duration above 0/);
    }
  });

  test("a case that is not run is skipped under a name with the reason", () => {
    const { run, skipped } = register({
      deviations: [{ case: "delete makes it gone", reason: "it is paper" }, ...ALL_WITHOUT],
    });
    expect(run.has("delete makes it gone")).toBe(false);
    expect(skipped).toContain("delete makes it gone (not run: it is paper)");
    expect(skipped).toContain("find after delete is absent (not run: without find: a piece of paper)");
  });

  test("a case that needs one of several ways to see is skipped when there is none of them", () => {
    const named = (skipped: string[]) => skipped.find((name) => name.startsWith("an aborted delete"));
    expect(named(register({ deviations: ALL_WITHOUT }).skipped)).toMatch(
      /not run: without count: a piece of paper, without find: a piece of paper, without list:/,
    );
    const withCount = ALL_WITHOUT.filter((deviation) => !("without" in deviation && deviation.without === "count"));
    expect(named(register({ deviations: withCount }).skipped)).toBeUndefined();
  });

  test("with a runner that cannot skip, what is not run still shows by its name", () => {
    const names: string[] = [];
    providerSuite({
      test: (name) => names.push(name),
      create: () => ({ provider: paper() }),
      deviations: [{ without: "find", reason: "a piece of paper" }],
    });
    expect(names).toContain("find after delete is absent (not run: without find: a piece of paper)");
  });
});

describe("what the harness is without", () => {
  const AGREEMENT = "what the provider and its harness are without, deviations say with the reason";

  test("must be said", async () => {
    const { run } = register({ deviations: ALL_WITHOUT.slice(1) });
    await expect(run.get(AGREEMENT)?.()).rejects.toThrow(/there is no `check`: change that, or say why not/);
    await expect(run.get("check changes nothing")?.()).rejects.toThrow(/\{ without: "check", reason: "…" \}/);
  });

  test("must be so", async () => {
    const { run } = register({ create: () => ({ provider: paper(), count: () => 0 }), deviations: ALL_WITHOUT });
    await expect(run.get(AGREEMENT)?.()).rejects.toThrow(/without `count`, but it has it/);
  });

  test("is all that keeps a provider of nothing but allocate and delete from passing", async () => {
    const { run } = register({ deviations: ALL_WITHOUT });
    for (const prove of run.values()) await prove();
    expect(run.size).toBeGreaterThan(10);
  });
});

describe("each case", () => {
  test("deletes what it made when it failed, and takes the outside world down", async () => {
    const { names, ...provider } = paper();
    let cleanedUp = 0;
    const { run } = register({
      create: () => ({
        provider: { ...provider, check: async () => ({ status: "unhealthy" as const }) },
        cleanup: () => void cleanedUp++,
      }),
      deviations: ALL_WITHOUT.slice(1),
    });
    await expect(run.get("what allocate made, check finds healthy")?.()).rejects.toThrow(/check says unhealthy/);
    expect(names.size).toBe(0);
    expect(cleanedUp).toBe(1);
  });

  test("says what it had to leave behind", async () => {
    const { run } = register({
      create: () => ({
        provider: {
          ...paper(),
          async delete() {
            throw new Error("the ink is dry");
          },
        },
      }),
      deviations: ALL_WITHOUT,
    });
    await expect(run.get("allocate answers with data")?.()).rejects.toThrow(
      /wp-\w{8}-\w{6}-1 may be left behind: delete rejects: the ink is dry/,
    );
  });

  test("uses keys of an installation of its own, and the smallest free slots", async () => {
    const asked: { key: string; slot: number }[] = [];
    const noting = () => {
      const provider = paper();
      return {
        ...provider,
        allocate: (...[request, context]: Parameters<typeof provider.allocate>) => {
          asked.push(request);
          return provider.allocate(request, context);
        },
      };
    };
    for (let times = 0; times < 2; times += 1) {
      const { run } = register({ create: () => ({ provider: noting() }), deviations: ALL_WITHOUT });
      await run.get("deleting one thing leaves the others")?.();
    }
    expect(asked.map(({ slot }) => slot)).toEqual([0, 1, 0, 1]);
    const installations = asked.map(({ key }) => parseKey(key)?.installation);
    expect(new Set(installations).size).toBe(2);
    expect(installations).not.toContain(undefined);
  });

  test("gives up on a call that does not end", async () => {
    const { run } = register({
      create: () => ({ provider: { ...paper(), allocate: () => new Promise<never>(() => {}) } }),
      deviations: ALL_WITHOUT,
      timeout: "100ms",
    });
    await expect(run.get("allocate answers with data")?.()).rejects.toThrow(
      /allocate had not ended 100 ms after its signal was aborted/,
    );
  });
});
