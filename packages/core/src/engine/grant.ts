import type { Resource } from "./resource.js";

/** What a ticket was granted: made with the grant, so that those who wait do without. */
export class Grant {
  /** Larger than every token before it. */
  readonly token: number;
  readonly atMs: number;
  /** `undefined` when the lease has ended. */
  resource: Resource | undefined;
  /** When the lease ends unless renewed; `undefined`: nothing but its holder ends it. */
  endsAtMs: number | undefined;
  /** The holder has been given the lease: until then, giving up takes it back. Never stored. */
  delivered: boolean;
  /** The lease's deadline has passed, and its grace runs. Never stored. */
  overdue = false;

  constructor(token: number, atMs: number, resource: Resource | undefined, delivered: boolean) {
    this.token = token;
    this.atMs = atMs;
    this.resource = resource;
    this.delivered = delivered;
  }
}
