import { describe, expect, test } from "vitest";
import { ALONE, type PoolName } from "./protocol.ts";
import { Referee } from "./referee.ts";

function setUp() {
  const clock = { nowMs: 1_000 };
  const excused = new Set<string>();
  const referee = new Referee(
    () => clock.nowMs,
    (key) => excused.has(key),
  );
  referee.lifeBegins();
  const kill = () => {
    referee.lifeEnded();
    referee.lifeBegins();
  };
  const lend = (client: string, grant: { key?: string; token?: number; ticket?: number } = {}, pool = "reused") => {
    const kind = client.replace(/-.*/, "") as "durable" | "ttl" | "session";
    referee.asks(client, kind, pool as PoolName);
    referee.granted(client, { key: "k", token: 1, ticket: 1, ...grant });
  };
  const rules = () => referee.violations.map(({ rule }) => rule);
  return { referee, clock, excused, kill, lend, rules };
}

const thing = (key: string, pid: number, pool: PoolName = "reused") => ({ key, pid, pool });
const overMs = ALONE.ttlMs + ALONE.graceMs;

describe("lent-twice", () => {
  test("is a second lease on a resource that nobody gave back", () => {
    const { lend, rules } = setUp();
    lend("durable-1");
    lend("durable-2", { token: 2 });
    expect(rules()).toEqual(["lent-twice"]);
  });

  test("is not, after its holder returned it", () => {
    const { referee, lend, rules } = setUp();
    lend("durable-1");
    referee.returns("durable-1");
    lend("durable-2", { token: 2 });
    expect(rules()).toEqual([]);
  });

  test("is not, when somebody from outside killed it", () => {
    const { lend, excused, rules } = setUp();
    lend("durable-1");
    excused.add("k");
    lend("durable-2", { token: 2 });
    expect(rules()).toEqual([]);
  });

  test.each([
    ["durable-1", 10 * overMs, true],
    ["ttl-1", overMs - 10, true],
    ["ttl-1", overMs, false],
    ["session-1", 10 * overMs, true],
  ])("%s, in the same life, after %i ms: %s", (client, afterMs, isViolation) => {
    const { lend, clock, rules } = setUp();
    lend(client);
    clock.nowMs += afterMs;
    lend("durable-2", { token: 2 });
    expect(rules()).toEqual(isViolation ? ["lent-twice"] : []);
  });

  test.each([
    ["durable-1", 10 * overMs, true],
    ["ttl-1", overMs - 10, true],
    ["ttl-1", overMs, false],
    ["session-1", overMs - 10, true],
    ["session-1", overMs, false],
  ])("%s, after a kill, and then %i ms: %s", (client, afterMs, isViolation) => {
    const { lend, kill, clock, rules } = setUp();
    lend(client);
    clock.nowMs += overMs / 2;
    kill();
    clock.nowMs += afterMs;
    lend("durable-2", { token: 2 });
    expect(rules()).toEqual(isViolation ? ["lent-twice"] : []);
  });

  test("each life gives a full ttl: several short ones end nothing", () => {
    const { lend, kill, clock, rules } = setUp();
    lend("session-1");
    for (let lives = 0; lives < 5; lives += 1) {
      kill();
      clock.nowMs += overMs / 2;
    }
    lend("durable-2", { token: 2 });
    expect(rules()).toEqual(["lent-twice"]);
  });

  test("a renewal counts from when it was sent", () => {
    const { referee, lend, clock, rules } = setUp();
    lend("ttl-1");
    clock.nowMs += 300;
    referee.renewed("ttl-1", clock.nowMs);
    clock.nowMs += overMs - 10;
    lend("durable-2", { token: 2 });
    expect(rules()).toEqual(["lent-twice"]);
  });
});

test("lent-again: a resource of a pool without reuse, given back or not", () => {
  const { referee, lend, rules } = setUp();
  lend("durable-1", {}, "plain");
  referee.returns("durable-1");
  lend("durable-2", { token: 2 }, "plain");
  expect(rules()).toEqual(["lent-again"]);
});

describe("token", () => {
  test("is one that was given before", () => {
    const { lend, rules } = setUp();
    lend("durable-1");
    lend("durable-2", { key: "other" });
    expect(rules()).toEqual(["token"]);
  });

  test("is one that is smaller than an earlier one of the resource", () => {
    const { referee, lend, rules } = setUp();
    lend("durable-1", { token: 7 });
    referee.returns("durable-1");
    lend("durable-2", { token: 6 });
    expect(rules()).toEqual(["token"]);
  });
});

describe("changed", () => {
  test("is another ticket for the same request", () => {
    const { referee, rules } = setUp();
    referee.asks("durable-1", "durable", "plain");
    referee.accepted("durable-1", 1);
    referee.accepted("durable-1", 1);
    expect(rules()).toEqual([]);
    referee.accepted("durable-1", 2);
    expect(rules()).toEqual(["changed"]);
  });

  test.each([{ key: "other" }, { token: 2 }, { ticket: 2 }])("is another lease of a ticket: %o", (other) => {
    const { lend, kill, rules } = setUp();
    lend("durable-1");
    kill();
    lend("durable-1");
    expect(rules()).toEqual([]);
    lend("durable-1", other);
    expect(rules()).toEqual(["changed"]);
  });
});

