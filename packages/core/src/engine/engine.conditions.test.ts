/** Conditions: what Boskos does with states, case by case, and what it gets wrong. */
import { describe, expect, test } from "vitest";
import type { Conditions } from "./conditions.js";
import { Harness, type TicketSketch } from "./testing/harness.js";
import { MINUTE, type PoolSketch, SECOND } from "./testing/policies.js";
import { Ticket } from "./ticket.js";

const names = ["free", "dirty", "cleaning", "busy"];
const clean = { from: "dirty", via: "cleaning", to: "free" };

function conditions(rest: Partial<Conditions> = {}): Conditions {
  const base = { names, initial: "free", released: "free", abandoned: "dirty" };
  return { ...base, clean: undefined, silent: undefined, ...rest };
}

interface Rest extends Omit<PoolSketch, "conditions"> {
  readonly conditions?: Partial<Conditions>;
  readonly can?: { readonly reset?: boolean };
}

function shelf(count: number, { conditions: own, can, ...rest }: Rest = {}): Harness {
  const pool = { max: count, warm: count, reuse: true, lend: "least-recently-used" as const, ...rest };
  const harness = new Harness({
    pools: { web: { ...pool, conditions: conditions(own) } },
    providers: { cloud: { can: can ?? {} } },
  });
  harness.succeedAll("allocate");
  return harness;
}

const asks = (condition: string, set?: string): TicketSketch => ({
  selector: { condition, ...(set !== undefined && { set }) },
  session: undefined,
  renewal: "manual",
});

const idOf = (ticket: Ticket) => ticket.resource?.id;

describe("acquire", () => {
  test("takes one in the condition that is asked for, and sets another", () => {
    const harness = shelf(2);
    const ticket = harness.request("web", asks("free", "busy"));
    expect(ticket.resource?.condition).toBe("busy");
  });

  test("without a condition takes one in the first", () => {
    const harness = shelf(1);
    harness.release(harness.request(), { condition: "dirty" });
    expect(harness.request().state).toBe("waiting");
    expect(harness.request("web", asks("dirty")).state).toBe("granted");
  });

  test("of a condition that no pool has is no ticket", () => {
    expect(shelf(1).tryRequest("web", asks("fre"))).toMatchObject({ rejected: "no-pool" });
    expect(shelf(1).tryRequest("web", asks("free", "bsy"))).toMatchObject({ rejected: "no-pool" });
  });

  test("waits where none is free in that condition, and with no time to wait fails, and takes nothing", () => {
    const harness = shelf(1);
    expect(harness.request("web", asks("dirty")).state).toBe("waiting");
    expect(harness.request("web", { ...asks("dirty"), timeoutMs: 0 }).end).toBe("timed-out");
    expect(harness.resources("ready")).toHaveLength(1);
  });

  test("gives each in turn: the one whose last change is longest ago, within a second too", () => {
    const harness = shelf(3);
    const taken = [1, 2, 3, 4, 5, 6].map(() => {
      const ticket = harness.request("web", asks("free"));
      const id = idOf(ticket);
      harness.release(ticket, { condition: "free" });
      return id;
    });
    expect(taken).toEqual([1, 2, 3, 1, 2, 3]);
  });

  test("does not hand out what has expired", () => {
    const harness = shelf(1, { maxAgeMs: MINUTE, warm: 0, max: 2 });
    const first = harness.request();
    harness.succeedAll("allocate");
    harness.release(first, { condition: "free" });
    harness.advance(MINUTE);
    expect(harness.resources("ready")).toEqual([]);
    expect(harness.request("web", asks("free")).state).toBe("waiting");
  });

  test("is served in the order of arrival among those who ask for the same condition", () => {
    const harness = shelf(1);
    const holder = harness.request();
    const [first, second] = [harness.request("web", asks("dirty")), harness.request("web", asks("dirty"))];
    harness.release(holder, { condition: "dirty" });
    expect([first.state, second.state]).toEqual(["granted", "waiting"]);
  });

  test("is not blocked by who came before and waits for another condition", () => {
    const harness = shelf(1);
    const holder = harness.request();
    const free = harness.request("web", asks("free"));
    const dirty = harness.request("web", asks("dirty"));
    harness.release(holder, { condition: "dirty" });
    expect([free.state, dirty.state]).toEqual(["waiting", "granted"]);
  });

  test("repeated by its request id gives the same lease, not a second resource", () => {
    const harness = shelf(2);
    const first = harness.request("web", { ...asks("free", "busy"), requestId: "r1" });
    expect(harness.request("web", { ...asks("free", "busy"), requestId: "r1" })).toBe(first);
    expect(harness.resources("leased")).toHaveLength(1);
  });

  test("makes one on demand, and is served by it: asking twice is not needed", () => {
    const harness = shelf(2, { warm: 0 });
    const ticket = harness.request("web", asks("free"));
    harness.succeedAll("allocate");
    expect(ticket.state).toBe("granted");
  });

  test("of a condition that nothing made has makes nothing", () => {
    const harness = shelf(3, { warm: 0 });
    harness.request("web", asks("dirty"));
    expect(harness.calls("allocate")).toEqual([]);
  });
});

