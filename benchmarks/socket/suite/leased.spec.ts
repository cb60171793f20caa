import { leaseFixture } from "@warmpool/testing/vitest";
import { afterAll, test as base } from "vitest";
import { Laps, tests } from "./laps.js";

const laps = new Laps();
const test = base.extend("server", leaseFixture());
test.for(Array.from({ length: tests }, (_, n) => n))("leased %d", (_, { server }) => {
  if (server.active) laps.next();
});
afterAll(() => laps.tell("leased.json"));
