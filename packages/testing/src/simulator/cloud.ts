import type { Found, Listed, ResourceTags } from "@warmpool/core";
import type { World } from "./world.js";

/** What holders get of a thing. */
export interface ThingData {
  readonly n: number;
}

/** Something that the provider's other side made, and that costs money until it is gone. */
export interface Thing {
  readonly key: string;
  readonly pool: string;
  /** What it was numbered when it was asked for. */
  readonly numbers: readonly string[];
  readonly data: ThingData;
  readonly createdAtMs: number;
  readonly tags: ResourceTags;
  state: "pending" | "ready" | "broken" | "deleting";
  /** It fails its checks. */
  sick: boolean;
  /** The token by which somebody used it, if nobody reset it since. */
  dirtyBy: number | undefined;
  /** The sandbox that used it last, where that matters: who names none is alone. */
  sandbox: string | undefined;
  /** The largest token that it was used with. */
  token: number;
}

/** An allocate that may still make something. */
interface Maker {
  readonly key: string;
  readonly pool: string;
  readonly numbers: readonly string[];
  /** Afterwards it makes nothing any more. */
  readonly lastAtMs: number;
  cancelled: boolean;
}

/** How a cloud behaves when nothing is wrong. */
export interface CloudTemper {
  readonly name: string;
  /** It ends a running allocate before it answers `find` or `delete` for its key. */
  readonly endsMaking: boolean;
  /** Its deletes answer before they are done. */
  readonly deletesBehind: boolean;
}

/** How far a listing may lag behind. Milliseconds. */
export const STALE_MS = 2_000;

/** The account at the provider: what really exists, whatever anybody believes. */
export class Cloud {
  readonly temper: CloudTemper;
  readonly things = new Map<string, Thing>();
  readonly makers = new Set<Maker>();
  /** Of somebody else. */
  readonly foreign: readonly Listed<ThingData>[];
  /** Keys that nobody is to blame for any more: left behind by what no promise covers. */
  readonly excused = new Set<string>();
  /** Keys whose thing was ever sick, broken or missing through no fault of the manager. */
  readonly harmed = new Set<string>();
  /** What is gone, for listings that lag behind and for things that come back. */
  #gone: { readonly thing: Thing; readonly atMs: number }[] = [];
  readonly #vanished: Thing[] = [];
  readonly #world: World;
  #made = 0;

  constructor(world: World, temper: CloudTemper, foreign: readonly Listed<ThingData>[]) {
    this.#world = world;
    this.temper = temper;
    this.foreign = foreign;
  }

  // ── Making and ending ──────────────────────────────────────────────────────────────────────────────────────────────

  /** An allocate has left its manager: from now on it may make something. */
  expect(asked: Pick<Maker, "key" | "pool" | "numbers">, lastAtMs: number): Maker {
    const maker: Maker = { ...asked, lastAtMs, cancelled: false };
    this.makers.add(maker);
    return maker;
  }