describe("release", () => {
  test("leaves it in the condition that its holder says", () => {
    const harness = shelf(1);
    harness.release(harness.request("web", asks("free", "busy")), { condition: "dirty" });
    expect(harness.resource("ready").condition).toBe("dirty");
  });

  test("without a condition leaves it in the pool's `released`", () => {
    const harness = shelf(1, { conditions: { released: "dirty" } });
    harness.release(harness.request());
    expect(harness.resource("ready").condition).toBe("dirty");
  });

  test("keeps the user data", () => {
    const harness = shelf(1);
    const ticket = harness.request();
    harness.input((engine, nowMs) => engine.update(ticket, { note: "mind the gap" }, nowMs));
    harness.release(ticket, { condition: "dirty" });
    expect(harness.resource("ready").marks.userData).toEqual({ note: "mind the gap" });
  });

  test("of a failed one deletes it, or sets it aside if failed ones are reset", () => {
    const disposed = shelf(1);
    disposed.release(disposed.request(), { failed: "it broke" });
    expect(disposed.resource("deleting").reason).toBe("failed");
    const reset = shelf(1, { onFailed: "reset" });
    reset.release(reset.request(), { failed: "it broke" });
    expect(reset.resource("ready").condition).toBe("dirty");
  });
});

describe("update, the heartbeat", () => {
  test("merges user data key by key, and null deletes a key", () => {
    const harness = shelf(1);
    const ticket = harness.request();
    for (const data of [{ a: "1", b: "1" }, { b: "2" }, { a: null }]) {
      harness.input((engine, nowMs) => engine.update(ticket, data, nowMs));
    }
    expect(harness.resource().marks.userData).toEqual({ b: "2" });
  });

  test("begins the ttl anew", () => {
    const harness = shelf(1);
    const ticket = harness.request("web", { ...asks("free"), ttlMs: MINUTE });
    harness.advance(50 * SECOND);
    harness.input((engine, nowMs) => engine.update(ticket, {}, nowMs));
    harness.advance(50 * SECOND);
    expect(ticket.overdue).toBe(false);
  });

  test("what it wrote is in the record, and survives a restart", () => {
    const harness = shelf(1);
    const ticket = harness.request("web", asks("free", "busy"));
    harness.input((engine, nowMs) => engine.update(ticket, { by: "ann" }, nowMs));
    harness.restart();
    expect(harness.resource().toRecord()).toMatchObject({ condition: "busy", userData: { by: "ann" } });
  });
});

