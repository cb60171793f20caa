/** What is asked for by a name that nothing has yet is made; at the cap, something idle gives way to it. */
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { MINUTE, type PoolSketch } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

const NAMES = ["anna", "berta", "carl"];
const nameOf = (data: unknown) => (data as { name: string }).name;

/** An inventory: the thing in each slot has its name. */
function inventory(pool: PoolSketch = {}, rest: object = {}): Harness {
  const reuse = true;
  const phones = { max: 2, maxAllocating: 9, reuse, ...pool, nameOf, names: NAMES };
  return new Harness({ pools: { phones }, ...rest });
}

/** Makes and deletes what is being made and deleted, until nothing is. */
function settle(harness: Harness): void {
  for (;;) {
    const call = [...harness.calls("allocate"), ...harness.calls("delete")][0];
    if (call === undefined || call.kind === "list") return;
    harness.succeed(call, { name: NAMES[call.resource.slot] });
  }
}

const named = (name: string) => ({ pool: "phones", count: 1, selector: { name } });
const ask = (harness: Harness, name: string, owner = "somebody") =>
  harness.request("phones", { selector: { name }, owner });
const all = (harness: Harness, ...names: string[]) => harness.party(names.map(named));
const have = (...tickets: Ticket[]) =>
  tickets.map(({ resource, shares }) => (shares ?? [{ resource }]).map((one) => one.resource?.marks.name));
const free = (harness: Harness) => harness.resources("ready").map(({ marks }) => marks.name);

describe("what is asked for by name", () => {
  test("is made in its slot, though nothing is kept warm", () => {
    const harness = inventory();
    const ticket = ask(harness, "carl");
    expect(harness.calls("allocate").map((call) => "resource" in call && call.resource.slot)).toEqual([2]);
    settle(harness);
    expect(have(ticket)).toEqual([["carl"]]);
  });

  test("together with others, is all made", () => {
    const harness = inventory();
    const party = all(harness, "carl", "anna");
    settle(harness);
    expect(have(party)).toEqual([["carl", "anna"]]);
  });

  test("together with any, is made", () => {
    const harness = inventory();
    const party = harness.party([named("anna"), { pool: "phones", count: 1 }]);
    settle(harness);
    expect(party.state).toBe("granted");
  });

  test("at the cap, has something idle give way", () => {
    const harness = inventory({ warm: 2 });
    settle(harness);
    expect(free(harness)).toEqual(["anna", "berta"]);
    const ticket = ask(harness, "carl");
    expect(harness.calls("delete").length).toBe(1);
    settle(harness);
    expect(have(ticket)).toEqual([["carl"]]);
  });

  test("at the cap, has no more give way than are missing", () => {
    const harness = inventory({ warm: 2 });
    settle(harness);
    const tickets = [ask(harness, "carl"), ask(harness, "carl", "other")] as const;
    harness.advance(MINUTE);
    expect(harness.calls("delete").length).toBe(1);
    settle(harness);
    harness.release(tickets[0]);
    expect(have(...tickets)).toEqual([[undefined], ["carl"]]);
  });

  test("has nothing give way that the same ticket asks for", () => {
    const harness = inventory({ warm: 2 });
    settle(harness);
    const party = all(harness, "carl", "berta");
    settle(harness);
    expect(have(party)).toEqual([["carl", "berta"]]);
  });

  test("has what only later ones ask for give way", () => {
    const harness = inventory({ warm: 2 });
    settle(harness);
    const first = all(harness, "anna", "carl");
    const holder = ask(harness, "anna", "quick");
    const second = all(harness, "berta", "carl");
    settle(harness);
    harness.release(holder);
    settle(harness);
    expect(first.state).toBe("granted");
    harness.release(first);
    settle(harness);
    expect(second.state).toBe("granted");
  });

  test("has nothing give way that is kept for who goes before it", () => {
    const harness = new Harness({
      pools: { phones: { max: 2, warm: 2, reuse: true, nameOf, names: NAMES }, vm: { max: 1, reuse: true } },
    });
    settle(harness);
    harness.request("vm");
    harness.succeedAll();
    harness.party({ phones: 2, vm: 1 });
    ask(harness, "carl");
    expect(harness.calls("delete")).toEqual([]);
  });

  test("is not made for whoever has as many as he may", () => {
    const policyOf = () => ({ weight: 1, maxLeases: 2, maxWaiting: Number.POSITIVE_INFINITY });
    const harness = inventory({ max: 3 }, { self: { owners: { fair: false, policyOf } } });
    const holder = ask(harness, "anna");
    settle(harness);
    const party = all(harness, "berta", "carl");
    expect(harness.calls("allocate")).toEqual([]);
    harness.release(holder);
    settle(harness);
    expect(have(party)).toEqual([["berta", "carl"]]);
  });
});
