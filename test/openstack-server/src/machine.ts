import { randomUUID } from "node:crypto";

export type Status =
  | "BUILD"
  | "ACTIVE"
  | "ERROR"
  | "SHUTOFF"
  | "REBUILD"
  | "REBOOT"
  | "SHELVED_OFFLOADED"
  | "SOFT_DELETED";

export interface MachineFault {
  readonly code: number;
  readonly message: string;
}

/** What is being done with a machine, until when, and what it is then. */
export interface Task {
  readonly name: string;
  readonly endsAtMs: number;
  readonly becomes: Status | "gone";
  readonly fault?: MachineFault | undefined;
}

/** What a server was ordered with. */
export interface Order {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly flavorId: string;
  /** `undefined`: it boots from a volume. */
  readonly imageId: string | undefined;
  readonly networkIds: readonly string[];
  /** Whether Nova makes a volume to boot from, and ends it with the server. */
  readonly bootVolume: { readonly deleteOnTermination: boolean } | undefined;
  readonly userData: string | undefined;
  readonly keyName: string | undefined;
}

/** A server, from its order to its end. Time passes when somebody looks. */
export class Machine {
  readonly id: string = randomUUID();
  readonly order: Order;
  readonly orderedAtMs: number;
  readonly createdAt: string = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  status: Status = "BUILD";
  task: Task | undefined;
  fault: MachineFault | undefined;
  imageId: string | undefined;
  volumeIds: string[] = [];
  /** How often it was rebuilt or rebooted. */
  readonly done: string[] = [];
  goneAtMs: number | undefined;

  constructor(order: Order, task: Task, nowMs: number) {
    this.order = order;
    this.imageId = order.imageId;
    this.task = task;
    this.orderedAtMs = nowMs;
  }

  /** Does what is due. Returns what it became just now. */
  advance(nowMs: number): Status | "gone" | undefined {
    const { task } = this;
    if (task === undefined || task.endsAtMs > nowMs) return undefined;
    this.task = undefined;
    this.fault = task.fault;
    if (task.becomes === "gone") this.goneAtMs = task.endsAtMs;
    else this.status = task.becomes;
    return task.becomes;
  }

  get isGone(): boolean {
    return this.goneAtMs !== undefined;
  }
}
