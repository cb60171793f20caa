// The process that is killed, or one of several that want the store: opens it and commits batches for ever. Says on stdout
// which epoch it has, or why not, and the number of each batch that was committed.
//
//   node writer.ts FILE WAIT_FOR_OWNER
import { argv, stdout } from "node:process";
import { isWarmpoolError } from "@warmpool/core";
import { keyvStore } from "@warmpool/core/keyv";
import { keyvOn } from "./file-backend.ts";

const [, , file = "", wait] = argv;
const store = keyvStore(keyvOn(file), { heartbeat: "200ms", staleAfter: "2s", waitForOwner: wait === "wait" });
try {
  const session = await store.open("web");
  stdout.write(`epoch ${session.epoch}\n`);
  for (let number = 1; ; number += 1) {
    const record = JSON.stringify({ number, text: "x".repeat(2_000) });
    const changes = Array.from({ length: 20 }, (_, id) => ({ kind: "ticket", id, record }) as const);
    await session.commit({ epoch: session.epoch, number, changes });
    stdout.write(`${number}\n`);
  }
} catch (error) {
  stdout.write(`${isWarmpoolError(error) ? error.code : error}\n`);
}
