// Keyv's own class fits; what is kept in it must be JSON.
import { createPool, factoryProvider, type Store } from "@warmpool/core";
import { keyvStore } from "@warmpool/core/keyv";
import Keyv from "keyv";

export const store: Store<true> = keyvStore(new Keyv(), { prefix: "ci", heartbeat: "1s", waitForOwner: true });
createPool({ provider: factoryProvider({ create: () => ({ url: "" }) }), max: 1, store });
// @ts-expect-error: a Date is not JSON
createPool({ provider: factoryProvider({ create: () => ({ madeAt: new Date() }) }), max: 1, store });
// @ts-expect-error: an adapter goes into a Keyv
keyvStore(1);
// @ts-expect-error: there is no such option
keyvStore(new Keyv(), { prefixes: "ci" });
