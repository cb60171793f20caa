import { hostname } from "node:os";

/** Who acquires, unless told otherwise: this process. */
export function defaultOwner(): string {
  return `${hostname()}:${process.pid}`;
}
