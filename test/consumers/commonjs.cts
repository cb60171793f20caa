// CommonJS sees the same types.
import keyv = require("@warmpool/core/keyv");
import otel = require("@warmpool/core/otel");
import sqlite = require("@warmpool/core/sqlite");
import core = require("@warmpool/core");

import { Keyv } from "keyv";

import testing = require("@warmpool/testing");

const provider: core.Provider<{ url: string }> = {
  name: "p",
  allocate: async ({ key }) => ({ url: key }),
  delete: async () => {},
};

export async function run(): Promise<string> {
  const pool = core.createPool({ provider, max: 1, store: sqlite.sqliteStore("a.db") });
  otel.instrument(pool);
  const lease = await pool.acquire();
  await lease.release();
  // @ts-expect-error: there is no such option
  await pool.acquire({ timout: "1s" });
  return lease.data.url;
}

export const inKeyv: core.Store<true> = keyv.keyvStore(new Keyv());
export const suites: readonly string[] = Object.keys(testing);