describe("reset of the silent", () => {
  const silent = { in: ["busy"], afterMs: 30 * MINUTE, to: "dirty" };

  test("takes away what was not heard of for so long, and tells who had it", () => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", { ...asks("free", "busy"), owner: "ann" });
    harness.advance(30 * MINUTE - 1);
    expect(ticket.state).toBe("granted");
    harness.advance(1);
    expect([ticket.end, ticket.reason]).toEqual(["expired", "its holder was not heard of for 30m"]);
    expect(harness.resource("ready").condition).toBe("dirty");
    expect(harness.told("closed")).toContain(ticket);
  });

  test.each(["renew", "update"] as const)("%s is being heard of", (how) => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", asks("free", "busy"));
    harness.advance(20 * MINUTE);
    harness.input((engine, nowMs) =>
      how === "renew" ? engine.renew(ticket, nowMs) : engine.update(ticket, {}, nowMs),
    );
    harness.advance(20 * MINUTE);
    expect(ticket.state).toBe("granted");
    harness.advance(10 * MINUTE);
    expect(ticket.state).toBe("closed");
  });

  test("leaves those in other conditions alone", () => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", asks("free"));
    harness.advance(60 * MINUTE);
    expect(ticket.state).toBe("granted");
  });

  test("a lease that this process renews by itself is always heard of", () => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", { selector: { condition: "free", set: "busy" } });
    harness.advance(60 * MINUTE);
    expect(ticket.state).toBe("granted");
  });

  test("a session elsewhere that renews a lease by being heard is heard of with it, until it falls silent", () => {
    const harness = shelf(1, { conditions: { silent } });
    const hear = () => harness.input((engine, nowMs) => engine.heard("one", MINUTE, nowMs));
    hear();
    const selector = { condition: "free", set: "busy" };
    const ticket = harness.request("web", { selector, session: "one", call: "one/1", ttlMs: 60 * MINUTE });
    harness.advance(20 * MINUTE);
    hear();
    harness.advance(30 * MINUTE - 1);
    expect(ticket.state).toBe("granted");
    harness.advance(1);
    expect([ticket.state, ticket.reason]).toEqual(["closed", "its holder was not heard of for 30m"]);
  });

  test("after a restart each holder has the full time again", () => {
    const harness = shelf(1, { conditions: { silent } });
    const { id } = harness.request("web", asks("free", "busy"));
    harness.advance(29 * MINUTE);
    harness.restart();
    harness.advance(29 * MINUTE);
    expect(harness.ledger.tickets.get(id)?.state).toBe("granted");
    harness.advance(MINUTE);
    expect(harness.ledger.tickets.get(id)?.state).toBe("closed");
  });

  test("by command: only those of the pool, in the condition, silent for so long; and says who had them", () => {
    const harness = shelf(3);
    harness.request("web", { ...asks("free", "busy"), owner: "ann" });
    harness.advance(10 * MINUTE);
    harness.request("web", { ...asks("free", "cleaning"), owner: "bob" });
    const late = harness.request("web", { ...asks("free", "busy"), owner: "eve" });
    const renewed = harness.input((engine, nowMs) => {
      engine.renew(late, nowMs);
      return engine.resetSilent(harness.pool(), { condition: "busy", silentMs: 10 * MINUTE, to: "dirty" }, nowMs);
    });
    expect(renewed.map(({ resource, owner }) => [resource.id, resource.condition, owner])).toEqual([
      [1, "dirty", "ann"],
    ]);
    expect(late.state).toBe("granted");
  });

  test("whoever was reset has lost it: his late release changes nothing for the next holder", () => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", asks("free", "busy"));
    harness.advance(30 * MINUTE);
    const next = harness.request("web", asks("dirty"));
    expect(ticket.state).toBe("closed");
    expect([next.state, harness.resource("leased").ticket]).toEqual(["granted", next]);
  });
});

