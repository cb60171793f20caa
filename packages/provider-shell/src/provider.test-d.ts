import type { IsJson, JsonValue, Provider } from "@warmpool/core";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { shellProvider } from "./provider.js";

interface Vm {
  host: string;
}

const commands = { allocate: "./new", delete: ["./delete", "--now"] } as const;

expectTypeOf(shellProvider(commands)).toEqualTypeOf<Provider<string>>();
expectTypeOf(shellProvider({ ...commands, output: "text" })).toEqualTypeOf<Provider<string>>();
expectTypeOf(shellProvider<{ image: string }>(commands)).toEqualTypeOf<Provider<string, { image: string }>>();
expectTypeOf(shellProvider({ ...commands, output: "json" })).toEqualTypeOf<Provider<JsonValue>>();
expectTypeOf(shellProvider<Vm>({ ...commands, output: "json" })).toEqualTypeOf<Provider<Vm>>();
expectTypeOf(shellProvider<Vm, number>({ ...commands, output: "json" })).toEqualTypeOf<Provider<Vm, number>>();

const schema = z.object({ port: z.string().transform(Number) });
expectTypeOf(shellProvider({ ...commands, output: schema })).toEqualTypeOf<Provider<{ port: number }>>();

// Durable stores take what it makes.
expectTypeOf<IsJson<JsonValue>>().toEqualTypeOf<true>();

// @ts-expect-error: there is no such option
shellProvider({ ...commands, comand: "./x" });
// @ts-expect-error: delete is required
shellProvider({ allocate: "./new" });
// @ts-expect-error: not a duration
shellProvider({ ...commands, killAfter: "5 seconds" });
// @ts-expect-error: an array has a file at least
shellProvider({ ...commands, check: [] });
