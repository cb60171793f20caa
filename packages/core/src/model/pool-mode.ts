/**
 * What a pool does at present:
 *
 * - `open`: lends and makes.
 * - `paused`: neither lends nor makes; leases go on, tickets wait.
 * - `draining`: accepts no ticket, serves those that wait, keeps no buffer, ends what comes back.
 * - `leaving`: left the configuration. As draining, but tickets that only it could serve are refused; it is forgotten
 *   when its last resource is gone.
 */
export type PoolMode = "open" | "paused" | "draining" | "leaving";