describe("the janitor", () => {
  const can = { reset: true };

  test("what is dirty is reset, is cleaning meanwhile, and free afterwards", () => {
    const harness = shelf(1, { conditions: { clean }, can });
    harness.release(harness.request(), { condition: "dirty" });
    expect([harness.resource().state, harness.resource().condition]).toEqual(["resetting", "cleaning"]);
    harness.succeed(harness.call("reset"));
    expect([harness.resource().state, harness.resource().condition]).toEqual(["ready", "free"]);
  });

  test("one that cannot be cleaned is dirty again, and tried again after a pause that grows", () => {
    const harness = shelf(1, { conditions: { clean }, can });
    harness.release(harness.request(), { condition: "dirty" });
    harness.fail(harness.call("reset"));
    expect([harness.resource().state, harness.resource().condition]).toEqual(["ready", "dirty"]);
    harness.advance(SECOND);
    harness.fail(harness.call("reset"));
    harness.advance(SECOND);
    expect(harness.calls("reset")).toEqual([]);
    harness.advance(SECOND);
    harness.succeed(harness.call("reset"));
    expect(harness.resource().condition).toBe("free");
  });

  test("what is made dirty is cleaned before anybody gets it, and counts as coming", () => {
    const harness = shelf(2, { conditions: { clean, initial: "dirty" }, can, warm: 0 });
    const ticket = harness.request();
    harness.succeedAll("allocate");
    expect(ticket.state).toBe("waiting");
    expect(harness.calls("allocate")).toEqual([]);
    harness.succeed(harness.call("reset"));
    expect(ticket.state).toBe("granted");
  });

  test("what expired is set aside and cleaned, not lent as it is", () => {
    const harness = shelf(1, { conditions: { clean }, can });
    harness.request("web", { ...asks("free"), ttlMs: MINUTE });
    harness.advance(2 * MINUTE);
    expect(harness.resource().condition).toBe("cleaning");
  });

  test("where nobody cleans, one that expired is deleted: its holder may still be at work", () => {
    const harness = shelf(1, { conditions: { abandoned: "free" } });
    harness.request("web", { ...asks("free"), ttlMs: MINUTE });
    harness.advance(2 * MINUTE);
    expect(harness.resources("deleting")[0]?.reason).toBe("expired");
  });

  test("may be anybody: he acquires the dirty, and releases the free", () => {
    const harness = shelf(1);
    harness.release(harness.request(), { condition: "dirty" });
    const user = harness.request();
    const janitor = harness.request("web", asks("dirty", "cleaning"));
    expect(harness.resource("leased").condition).toBe("cleaning");
    harness.release(janitor, { condition: "free" });
    expect(user.state).toBe("granted");
  });
});

describe("what is in use is left alone", () => {
  test("a smaller pool keeps what is lent, and ends it when it comes back", () => {
    const harness = shelf(1);
    const ticket = harness.request("web", asks("free", "busy"));
    harness.input((engine, nowMs) => engine.drain(harness.pool(), nowMs));
    expect(ticket.state).toBe("granted");
    harness.release(ticket, { condition: "free" });
    expect(harness.resource().reason).toBe("draining");
  });

  test("what is dirty is no surplus: it will be wanted when it is clean", () => {
    const harness = shelf(2, { warm: 0, shrinkAfterMs: MINUTE });
    const ticket = harness.request();
    harness.succeedAll("allocate");
    harness.release(ticket, { condition: "dirty" });
    harness.advance(60 * MINUTE);
    expect(harness.resource().state).toBe("ready");
  });
});

