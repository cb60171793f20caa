/** @module @warmpool/store-postgres */
export type { ClientLike, PoolLike, Row, Statement } from "./database.js";
export { type MigrateOptions, migratePostgres } from "./migrate.js";
export type { PostgresStoreOptions } from "./options.js";
export { postgresStore } from "./postgres-store.js";
