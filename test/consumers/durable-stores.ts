// A store that writes records down takes only providers whose data is JSON.
import {
  createManager,
  createPool,
  definePool,
  factoryProvider,
  type JsonValue,
  memoryStore,
  type Provider,
  type Store,
} from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";

declare function making<Data>(): Provider<Data>;
const durable = sqliteStore("a.db");

/** An interface has no index signature, and is JSON all the same. */
interface Server {
  readonly host: string;
  port: number;
  secure?: boolean;
  region: string | null;
  readonly disks: readonly Disk[];
  matrix: number[][];
  pair: readonly [number, string];
  labels: Record<string, string>;
  kind: "small" | "large";
}
interface Disk {
  gb: number;
  mounts?: { path: string; options?: string[] }[] | undefined;
}
type Shape = { kind: "circle"; radius: number } | { kind: "square"; side: number };
enum Colour {
  Red = "red",
}

// ── Accepted ─────────────────────────────────────────────────────────────────────────────────────────────────────────

createPool({ provider: making<Server>(), max: 1, store: durable });
createPool({ provider: making<Readonly<Server>>(), max: 1, store: durable });
createPool({ provider: making<Server[]>(), max: 1, store: durable });
createPool({ provider: making<Shape>(), max: 1, store: durable });
createPool({ provider: making<string>(), max: 1, store: durable });
createPool({ provider: making<string | null>(), max: 1, store: durable });
createPool({ provider: making<boolean>(), max: 1, store: durable });
createPool({ provider: making<Colour>(), max: 1, store: durable });
createPool({ provider: making<JsonValue>(), max: 1, store: durable });
createPool({ provider: making<{ more: JsonValue }>(), max: 1, store: durable });
createPool({ provider: making<Record<string, Server>>(), max: 1, store: durable });
// Whoever gives up types gets no help: what is wrong is told at run time, DATA_NOT_JSON.
// biome-ignore lint/suspicious/noExplicitAny: that is what is tested
createPool({ provider: making<any>(), max: 1, store: durable });
createPool({ provider: making<unknown>(), max: 1, store: durable });
createManager({
  store: durable,
  pools: {
    server: definePool({ provider: making<Server>(), max: 1 }),
    shape: definePool({ provider: making<Shape>(), max: 1 }),
    text: definePool({ provider: making<string>(), max: 1 }),
  },
});

// In memory everything goes.
class Connection {
  query(): void {}
}
createPool({ provider: factoryProvider({ create: () => new Connection() }), max: 1 });
createPool({ provider: factoryProvider({ create: () => new Connection() }), max: 1, store: memoryStore() });
createManager({ store: memoryStore(), pools: { c: definePool({ provider: making<Connection>(), max: 1 }) } });
createManager({ pools: { c: definePool({ provider: making<() => void>(), max: 1 }) } });
// A store that is chosen at run time may be either: told at run time too.
declare const either: Store;
createPool({ provider: making<Connection>(), max: 1, store: either });

// ── Refused ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// @ts-expect-error: a live object
createPool({ provider: factoryProvider({ create: () => new Connection() }), max: 1, store: durable });
// @ts-expect-error: a function
createPool({ provider: making<() => void>(), max: 1, store: durable });
// @ts-expect-error: a Date becomes a text
createPool({ provider: making<Date>(), max: 1, store: durable });
// @ts-expect-error: a Date becomes a text, however deep
createPool({ provider: making<{ disks: { since: Date }[] }>(), max: 1, store: durable });
// @ts-expect-error: a Map becomes {}
createPool({ provider: making<{ byName: Map<string, string> }>(), max: 1, store: durable });
// @ts-expect-error: a Set becomes {}
createPool({ provider: making<Set<string>>(), max: 1, store: durable });
// @ts-expect-error: a bigint is refused by JSON
createPool({ provider: making<{ size: bigint }>(), max: 1, store: durable });
// @ts-expect-error: bytes become an object
createPool({ provider: making<{ bytes: Uint8Array }>(), max: 1, store: durable });
// @ts-expect-error: a symbol is left out
createPool({ provider: making<{ kind: symbol }>(), max: 1, store: durable });
// @ts-expect-error: nothing to keep
createPool({ provider: making<undefined>(), max: 1, store: durable });
// @ts-expect-error: nothing to keep
createPool({ provider: making<void>(), max: 1, store: durable });
// @ts-expect-error: a promise
createPool({ provider: making<{ ready: Promise<void> }>(), max: 1, store: durable });
// @ts-expect-error: an Error keeps nothing
createPool({ provider: making<{ failure: Error }>(), max: 1, store: durable });
// @ts-expect-error: one of the two
createPool({ provider: making<string | Date>(), max: 1, store: durable });
// @ts-expect-error: undefined in a list becomes null
createPool({ provider: making<(string | undefined)[]>(), max: 1, store: durable });

const server = definePool({ provider: making<Server>(), max: 1 });
const connection = definePool({ provider: factoryProvider({ create: () => new Connection() }), max: 1 });
const dated = definePool({ provider: making<{ since: Date }>(), max: 1 });
createManager({ store: durable, pools: { server } });
// @ts-expect-error: a live object
createManager({ store: durable, pools: { server, connection } });
// @ts-expect-error: a Date becomes a text
createManager({ store: durable, pools: { dated } });
const defined = { connection: definePool({ provider: making<Connection>(), max: 1 }) };
// @ts-expect-error: a live object
createManager({ store: durable, pools: defined });
