import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { isWarmpoolError, WarmpoolError } from "../model/error.js";
import { defineProvider } from "./define-provider.js";
import type { Provider } from "./provider.js";

const rackProvider = defineProvider({
  name: "rack",
  options: z.object({ host: z.string(), port: z.number().default(22), name: z.string().optional() }),
  create: ({ host, port, name }) => ({
    name,
    async allocate({ key }): Promise<{ at: string }> {
      return { at: `${host}:${port}/${key}` };
    },
    async delete() {},
  }),
});

/** What calling `define` throws. */
function problemsOf(define: () => unknown): WarmpoolError<"INVALID_OPTIONS"> {
  try {
    define();
  } catch (error) {
    if (isWarmpoolError(error, "INVALID_OPTIONS")) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("defineProvider", () => {
  test("makes a provider from options that passed the schema, defaults filled in", async () => {
    const provider = rackProvider({ host: "rack-7" });
    expect(provider.name).toBe("rack");
    const request = { key: "k", pool: "p", slot: 0, id: 1, params: undefined, tags: {} as never };
    expect(await provider.allocate(request, {} as never)).toEqual({ at: "rack-7:22/k" });
  });

  test("the parsed options are the spec", () => {
    expect(rackProvider({ host: "rack-7" }).spec).toEqual({ host: "rack-7", port: 22 });
  });

  test("what create calls an instance is its name an instance", () => {
    expect(rackProvider({ host: "rack-7", name: "rack-eu" }).name).toBe("rack-eu");
  });

  test("infers options and data", () => {
    expectTypeOf(rackProvider).parameter(0).toEqualTypeOf<{
      host: string;
      port?: number | undefined;
      name?: string | undefined;
    }>();
    expectTypeOf(rackProvider).returns.toEqualTypeOf<Provider<{ at: string }, void>>();
  });

  test("throws INVALID_OPTIONS with each problem and its path", () => {
    const error = problemsOf(() => rackProvider({ host: 7 as never, port: "22" as never }));
    expect(error).toBeInstanceOf(WarmpoolError);
    expect(error.details.problems.map(({ path }) => path)).toEqual(["host", "port"]);
    expect(error.message).toMatch(/^Options of provider "rack": host: .+; port: /);
  });

  test.each<[string, StandardSchemaV1.Issue["path"], string]>([
    ["keys and segments", ["disks", { key: 0 }, "size"], "disks.0.size"],
    ["no path", undefined, "options"],
    ["an empty path", [], "options"],
  ])("names %s in the path of a problem", (_, path, expected) => {
    const refusing = schema(() => ({ issues: [{ message: "no", ...(path !== undefined && { path }) }] }));
    const error = problemsOf(() => defineProvider({ name: "rack", options: refusing, create: unused })({}));
    expect(error.details.problems).toEqual([{ path: expected, problem: "no" }]);
  });

  test("refuses a schema that validates asynchronously", () => {
    const slow = schema(async () => ({ value: {} }));
    const error = problemsOf(() => defineProvider({ name: "rack", options: slow, create: unused })({}));
    expect(error.message).toMatch(/validates asynchronously; it must not/);
  });

  test("leaves a provider its own spec, and its methods their this", async () => {
    const define = defineProvider({
      name: "rack",
      options: z.object({ host: z.string() }),
      create: ({ host }) => ({
        spec: "v2",
        host,
        async allocate(): Promise<string> {
          return (this as unknown as { host: string }).host;
        },
        async delete() {},
      }),
    });
    const provider = define({ host: "rack-7" });
    expect(provider.spec).toBe("v2");
    expect(await provider.allocate({} as never, {} as never)).toBe("rack-7");
  });
});

function unused(): never {
  throw new Error("create was called");
}

function schema(validate: StandardSchemaV1["~standard"]["validate"]): StandardSchemaV1 {
  return { "~standard": { version: 1, vendor: "test", validate } };
}
