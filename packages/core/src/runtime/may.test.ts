import { expect, test } from "vitest";
import { type Access, may, type TicketAction } from "./may.js";

const supervised: Access = (actor, action, { owner }) => actor === owner || (actor === "ops" && action !== "take");

test.each<[string, string, TicketAction, string, Access | undefined, boolean]>([
  ["its owner may see it", "ann", "see", "ann", undefined, true],
  ["its owner may take its leases", "ann", "take", "ann", undefined, true],
  ["its owner may end it", "ann", "end", "ann", undefined, true],
  ["nobody else may see it", "bob", "see", "ann", undefined, false],
  ["nobody else may end it", "bob", "end", "ann", undefined, false],
  ["access may let others see it", "ops", "see", "ann", supervised, true],
  ["access may let others end it, and not take it", "ops", "take", "ann", supervised, false],
  ["access may refuse its owner", "ann", "end", "ann", () => false, false],
  ["an answer that is not yes is no", "ann", "see", "ann", (() => "yes") as never, false],
])("%s", (_name, actor, action, owner, access, allowed) => {
  expect(may(actor, action, { owner }, access)).toBe(allowed);
});
