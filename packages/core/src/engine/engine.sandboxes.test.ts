/** Reuse by owner and by sandbox: what resalloc promises of it, and what it gets wrong. */
import { expect, test } from "vitest";
import { Harness, type TicketSketch } from "./testing/harness.js";
import { MINUTE, type PoolSketch } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

const within = (kind: "owner" | "sandbox", rest: object = {}) => ({ within: kind, idleMs: 10 * MINUTE, ...rest });

function scene(pool: PoolSketch, can: { reset?: boolean; check?: boolean } = {}): Harness {
  return new Harness({ pools: { web: { max: 3, reuse: within("sandbox"), ...pool } }, providers: { cloud: { can } } });
}

const of = (sandbox: string, rest: TicketSketch = {}): TicketSketch => ({ selector: { sandbox }, ...rest });

function lent(harness: Harness, sketch: TicketSketch): Ticket {
  const ticket = harness.request("web", sketch);
  harness.succeedAll("allocate");
  return ticket;
}

const idOf = (ticket: Ticket) => ticket.resource?.id;

test("a sandbox gets again what it used", () => {
  const harness = scene({ warm: 2 });
  harness.succeedAll();
  const first = harness.request("web", of("a"));
  const id = idOf(first);
  harness.release(first);
  expect(idOf(harness.request("web", of("a")))).toBe(id);
});

test("what one sandbox used goes to no other: for that, another one is made", () => {
  const harness = scene({});
  const first = lent(harness, of("a"));
  const id = idOf(first);
  harness.release(first);
  const other = lent(harness, of("b"));
  expect(other.state).toBe("granted");
  expect(idOf(other)).not.toBe(id);
});

test("a sandbox that used nothing yet takes what is warm", () => {
  const harness = scene({ warm: 1 });
  harness.succeedAll();
  expect(harness.request("web", of("new")).state).toBe("granted");
});

test("who waits gets what his own sandbox gives back, though he came last", () => {
  const harness = scene({ max: 2 });
  const [a, b] = [lent(harness, of("a")), lent(harness, of("b"))];
  const mate = harness.request("web", of("b"));
  harness.release(b);
  expect(mate.state).toBe("granted");
  expect(a.state).toBe("granted");
});

test("between two uses by the same sandbox it is reset like any other", () => {
  const harness = scene({}, { reset: true });
  const first = lent(harness, of("a"));
  harness.release(first);
  const next = harness.request("web", of("a"));
  expect(next.state).toBe("waiting");
  harness.succeed(harness.call("reset"));
  expect(next.state).toBe("granted");
});

test("what was used without a sandbox is not kept: it would idle, and nobody could have it", () => {
  const harness = scene({});
  harness.release(lent(harness, {}));
  expect(harness.resource().state).toBe("deleting");
  expect(harness.resource().reason).toBe("released");
});

test("what waits for its sandbox for too long is deleted", () => {
  const harness = scene({});
  harness.release(lent(harness, of("a")));
  harness.advance(10 * MINUTE - 1);
  expect(harness.resource().state).toBe("ready");
  harness.advance(1);
  expect(harness.resource().reason).toBe("idle");
});

test("or it is reset for anybody, if the pool says so", () => {
  const harness = scene({ reuse: within("sandbox", { leave: "reset" }) }, { reset: true });
  harness.release(lent(harness, of("a")));
  harness.succeed(harness.call("reset"));
  harness.advance(10 * MINUTE);
  expect(harness.resource().state).toBe("resetting");
  harness.succeed(harness.call("reset"));
  expect(harness.request("web", of("b")).state).toBe("granted");
});

test("at the cap, what is kept for somebody else gives way to who waits, at once", () => {
  const harness = scene({ max: 1 });
  const first = lent(harness, of("a"));
  harness.release(first);
  const other = harness.request("web", of("b"));
  expect(harness.resource().reason).toBe("room-for-others");
  harness.succeedAll();
  expect(other.state).toBe("granted");
});

test("as many give way as are waited for, and no more", () => {
  const harness = scene({ max: 3 });
  const all = ["a", "b", "c"].map((name) => lent(harness, of(name)));
  for (const ticket of all) harness.release(ticket);
  harness.request("web", of("d"));
  expect(harness.resources("deleting")).toHaveLength(1);
});

test("who came before the sandbox's next one is not passed over for ever: at the cap its place becomes his", () => {
  const harness = scene({ max: 1 });
  const first = lent(harness, of("a"));
  const earlier = harness.request("web", of("b"));
  const mate = harness.request("web", of("a"));
  harness.release(first);
  expect(mate.state).toBe("waiting");
  harness.succeedAll();
  expect(earlier.state).toBe("granted");
});

test("a shared cap is no place to idle either: another pool's wait ends it", () => {
  const pools = { web: { max: 2, reuse: within("sandbox") }, vm: { max: 2 } };
  const harness = new Harness({ pools, providers: { cloud: { max: 1 } } });
  harness.release(lent(harness, of("a")));
  const other = harness.request("vm");
  harness.succeedAll();
  expect(other.state).toBe("granted");
});