  /** Begins to make a thing that can be seen, or makes it at once. */
  make(maker: Maker, tags: ResourceTags, state: Thing["state"]): Thing | undefined {
    if (maker.cancelled) return undefined;
    const { key, pool, numbers } = maker;
    const before = this.things.get(key);
    if (before !== undefined) {
      if (before.state === "pending") before.state = state;
      return before;
    }
    this.#made += 1;
    const thing: Thing = {
      key,
      pool,
      numbers,
      data: { n: this.#made },
      createdAtMs: this.#world.nowMs,
      tags,
      state,
      sick: false,
      dirtyBy: undefined,
      sandbox: undefined,
      token: 0,
    };
    this.things.set(key, thing);
    this.#world.note(() => `${this.temper.name}: ${key} exists (${state})`);
    return thing;
  }

  /** Nothing will come of it any more. */
  settle(maker: Maker): void {
    this.makers.delete(maker);
  }

  remove(key: string): void {
    const thing = this.things.get(key);
    if (thing === undefined) return;
    this.things.delete(key);
    this.#gone.push({ thing, atMs: this.#world.nowMs });
    this.#world.note(() => `${this.temper.name}: ${key} is gone`);
  }

  /** What a delete or find does to an allocate that is under way, if this cloud is of that kind. */
  endMaking(key: string): void {
    for (const maker of this.makers) {
      if (maker.key !== key) continue;
      const thing = this.things.get(key);
      if (this.temper.endsMaking || thing?.state === "pending") maker.cancelled = true;
      if (this.temper.endsMaking && thing?.state === "pending") thing.state = "broken";
    }
  }

  // ── Looking ────────────────────────────────────────────────────────────────────────────────────────────────────────

  find(key: string): Found<ThingData> {
    if (this.temper.endsMaking) this.endMaking(key);
    const thing = this.things.get(key);
    switch (thing?.state) {
      case undefined:
        return { status: "absent" };
      case "ready":
        return { status: "ready", data: thing.data };
      case "broken":
        return { status: "broken", data: thing.data, reason: "it was made half" };
      default:
        return { status: "pending" };
    }
  }

  /** Everything, as of some time ago; or with what was made since, but not with what has gone since. */
  list(agoMs: number, showsNew: boolean): Listed<ThingData>[] {
    const asOfMs = this.#world.nowMs - agoMs;
    const newestMs = showsNew ? this.#world.nowMs : asOfMs;
    this.#gone = this.#gone.filter(({ atMs }) => atMs > this.#world.nowMs - STALE_MS);
    const things = [...this.things.values()].filter(({ createdAtMs }) => createdAtMs <= newestMs);
    for (const { thing, atMs } of this.#gone) {
      const back = this.things.has(thing.key);
      if (agoMs > 0 && atMs > asOfMs && thing.createdAtMs <= asOfMs && !back) things.push(thing);
    }
    return things.map(({ key, data, state, createdAtMs, tags }) => ({
      key,
      ...(state === "ready" && { data }),
      createdAtMs: 1_800_000_000_000 + createdAtMs,
      tags,
    }));
  }

  /** How many things a pool has or may still get, without those that nobody is to blame for. */
  count(pool?: string): number {
    let count = 0;
    for (const one of this.#present()) if (pool === undefined || pool === one.pool) count += 1;
    return count;
  }

  /** Keys of what has a number, or may still get it. */
  having(number: string): string[] {
    const keys: string[] = [];
    for (const { key, numbers } of this.#present()) if (numbers.includes(number)) keys.push(key);
    return keys;
  }

  *#present(): Iterable<Thing | Maker> {
    for (const thing of this.things.values()) if (!this.excused.has(thing.key)) yield thing;
    for (const maker of this.makers) {
      if (maker.cancelled || maker.lastAtMs < this.#world.nowMs) this.makers.delete(maker);
      else if (!this.things.has(maker.key) && !this.excused.has(maker.key)) yield maker;
    }
  }

  /** Nobody is to blame any more for what there is or may come of it, and nobody remembers its tokens. */
  excuseAll(): void {
    for (const { key } of this.makers) this.excused.add(key);
    for (const thing of this.#all()) {
      this.excused.add(thing.key);
      thing.token = 0;
    }
  }

  /** Whoever restores a backup has stopped everybody: what they did with things counts no more. */
  startOver(): void {
    this.excuseAll();
    for (const thing of this.#all()) {
      thing.dirtyBy = undefined;
      thing.sandbox = undefined;
    }
  }

  #all(): Thing[] {
    return [...this.things.values(), ...this.#vanished];
  }

  // ── Mishaps ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** One of its things fails from now on, or vanishes. */
  harm(key: string, how: "sick" | "vanished"): void {
    const thing = this.things.get(key);
    if (thing === undefined) return;
    this.harmed.add(key);
    this.#world.note(() => `${this.temper.name}: ${key} is ${how}`);
    if (how === "sick") {
      thing.sick = true;
      return;
    }
    this.remove(key);
    this.#vanished.push(thing);
  }

  /** Whether something could come back. */
  get hasComeback(): boolean {
    for (const { key } of this.#vanished) if (!this.things.has(key)) return true;
    for (const { sick } of this.things.values()) if (sick) return true;
    return false;
  }

  /** What was sick works again, and what had vanished is there again. */
  heal(): void {
    for (const thing of this.things.values()) thing.sick = false;
    for (const thing of this.#vanished.splice(0)) {
      if (this.things.has(thing.key)) continue;
      this.things.set(thing.key, thing);
      // It counts as nobody's fault that it is there: it was really gone.
      this.excused.add(thing.key);
      this.#world.note(() => `${this.temper.name}: ${thing.key} is there again`);
    }
  }
}
