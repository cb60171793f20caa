import { expect, test } from "vitest";
import { type AnyEvent, createPool, type Provider } from "../index.js";

test("a check that close gives up says nothing about its resource", async () => {
  let checking: (() => void) | undefined;
  const begun = new Promise<void>((resolve) => {
    checking = resolve;
  });
  const provider: Provider<string> = {
    name: "slow to check",
    allocate: async () => "thing",
    delete: async () => {},
    check: (_made, { signal }) =>
      new Promise((_resolve, reject) => {
        checking?.();
        signal.addEventListener("abort", () => reject(new Error("I was interrupted")));
      }),
  };
  const events: AnyEvent[] = [];
  const pool = createPool({ provider, max: 1, warm: 1, check: { every: 1, attempts: 1 } });
  pool.on("event", (event) => events.push(event));
  await begun;
  await pool.close({ resources: "keep" });
  const types = events.map(({ type }) => type);
  expect(types).not.toContain("resource.unhealthy");
  expect(types).not.toContain("resource.gone");
});