describe("a configuration with other conditions", () => {
  test("leaves each in its condition, and gives one that it does not know the first", () => {
    const harness = shelf(2);
    harness.release(harness.request(), { condition: "dirty" });
    const pool = { max: 2, warm: 2, reuse: true };
    harness.configure({ web: { ...pool, conditions: conditions({ names: ["ready", "dirty"], initial: "ready" }) } });
    expect(harness.resources("ready").map(({ condition }) => condition)).toEqual(["dirty", "ready"]);
    expect(harness.request("web").state).toBe("granted");
  });

  test("is taken up by a restart as well", () => {
    const harness = shelf(1);
    harness.pools = {
      web: { max: 1, warm: 1, reuse: true, conditions: conditions({ names: ["new"], initial: "new" }) },
    };
    harness.restart();
    expect(harness.request().state).toBe("granted");
  });

  test("without conditions lends everything to everybody", () => {
    const harness = shelf(1);
    harness.release(harness.request(), { condition: "dirty" });
    harness.configure({ web: { max: 1, reuse: true } });
    expect(harness.request().state).toBe("granted");
  });
});

test("who gave up before he had it leaves it as it was", () => {
  const pools = { web: { max: 1, warm: 1, reuse: true, conditions: conditions() } };
  const harness = new Harness({ pools, commits: false });
  harness.commit();
  harness.succeedAll();
  harness.commit();
  const ticket = harness.request("web", { selector: { condition: "free", set: "busy" } });
  expect(ticket).toBeInstanceOf(Ticket);
  harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
  expect(harness.resource("ready").condition).toBe("free");
});

describe("several, all or nothing, by their names and in a condition", () => {
  const nameOf = (data: unknown) => (data as { name: string }).name;

  function three(): Harness {
    const pools = { web: { max: 3, warm: 3, maxAllocating: 9, reuse: true, nameOf, conditions: conditions() } };
    const harness = new Harness({ pools });
    for (const name of ["a", "b", "c"]) {
      harness.succeed(harness.calls("allocate")[0] as never, { name });
    }
    return harness;
  }

  const all = (names: readonly string[], rest: TicketSketch = {}): TicketSketch => ({
    items: names.map((name) => ({ pool: "web", count: 1, selector: { name, condition: "dirty", set: "busy" } })),
    session: undefined,
    renewal: "manual",
    ...rest,
  });

  const held = (harness: Harness) => harness.resources("leased").map(({ marks, condition }) => [marks.name, condition]);

  function dirty(harness: Harness, ...names: string[]): void {
    for (const name of names) harness.release(harness.request("web", { selector: { name } }), { condition: "dirty" });
  }

  test("takes them, and sets their condition", () => {
    const harness = three();
    dirty(harness, "a", "b");
    const ticket = harness.tryRequest(undefined, all(["b", "a"])) as Ticket;
    expect(ticket.state).toBe("granted");
    expect(held(harness)).toEqual([
      ["a", "busy"],
      ["b", "busy"],
    ]);
  });

  test("with one of them in another condition takes none: what was found does not stay leased", () => {
    const harness = three();
    dirty(harness, "a");
    const ticket = harness.tryRequest(undefined, all(["a", "b"], { timeoutMs: 0 })) as Ticket;
    expect(ticket.end).toBe("timed-out");
    expect(held(harness)).toEqual([]);
  });

  test("with one of them lent already takes none, and waits for it", () => {
    const harness = three();
    dirty(harness, "a", "b");
    const holder = harness.request("web", { selector: { name: "b", condition: "dirty" } });
    const ticket = harness.tryRequest(undefined, all(["a", "b"])) as Ticket;
    expect([ticket.state, held(harness)]).toEqual(["waiting", [["b", "dirty"]]]);
    harness.release(holder, { condition: "dirty" });
    expect(ticket.state).toBe("granted");
  });

  test("does not keep others from what it waits for", () => {
    const harness = three();
    dirty(harness, "a");
    harness.tryRequest(undefined, all(["a", "b"]));
    expect(harness.request("web", { selector: { name: "a", condition: "dirty" } }).state).toBe("granted");
  });

  test("a name or a condition that no pool has is no ticket", () => {
    expect(new Harness().tryRequest(undefined, all(["a"]))).toMatchObject({ rejected: "no-pool" });
  });
});
