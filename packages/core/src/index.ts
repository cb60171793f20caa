/** @module @warmpool/core */
export type { ConfigureResult } from "./engine/configuring.js";
export type { Explanation } from "./engine/explaining.js";
export type { GroupEnd } from "./engine/groups.js";
export type { Obstacle } from "./engine/obstacle.js";
export type { PoolTotals } from "./engine/pool.js";
export { type Duration, tryDurationMs } from "./model/duration.js";
export { type ErrorCode, type ErrorDetails, isWarmpoolError, WarmpoolError } from "./model/error.js";
export type { AnyEvent, EventData, EventType, WarmpoolEvent } from "./model/event.js";
export type { FailureKind } from "./model/failure.js";
export type { Health } from "./model/health.js";
export type { IsJson, JsonValue } from "./model/json.js";
export { formatKey, type KeyParts, parseKey, type ResourceTags } from "./model/key.js";
export type { Logger } from "./model/logger.js";
export { nearest } from "./model/nearest.js";
export type { PoolMode } from "./model/pool-mode.js";
export type { DeleteReason, ResourceRecord, ResourceState } from "./model/resource.js";
export type { LeaseRecord, TicketEnd, TicketItem, TicketRecord, TicketState, Verdict } from "./model/ticket.js";
export { defineProvider, type ProviderDefinition } from "./provider/define-provider.js";
export { type Factory, factoryProvider } from "./provider/factory.js";
export { type Inventoried, type Inventory, inventoryProvider } from "./provider/inventory.js";
export type { AllocateRequest, CallContext, Found, Listed, Made, Provider, ResourceRef } from "./provider/provider.js";
export { ProviderError, type ProviderErrorOptions } from "./provider/provider-error.js";
export type {
  AcquireAllOptions,
  AcquireOptions,
  ItemOptions,
  RequestAllOptions,
  RequestOptions,
  Selection,
  Wishes,
} from "./runtime/acquire-options.js";
export type { Clock, Timer } from "./runtime/clock.js";
export { type Closable, closeOnSignal } from "./runtime/close-on-signal.js";
export type { CloseOptions } from "./runtime/close-options.js";
export type { ConditionOptions } from "./runtime/condition-options.js";
export { type ConnectPoolOptions, connectManager, connectPool } from "./runtime/connect-pool.js";
export {
  type DataOf,
  definePool,
  type LeaseOf,
  type LeasesOf,
  type PoolDefinition,
  type PoolDefinitions,
  type PoolName,
} from "./runtime/define-pool.js";
export type { EventsOptions } from "./runtime/event-stream.js";
export type { Ids } from "./runtime/ids.js";
export type { Lease } from "./runtime/lease.js";
export type { LeaseGroup } from "./runtime/lease-group.js";
export type { Listener } from "./runtime/listeners.js";
export type { GroupListing, LeaseFilter, ResourceFilter, TicketFilter } from "./runtime/listing.js";
export type { LocalListener } from "./runtime/local-listener.js";
export { createManager, type PoolManager } from "./runtime/manager.js";
export type { EventLogOptions, ManagerOptions, ProviderOptions, ReapOptions } from "./runtime/manager-options.js";
export type { Access, TicketAction } from "./runtime/may.js";
export type { OwnerOptions, OwnersOption } from "./runtime/owner-options.js";
export type { OwnerView } from "./runtime/owner-view.js";
export { type CreatePoolOptions, createPool, type Pool } from "./runtime/pool.js";
export type { PoolOptions } from "./runtime/pool-options.js";
export type { ResourceControl } from "./runtime/resource-control.js";
export type { ReuseOptions } from "./runtime/reuse-options.js";
export { sharing } from "./runtime/sharing.js";
export type { Reset, SilentReset } from "./runtime/silent-reset.js";
export type { ManagerStats, PoolStats } from "./runtime/stats.js";
export { type PoolCounts, type StatsAt, statsOver } from "./runtime/stats-over.js";
export type { Ticket, TicketStatus } from "./runtime/ticket-handle.js";
export { memoryStore } from "./store/memory.js";
export {
  type ConnectOptions,
  LETTER_LIFETIME_MS,
  type LeaderMail,
  type LeaderPost,
  type Letter,
  type SessionPost,
} from "./store/post.js";
export type {
  Batch,
  Change,
  Leadership,
  OpenOptions,
  RecordKind,
  Sharing,
  Store,
  StoredRecord,
  StoreSession,
} from "./store/store.js";
