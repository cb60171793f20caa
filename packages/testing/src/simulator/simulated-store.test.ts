import { type ConnectOptions, type OpenOptions, type Store, sharing } from "@warmpool/core";
import { describe, test } from "vitest";
import { storeSuite } from "../store-suite/store-suite.js";
import { FaultPlan } from "./fault-plan.js";
import { Process } from "./process.js";
import { Random } from "./random.js";
import { SharedStore } from "./shared-store.js";
import { SimulatedStore } from "./store.js";
import { Vault } from "./vault.js";
import { World } from "./world.js";

/** Vaults by namespace, and a timeline that goes on by itself. */
function harness(connect: (process: Process, vault: Vault) => SimulatedStore) {
  const world = new World(new Random(1), (now) => new FaultPlan(new Random(1), now, 1), false);
  world.plan.active = false;
  const vaults = new Map<string, Vault>();
  const processes: Process[] = [];
  const storeOf = (process: Process): Store => {
    processes.push(process);
    const vaultOf = (namespace: string, draw: (length: number) => string): Vault => {
      const vault = vaults.get(namespace) ?? new Vault(world, draw(8));
      vaults.set(namespace, vault);
      return vault;
    };
    return {
      name: "simulated",
      durable: true,
      shared: connect === connectShared,
      async open(namespace: string, options: OpenOptions = {}) {
        const draw = options.drawId ?? ((length: number) => world.random.word(length));
        const isAborted = options.signal?.aborted === true;
        const vault = isAborted ? new Vault(world, "none") : vaultOf(namespace, draw);
        return await connect(process, vault).open(namespace, options);
      },
      ...(connect === connectShared && {
        sharing,
        async connect(namespace: string, options: ConnectOptions) {
          const vault = vaultOf(namespace, (length) => world.random.word(length));
          return await connectShared(process, vault).connect(namespace, options);
        },
      }),
    };
  };
  const process = () => new Process(world, `process ${processes.length}`, 0);
  let over = false;
  const goOn = () => {
    world.timeline.step();
    if (!over) setImmediate(goOn);
  };
  goOn();
  return {
    store: storeOf(process()),
    reopen() {
      // Their owner is gone, and nobody confirms his leadership.
      for (const vault of vaults.values()) Object.assign(vault, { owner: undefined, leaderUntilMs: 0 });
      return storeOf(process());
    },
    another: () => storeOf(process()),
    cleanup() {
      over = true;
    },
  };
}

const connectAlone = (process: Process, vault: Vault) => new SimulatedStore(process, vault);
const connectShared = (process: Process, vault: Vault) => new SharedStore(process, vault, 1_000);

describe("the simulated store of one process", () => {
  storeSuite({
    test,
    create: () => harness(connectAlone),
    deviations: [
      {
        case: "a second opener is refused with STORE_IN_USE until the first has closed",
        reason: "in a simulation each namespace is a store of its own",
      },
    ],
  });
});

describe("the simulated store that several processes share", () => {
  storeSuite({
    test,
    create: () => harness(connectShared),
    posts: true,
    deviations: [
      {
        case: "a second opener is refused with STORE_IN_USE until the first has closed",
        reason: "a second opener waits until it is elected",
      },
    ],
  });
});
