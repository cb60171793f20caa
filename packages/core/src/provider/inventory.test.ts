import { describe, expect, expectTypeOf, test, vi } from "vitest";
import type { Health } from "../model/health.js";
import { type Inventory, inventoryProvider } from "./inventory.js";
import type { CallContext, Provider } from "./provider.js";
import { ProviderError } from "./provider-error.js";

interface Phone {
  readonly port: number;
}

const items = { anna: { port: 1 }, berta: { port: 2 } };
const context: CallContext<never> = {
  signal: new AbortController().signal,
  namespace: "n",
  installation: "abcdefgh",
  epoch: 1,
  logger: {} as never,
  checkpoint: async () => {},
};

function inventory(options: Partial<Inventory<Phone>> = {}): Provider<Phone & { readonly name: string }> {
  return inventoryProvider<Phone>({ items, ...options });
}

function request(slot: number) {
  return { key: `k${slot}`, pool: "phones", slot, id: slot + 1, params: undefined, tags: {} as never };
}

describe("inventoryProvider", () => {
  test("is named inventory, reuses, settles at once, and its spec is its items", () => {
    expect(inventory()).toMatchObject({ name: "inventory", reuse: true, settlesWithin: 0, spec: items });
    expect(inventory({ name: "shelf" }).name).toBe("shelf");
  });

  test("infers items with their names", () => {
    expectTypeOf(inventoryProvider({ items }).allocate).returns.resolves.toExtend<{ port: number; name: string }>();
  });

  test("needs at least one item", () => {
    expect(() => inventory({ items: {} })).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
  });

  test("a slot is an item, in their order, with its name", async () => {
    const phones = inventory();
    expect(await phones.allocate(request(0), context)).toEqual({ port: 1, name: "anna" });
    expect(await phones.allocate(request(1), context)).toEqual({ port: 2, name: "berta" });
  });

  test("past the last item there is no capacity, and nothing was made", async () => {
    const error = await inventory()
      .allocate(request(2), context)
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ kind: "capacity", made: "nothing" });
    expect((error as Error).message).toMatch(/has 2 items.+Lower the pool's max/);
  });

  test("can only do what it was given", () => {
    const keys = Object.keys(inventory());
    for (const absent of ["check", "reset", "find", "list"]) expect(keys).not.toContain(absent);
    const whole = inventory({ check: async () => {}, reset: async () => {} });
    expect(whole.check).toBeTypeOf("function");
    expect(whole.reset).toBeTypeOf("function");
  });

  test.each<[string, void | Health<never>, boolean]>([
    ["healthy", { status: "healthy" }, true],
    ["nothing", undefined, true],
    ["unknown", { status: "unknown", reason: "no answer" }, true],
    ["unhealthy", { status: "unhealthy", reason: "battery" }, false],
  ])("an item whose check says %s is handed out accordingly", async (_, health, handedOut) => {
    const check = vi.fn(async () => health);
    const allocated = inventory({ check }).allocate(request(1), context);
    if (handedOut) await expect(allocated).resolves.toEqual({ port: 2, name: "berta" });
    else await expect(allocated).rejects.toMatchObject({ message: "berta is unhealthy: battery", made: "nothing" });
    const asked = { key: "k1", pool: "phones", slot: 1, id: 2, data: { port: 2, name: "berta" } };
    expect(check).toHaveBeenCalledExactlyOnceWith(asked, context);
  });

  test("delete gives the name back: nothing happens, and it can be handed out again", async () => {
    const phones = inventory();
    const data = await phones.allocate(request(0), context);
    await phones.delete({ ...request(0), data }, context);
    expect(await phones.allocate(request(0), context)).toEqual(data);
  });

  test("check and reset are handed on", async () => {
    const check = vi.fn(async (): Promise<Health<never>> => ({ status: "unhealthy" }));
    const reset = vi.fn(async () => {});
    const phones = inventory({ check, reset });
    const made = { key: "k", pool: "phones", slot: 0, id: 1, data: { port: 1, name: "anna" } };
    expect(await phones.check?.(made, context)).toEqual({ status: "unhealthy" });
    await phones.reset?.(made, context);
    expect(check).toHaveBeenCalledExactlyOnceWith(made, context);
    expect(reset).toHaveBeenCalledExactlyOnceWith(made, context);
  });
});