describe("lost", () => {
  test("is a ticket that nobody closed", () => {
    const { referee, lend, rules } = setUp();
    lend("durable-1");
    referee.closed("durable-1", "lost", "k", "it vanished");
    expect(rules()).toEqual(["lost"]);
  });

  test("is a ticket that never had anything", () => {
    const { referee, rules } = setUp();
    referee.asks("durable-1", "durable", "plain");
    referee.closed("durable-1", "cancelled", undefined, undefined);
    expect(rules()).toEqual(["lost"]);
  });

  test("is a release that was somebody else's", () => {
    const { referee, lend, rules } = setUp();
    lend("durable-1");
    referee.released("durable-1");
    expect(rules()).toEqual(["lost"]);
  });

  test("is a signal that aborts while the ttl runs, not when it is over", () => {
    const { referee, lend, clock, rules } = setUp();
    lend("ttl-1");
    clock.nowMs += ALONE.ttlMs;
    referee.lost("ttl-1", "too late");
    expect(rules()).toEqual([]);
    referee.renewed("ttl-1", clock.nowMs);
    clock.nowMs += ALONE.ttlMs / 2;
    referee.lost("ttl-1", "too soon");
    expect(rules()).toEqual(["lost"]);
  });

  test("is not what its client withdrew, what somebody killed, or what fell silent", () => {
    const { referee, lend, excused, clock, rules } = setUp();
    lend("durable-1", { key: "a", token: 1 });
    referee.returns("durable-1");
    referee.closed("durable-1", "released", "a", undefined);
    lend("durable-2", { key: "b", token: 2 });
    excused.add("b");
    referee.closed("durable-2", "lost", "b", undefined);
    lend("ttl-3", { key: "c", token: 3 });
    clock.nowMs += overMs;
    referee.closed("ttl-3", "expired", "c", undefined);
    expect(rules()).toEqual([]);
  });
});

test("reopened: a ticket is granted after its end", () => {
  const { referee, lend, rules } = setUp();
  lend("durable-1");
  referee.returns("durable-1");
  referee.released("durable-1");
  lend("durable-1");
  expect(rules()).toEqual(["reopened"]);
});

describe("what the process table shows", () => {
  test("deleted-under-holder: the resource of a lease in force does not run", () => {
    const { referee, lend, rules } = setUp();
    lend("durable-1");
    referee.sees([thing("k", 1)], () => []);
    expect(rules()).toEqual([]);
    referee.sees([], () => []);
    referee.sees([], () => []);
    expect(rules()).toEqual(["deleted-under-holder"]);
  });

  test("deleted-under-holder: nor in the ttl and grace after its session's end", () => {
    const { referee, lend, kill, clock, rules } = setUp();
    lend("session-1");
    kill();
    clock.nowMs += overMs - 10;
    referee.sees([], () => []);
    expect(rules()).toEqual(["deleted-under-holder"]);
  });

  test("cap: more than a pool, or a provider, may have", () => {
    const { referee, rules } = setUp();
    const plain = [1, 2, 3, 4].map((pid) => thing(`p${pid}`, pid, "plain"));
    const full = [5, 6, 7, 8]
      .map((pid) => thing(`r${pid}`, pid))
      .concat([9, 10].map((pid) => thing(`l${pid}`, pid, "listed")));
    referee.sees([...plain.slice(1), ...full], () => []);
    expect(rules()).toEqual([]);
    expect(referee.most).toEqual({ plain: 3, reused: 4, listed: 2, full: 6 });
    referee.sees(plain, () => plain);
    const seven = [...full, thing("l11", 11, "listed")];
    referee.sees(seven, () => seven);
    expect(referee.violations.map(({ what }) => what)).toEqual([
      "4 of plain run at once, which may have 3",
      "7 of full run at once, which may have 6",
    ]);
  });

  test("what ended while it was being read was not there together", () => {
    const { referee, rules } = setUp();
    const plain = [1, 2, 3, 4].map((pid) => thing(`p${pid}`, pid, "plain"));
    referee.sees(plain, () => plain.slice(1));
    expect(rules()).toEqual([]);
  });

  test("made-twice: two processes of a key", () => {
    const { referee, rules } = setUp();
    const twins = [thing("k", 1), thing("k", 2)];
    referee.sees(twins, () => twins);
    expect(rules()).toEqual(["made-twice"]);
  });

  test("leak: runs before and after, and is on no record", () => {
    const { referee, rules } = setUp();
    const [recorded, gone, late, stray] = [thing("a", 1), thing("b", 2), thing("c", 3), thing("d", 4)];
    referee.census(new Set(["a"]), [recorded, gone], [recorded, late]);
    expect(rules()).toEqual([]);
    referee.census(new Set(["a"]), [recorded, stray], [recorded, stray]);
    expect(rules()).toEqual(["leak"]);
  });
});
