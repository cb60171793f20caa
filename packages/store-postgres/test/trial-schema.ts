import pg from "pg";
import { inject } from "vitest";
import { drawId } from "../src/id.js";
import { migratePostgres } from "../src/index.js";

/** A schema of its own in the run's database: nothing in it, and nobody else's. */
export class TrialSchema {
  readonly url = inject("postgresUrl");
  readonly schema = `trial_${drawId(10)}`;

  async query(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      return (await client.query(text.replaceAll("$schema", this.schema))).rows;
    } finally {
      await client.end();
    }
  }

  async migrate(): Promise<void> {
    await migratePostgres(this.url, { schema: this.schema });
  }

  async drop(): Promise<void> {
    await this.query("DROP SCHEMA IF EXISTS $schema CASCADE");
  }
}
