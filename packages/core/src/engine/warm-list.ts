import type { Resource } from "./resource.js";

/**
 * The resources of a pool that may be lent now, in the order of lending: a linked list through the resources themselves,
 * so that each step takes the same time however many there are.
 */
export class WarmList {
  first: Resource | undefined;
  last: Resource | undefined;
  size = 0;

  /** At the front: lent next. One that was just used is likelier to be at hand, and lets the surplus grow idle. */
  unshift(resource: Resource): void {
    resource.warm = true;
    resource.prev = undefined;
    resource.next = this.first;
    if (this.first === undefined) this.last = resource;
    else this.first.prev = resource;
    this.first = resource;
    this.size += 1;
  }

  /** At the back: of those never used, the oldest is lent first. */
  push(resource: Resource): void {
    resource.warm = true;
    resource.next = undefined;
    resource.prev = this.last;
    if (this.last === undefined) this.first = resource;
    else this.last.next = resource;
    this.last = resource;
    this.size += 1;
  }

  remove(resource: Resource): void {
    if (!resource.warm) return;
    const { prev, next } = resource;
    if (prev === undefined) this.first = next;
    else prev.next = next;
    if (next === undefined) this.last = prev;
    else next.prev = prev;
    resource.warm = false;
    resource.prev = undefined;
    resource.next = undefined;
    this.size -= 1;
  }
}
