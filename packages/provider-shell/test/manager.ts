// A manager that allocates one resource until it is killed: node manager.ts DIRECTORY KEY
import process from "node:process";
import { shellProvider } from "@warmpool/provider-shell";

const [directory = "", key = ""] = process.argv.slice(2);
const provider = shellProvider({
  cwd: directory,
  stateDirectory: `${directory}/state`,
  allocate: "./new",
  delete: "./gone",
});
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const tags = { namespace: "ci", installation: "abcdefgh", pool: "web", key, epoch: 1 };
await provider.allocate(
  { key, pool: "web", slot: 0, id: 1, params: undefined, tags },
  {
    signal: new AbortController().signal,
    logger: silent,
    namespace: "ci",
    installation: "abcdefgh",
    epoch: 1,
    async checkpoint() {},
  },
);
