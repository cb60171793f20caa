export type StateName = "pending" | "running" | "shutting-down" | "terminated" | "stopping" | "stopped";
export type Market = "spot" | "on-demand";

export interface Volume {
  readonly id: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly createdAtMs: number;
}

/** How EC2 numbers states. */
export const STATE_CODES: Record<StateName, number> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export interface StateReason {
  readonly code: string;
  readonly message: string;
}

/** An instance. Its state moves on by itself when its time has come: there is no timer, whoever looks moves it. */
export interface Instance {
  readonly id: string;
  readonly reservationId: string;
  readonly imageId: string;
  readonly type: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly market: Market;
  readonly keyName: string | undefined;
  readonly userData: string | undefined;
  readonly hibernates: boolean;
  readonly clientToken: string | undefined;
  readonly tags: Map<string, string>;
  readonly interfaceTags: ReadonlyMap<string, string>;
  readonly privateIp: string;
  publicIp: string | undefined;
  rootVolume: Volume;
  launchedAtMs: number;
  /** Before that, nobody can see it: EC2 is eventually consistent. */
  readonly visibleAtMs: number;
  state: StateName;
  /** What becomes of it, and when. */
  next: { readonly state: StateName; readonly atMs: number } | undefined;
  stateReason: StateReason | undefined;
  /** From when on its status checks pass. `Infinity`: they fail. */
  statusOkAtMs: number;
  terminatedAtMs: number | undefined;
}

/** Moves an instance on to what it is now. */
export function settle(instance: Instance, nowMs: number): void {
  if (instance.next === undefined || nowMs < instance.next.atMs) return;
  instance.state = instance.next.state;
  if (instance.state === "terminated") instance.terminatedAtMs = instance.next.atMs;
  instance.next = undefined;
}

/** What the status checks say. */
export function statusOf(instance: Instance, nowMs: number): "ok" | "initializing" | "impaired" | "not-applicable" {
  if (instance.state !== "running") return "not-applicable";
  if (instance.statusOkAtMs === Number.POSITIVE_INFINITY) return "impaired";
  return nowMs < instance.statusOkAtMs ? "initializing" : "ok";
}
