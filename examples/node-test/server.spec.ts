import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { leaseForAll } from "@warmpool/testing/node-test";
import type { Server } from "../test-things/servers.ts";

describe("a server", () => {
  const server = leaseForAll<Server>({ pool: "servers" });

  for (const who of ["Ada", "Grace"]) {
    test(`${who} is alone with it`, async () => {
      const { url } = server.data;
      assert.equal((await fetch(`${url}/enter?who=${who}`)).status, 200);
      assert.equal(await (await fetch(url)).text(), `${who} is here\n`);
      await fetch(`${url}/leave`);
    });
  }
});
