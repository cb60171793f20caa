/** A point in time. All that happens at it shares it: a number beyond 2^31 would be an object of its own in each of them. */
export class Moment {
  readonly atMs: number;

  constructor(atMs: number) {
    this.atMs = atMs;
  }
}
