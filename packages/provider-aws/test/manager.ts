// A manager that keeps 50 instances warm until it is killed: node manager.ts ENDPOINT FILE. Tells on stdout how many there are.
import process from "node:process";
import { createManager, definePool } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { ec2Provider } from "@warmpool/provider-aws";

const [endpoint = "", file = ""] = process.argv.slice(2);
const provider = ec2Provider({
  launch: { ImageId: "ami-0123456789abcdef0" },
  region: "us-east-1",
  endpoint,
  credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "not-a-secret" },
  pollEvery: 50,
  settlesWithin: "2s",
});
const manager = createManager({
  store: sqliteStore(file, { waitForOwner: "10s" }),
  pools: { ci: definePool({ provider, max: 50, warm: 50, maxAllocating: 50, backoff: { first: 20, max: 200 } }) },
});
const tell = async () => {
  const resources = await manager.resources();
  const ready = resources.filter(({ state }) => state === "ready");
  const ids = ready.map(({ data }) => (data as { id: string }).id);
  process.stdout.write(`${JSON.stringify({ records: resources.length, ids })}\n`);
};
manager.on("resource.changed", () => void tell());
manager.on("resource.gone", () => void tell());
await manager.ready();
await tell();
