// What a container's holder gets; what a pool must say if the provider doesn't.
import { createPool, definePool } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { type DockerContainer, type DockerOptions, dockerProvider } from "@warmpool/provider-docker";
import { is } from "./equal.js";

export const hosts: DockerOptions["hosts"] = [
  { name: "local" },
  { name: "far", url: "ssh://ci@far", ssh: { hostKey: "SHA256:…" }, capacity: 3, labels: { disk: "fast" } },
];

export async function run(): Promise<void> {
  const provider = dockerProvider({
    image: "postgres:18",
    ports: [5432],
    readyWhen: { port: 5432 },
    settlesWithin: "5m",
  });
  const pool = createPool({ provider, max: 1, store: sqliteStore("pool.db") });
  const lease = await pool.acquire();
  is<DockerContainer>()(lease.data)(true);
  const { exitCode } = await provider.exec(lease, ["true"], { input: "x" });
  is<number>()(exitCode)(true);
  await using shell = await provider.shell(lease, { columns: 80, rows: 24 });
  shell.stream.write("exit\n");
  definePool({ provider: dockerProvider({ limits: { memory: "1g" } }), params: { image: "nginx" }, max: 1 });
  // @ts-expect-error: neither says what the containers are made from
  definePool({ provider: dockerProvider(), max: 1 });
  // @ts-expect-error: there is no such option
  dockerProvider({ image: "nginx", imge: "nginx" });
}
