/**
 * What a provider's `check` found. `unknown` says nothing about the resource: it counts neither as healthy nor as a
 * failed attempt.
 */
export interface Health<Data> {
  /** `unhealthy` counts as a failed attempt. */
  readonly status: "healthy" | "unhealthy" | "unknown";
  /** Why, for people. */
  readonly reason?: string;
  /** Newer data, if it changed (an address, say). */
  readonly data?: Data;
}
