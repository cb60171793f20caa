import assert from "node:assert/strict";
import type { StoreCase } from "../case.js";
import { commit, content, contentOf, drop, put, refused } from "../trial.js";

/** Names that a prefix, a pattern, a file name or a case-blind comparison would mix up. */
const AWKWARD: readonly string[] = [
  "web",
  "Web",
  "web ",
  "web:1",
  "web/1",
  "web_1",
  "webx1",
  "we%",
  "'web'; --",
  "../web",
  "w\u00e9b",
  "we\u0301b",
  "__proto__",
  "w".repeat(200),
  `${"w".repeat(200)}x`,
];

/** Several namespaces of one store. */
export const namespaceCases = {
  "namespaces don't see each other": {
    async run(trial) {
      const web = await trial.open({ namespace: "web" });
      const vm = await trial.open({ namespace: "vm" });
      // Each counts its own batches.
      await commit(web, 1, [put(1, "web"), put(2, "web")]);
      await commit(vm, 1, [put(1, "vm"), drop(2)]);
      await commit(web, 2, [put(3, "web")]);
      await refused("batch 3 after batch 1", () => commit(vm, 3, [put(3)]), "FENCED");
      await commit(vm, 2, [drop(3)]);
      assert.deepEqual(
        await contentOf(await trial.again(web, "web")),
        content(put(1, "web"), put(2, "web"), put(3, "web")),
      );
      assert.deepEqual(await contentOf(await trial.again(vm, "vm")), content(put(1, "vm")));
    },
  },

  "namespaces with awkward names stay apart": {
    async run(trial) {
      for (const [index, namespace] of AWKWARD.entries()) {
        const session = await trial.open({ namespace });
        await commit(session, 1, [put(index, namespace)]);
        await session.close();
      }
      for (const [index, namespace] of AWKWARD.entries()) {
        const kept = await contentOf(await trial.open({ namespace }));
        assert.deepEqual(kept, content(put(index, namespace)), `namespace ${JSON.stringify(namespace)}`);
      }
    },
  },

  "opening and closing one namespace leaves the others alone": {
    async run(trial) {
      const web = await trial.open({ namespace: "web" });
      await commit(web, 1, [put(1)]);
      const vm = await trial.open({ namespace: "vm" });
      await commit(web, 2, [put(2)]);
      await vm.close();
      await commit(web, 3, [put(3)]);
      await commit(await trial.open({ namespace: "vm" }), 1, [put(1)]);
      await commit(web, 4, [put(4)]);
    },
  },
} as const satisfies Record<string, StoreCase>;
