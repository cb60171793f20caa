import { afterAll, test } from "vitest";
import { Laps, tests } from "./laps.js";

const laps = new Laps();
test.for(Array.from({ length: tests }, (_, n) => n))("bare %d", () => laps.next());
afterAll(() => laps.tell("bare.json"));