test("what a sandbox used is preferred over what a preferred pool has warm", () => {
  const pools = {
    best: { max: 1, warm: 1, tags: [{ name: "x", priority: 9 }], reuse: within("sandbox") },
    rest: { max: 1, warm: 1, tags: ["x"], reuse: within("sandbox") },
  };
  const harness = new Harness({ pools });
  harness.succeedAll();
  harness.release(harness.request("rest", of("a")));
  const ticket = harness.tryRequest(undefined, { tags: ["x"], ...of("a") }) as Ticket;
  expect(ticket.resource?.pool.name).toBe("rest");
});

test("within an owner, what he used is his, whatever sandbox he names", () => {
  const harness = scene({ reuse: within("owner") });
  const first = lent(harness, { owner: "ann", selector: { sandbox: "1" } });
  const id = idOf(first);
  harness.release(first);
  expect(idOf(lent(harness, { owner: "bob" }))).not.toBe(id);
  expect(idOf(harness.request("web", { owner: "ann" }))).toBe(id);
});

test("a use limit ends it after so many leases", () => {
  const harness = scene({ maxUses: 2 });
  harness.release(lent(harness, of("a")));
  harness.release(harness.request("web", of("a")));
  expect(harness.resource().reason).toBe("worn-out");
});

test("a time limit counts from its first use, not from when it was made", () => {
  const harness = scene({ warm: 1, reuse: within("sandbox", { maxAgeMs: 5 * MINUTE }) });
  harness.succeedAll();
  harness.advance(4 * MINUTE);
  const first = harness.request("web", of("a"));
  harness.advance(4 * MINUTE);
  const { resource } = first;
  harness.release(first);
  expect(resource?.state).toBe("ready");
  const second = harness.request("web", of("a"));
  harness.advance(MINUTE);
  harness.release(second);
  expect(resource?.reason).toBe("worn-out");
});

test("a time limit ends one that is free as well", () => {
  const harness = scene({ reuse: within("sandbox", { maxAgeMs: 5 * MINUTE }) });
  harness.release(lent(harness, of("a")));
  harness.advance(5 * MINUTE);
  expect(harness.resource().reason).toBe("worn-out");
});

test.each([
  ["dispose", "deleting"],
  ["reset", "resetting"],
  ["hold", "held"],
] as const)("a failed one: %s", (onFailed, state) => {
  const harness = scene({ onFailed, holdForMs: 5 * MINUTE }, { reset: true });
  harness.release(lent(harness, of("a")), { failed: "it broke" });
  expect(harness.resource().state).toBe(state);
});

test("one that is held for a look is deleted when its time is over, whoever it was bound to", () => {
  const harness = scene({ onFailed: "hold", holdForMs: 5 * MINUTE });
  harness.release(lent(harness, of("a")), { failed: "it broke" });
  harness.advance(5 * MINUTE);
  expect(harness.resource().reason).toBe("hold-ended");
});

test("a release that fails to make it clean is not reused, though reuse has no limit", () => {
  const harness = scene({}, { reset: true });
  harness.release(lent(harness, of("a")));
  harness.fail(harness.call("reset"));
  expect(harness.resource().reason).toBe("reset-failed");
});

test("whose it is survives a restart", () => {
  const harness = scene({ max: 2 });
  const first = lent(harness, of("a"));
  const id = idOf(first);
  harness.release(first);
  harness.restart();
  expect(idOf(lent(harness, of("b")))).not.toBe(id);
  expect(idOf(harness.request("web", of("a")))).toBe(id);
});

test("a ticket that waited over a restart still gets what its sandbox used", () => {
  const harness = scene({ max: 1 });
  const first = lent(harness, { ...of("a"), session: undefined, renewal: "manual" });
  const waiting = harness.durable("web", of("a"));
  harness.restart();
  harness.release(harness.ledger.tickets.get(first.id) as Ticket);
  expect(harness.ledger.tickets.get(waiting.id)?.state).toBe("granted");
});

test("who gave up before he had it did not use it", () => {
  const harness = new Harness({ pools: { web: { max: 1, warm: 1, reuse: within("sandbox") } }, commits: false });
  harness.commit();
  harness.succeedAll();
  harness.commit();
  const ticket = harness.request("web", of("a"));
  harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
  expect(harness.resource("ready").boundTo).toBeUndefined();
});

test("when a pool binds otherwise than before, what was bound leaves", () => {
  const harness = scene({ max: 2 });
  harness.release(lent(harness, of("a")));
  harness.configure({ web: { max: 2, reuse: within("owner") } });
  harness.tick();
  expect(harness.resource().reason).toBe("idle");
});

test("many sandboxes wait, and what comes back finds its own by priority", () => {
  const harness = scene({ max: 1 });
  const first = lent(harness, of("last", { priority: 9 }));
  for (let n = 0; n < 300; n++) harness.request("web", of(`s${n}`));
  const mate = harness.request("web", of("last", { priority: 8 }));
  harness.release(first);
  expect(mate.state).toBe("granted");
});

test.each([
  ["most-recently-used", [3, 1, 2]],
  ["least-recently-used", [2, 1, 3]],
  ["oldest", [1, 2, 3]],
] as const)("which free one is lent: %s", (lend, expected) => {
  const harness = new Harness({ pools: { web: { max: 3, reuse: true, lend } } });
  const [a, b, c] = [lent(harness, {}), lent(harness, {}), lent(harness, {})] as const;
  for (const ticket of [b, a, c]) harness.release(ticket);
  expect([1, 2, 3].map(() => idOf(harness.request()))).toEqual(expected);
});
