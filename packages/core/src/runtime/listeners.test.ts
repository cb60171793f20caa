import { beforeEach, expect, test } from "vitest";
import type { AnyEvent } from "../model/event.js";
import { Listeners } from "./listeners.js";

const event = { type: "pool.changed" } as AnyEvent;
const other = { type: "store.failed" } as AnyEvent;
let errors: unknown[];
let told: string[];
let listeners: Listeners;

beforeEach(() => {
  errors = [];
  told = [];
  const silent = () => {};
  listeners = new Listeners({ debug: silent, info: silent, warn: silent, error: (about) => errors.push(about) });
});

const tells = (text: string) => () => void told.push(text);

test("who listens to a type is told of it, and who listens to all is told after him", () => {
  listeners.on("event", tells("any"));
  listeners.on("pool.changed", tells("first"));
  listeners.on("pool.changed", tells("second"));
  listeners.emit(event);
  listeners.emit(other);
  expect(told).toEqual(["first", "second", "any", "any"]);
});

test("who listens once is told once, also of what comes while he is told", () => {
  listeners.once("pool.changed", () => {
    told.push("once");
    listeners.emit(event);
  });
  listeners.emit(event);
  listeners.emit(event);
  expect(told).toEqual(["once"]);
  expect(listeners.any).toBe(false);
});

test("who is taken off is told nothing, however often he was put on; others are", () => {
  const twice = tells("twice");
  listeners.on("pool.changed", twice);
  listeners.once("pool.changed", twice);
  listeners.on("pool.changed", tells("stays"));
  listeners.off("pool.changed", twice);
  listeners.off("store.failed", twice);
  listeners.emit(event);
  expect(told).toEqual(["stays"]);
});

test("whoever comes or goes while an event is told, it is told to those who were there", () => {
  const late = tells("late");
  const last = tells("last");
  listeners.on("pool.changed", () => {
    listeners.on("pool.changed", late);
    listeners.off("pool.changed", last);
  });
  listeners.on("pool.changed", last);
  listeners.emit(event);
  expect(told).toEqual(["last"]);
  listeners.emit(event);
  expect(told).toEqual(["last", "late"]);
});

test("there is somebody until the last one is taken off", () => {
  const listener = tells("");
  expect(listeners.any).toBe(false);
  listeners.on("event", listener);
  expect(listeners.any).toBe(true);
  listeners.off("event", listener);
  expect(listeners.any).toBe(false);
});

test("what a listener throws, at once or later, is logged, and the next one is told", async () => {
  listeners.on("pool.changed", () => {
    throw new Error("at once");
  });
  listeners.on("pool.changed", async () => {
    throw new Error("later");
  });
  listeners.on("pool.changed", tells("next"));
  listeners.emit(event);
  await Promise.resolve();
  expect(told).toEqual(["next"]);
  expect(errors.map((about) => (about as { err: Error }).err.message)).toEqual(["at once", "later"]);
});
