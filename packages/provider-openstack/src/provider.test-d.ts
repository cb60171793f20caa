import type { IsJson, Provider } from "@warmpool/core";
import { expectTypeOf } from "vitest";
import { type OpenStackServer, openStackProvider } from "./index.js";

expectTypeOf(openStackProvider()).toExtend<Provider<OpenStackServer>>();
expectTypeOf(openStackProvider<{ flavor: string }>({ image: "a" })).toExtend<
  Provider<OpenStackServer, { flavor: string }>
>();

// Durable stores take what it makes.
expectTypeOf<IsJson<OpenStackServer>>().toEqualTypeOf<true>();
expectTypeOf<OpenStackServer["address"]>().toEqualTypeOf<string | null>();

// @ts-expect-error: there is no such option
openStackProvider({ flavour: "m1.small" });
// @ts-expect-error: servers have no cpus to be asked for
openStackProvider<{ cpus: number }>({ image: "a" });
// @ts-expect-error: not a duration
openStackProvider({ pollInterval: "2 seconds" });
// @ts-expect-error: an address is required
openStackProvider({ auth: { username: "ann" } });
