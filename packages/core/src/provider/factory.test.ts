import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { type Factory, factoryProvider } from "./factory.js";
import type { CallContext, Made, Provider } from "./provider.js";
import { ProviderError } from "./provider-error.js";

class Parser {
  parse(): void {}
}

const request = { key: "k", pool: "p", slot: 0, id: 1, params: undefined, tags: {} as never };

function context(signal = new AbortController().signal): CallContext<never> {
  return {
    signal,
    namespace: "n",
    installation: "abcdefgh",
    epoch: 1,
    logger: {} as never,
    checkpoint: async () => {},
  };
}

function made<T>(data: T): Made<T> {
  return { key: "k", pool: "p", slot: 0, id: 1, data };
}

function provider(factory: Partial<Factory<Parser>> = {}): Provider<Parser> {
  return factoryProvider({ create: () => new Parser(), ...factory });
}

describe("factoryProvider", () => {
  test("is named factory, reuses, and settles at once", () => {
    expect(provider()).toMatchObject({ name: "factory", reuse: true, settlesWithin: 0 });
    expect(provider({ name: "parsers" }).name).toBe("parsers");
  });

  test("infers what the factory makes", () => {
    expectTypeOf(factoryProvider({ create: async () => new Parser() })).toEqualTypeOf<Provider<Parser>>();
  });

  test("can only do what the factory can", () => {
    expect(Object.keys(provider())).not.toContain("check");
    expect(Object.keys(provider())).not.toContain("reset");
    const whole = provider({ validate: () => true, reset: () => {} });
    expect(whole.check).toBeTypeOf("function");
    expect(whole.reset).toBeTypeOf("function");
  });

  test("returns the very object that create made, and hands it the signal", async () => {
    const parser = new Parser();
    const create = vi.fn(async () => parser);
    const { signal } = new AbortController();
    expect(await provider({ create }).allocate(request, context(signal))).toBe(parser);
    expect(create).toHaveBeenCalledExactlyOnceWith(signal);
  });

  test.each([
    ["an Error", new Error("refused"), "refused"],
    ["anything else", "refused", "refused"],
  ])("a create that rejects with %s made nothing", async (_, cause, message) => {
    const failing = provider({
      create: () => {
        throw cause;
      },
    });
    const error = await failing.allocate(request, context()).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ message, made: "nothing", kind: "unknown", cause });
  });

  test("a ProviderError of create keeps its kind, and nothing was made", async () => {
    const cause = new ProviderError("full", { kind: "quota", retryAfterMs: 5_000 });
    const failing = provider({ create: () => Promise.reject(cause) });
    const expected = { message: "full", kind: "quota", retryAfterMs: 5_000, made: "nothing", cause };
    await expect(failing.allocate(request, context())).rejects.toMatchObject(expected);
  });

  test("delete destroys, and does nothing about what never came", async () => {
    const destroy = vi.fn();
    const parser = new Parser();
    const parsers = provider({ destroy });
    await parsers.delete(made(parser), context());
    expect(destroy).toHaveBeenCalledExactlyOnceWith(parser);
    await parsers.delete({ ...made(parser), data: undefined }, context());
    expect(destroy).toHaveBeenCalledOnce();
    await expect(provider().delete(made(parser), context())).resolves.toBeUndefined();
  });

  test("a destroy that fails is a delete that fails", async () => {
    const failing = provider({ destroy: () => Promise.reject(new Error("stuck")) });
    await expect(failing.delete(made(new Parser()), context())).rejects.toThrow("stuck");
  });

  test.each([
    [true, { status: "healthy" }],
    [false, { status: "unhealthy", reason: "validate returned false" }],
  ])("validate that returns %s means %o", async (valid, health) => {
    expect(await provider({ validate: () => valid }).check?.(made(new Parser()), context())).toEqual(health);
    expect(await provider({ validate: async () => valid }).check?.(made(new Parser()), context())).toEqual(health);
  });

  test("a validate that rejects is a check that rejects: unhealthy, by the contract", async () => {
    const failing = provider({ validate: () => Promise.reject(new Error("gone")) });
    await expect(failing.check?.(made(new Parser()), context())).rejects.toThrow("gone");
  });

  test("reset keeps the object", async () => {
    const reset = vi.fn();
    const parser = new Parser();
    await expect(provider({ reset }).reset?.(made(parser), context())).resolves.toBeUndefined();
    expect(reset).toHaveBeenCalledExactlyOnceWith(parser);
  });
});
