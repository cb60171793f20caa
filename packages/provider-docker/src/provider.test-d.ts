import { type CallContext, createManager, createPool, definePool, type IsJson, type Provider } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { expectTypeOf } from "vitest";
import { type DockerContainer, type DockerParams, type DockerProvider, dockerProvider } from "./index.js";

expectTypeOf(dockerProvider({ image: "a" })).toEqualTypeOf<DockerProvider>();
expectTypeOf(dockerProvider({ build: "." })).toEqualTypeOf<DockerProvider>();
expectTypeOf(dockerProvider()).toEqualTypeOf<DockerProvider<DockerParams>>();
expectTypeOf(dockerProvider({ env: {} })).toEqualTypeOf<DockerProvider<DockerParams>>();
expectTypeOf(dockerProvider({ image: "a" })).toExtend<Provider<DockerContainer>>();

// Durable stores take it.
expectTypeOf<IsJson<DockerContainer>>().toEqualTypeOf<true>();
const provider = dockerProvider({ image: "a", ports: [80, "53/udp"] });
const pool = createPool({ provider, max: 1, store: sqliteStore("pool.db") });
const lease = await pool.acquire();
expectTypeOf(lease.data).toEqualTypeOf<DockerContainer>();
expectTypeOf(lease.data.ports["80/tcp"]).toEqualTypeOf<number | undefined>();
expectTypeOf(await provider.exec(lease, ["true"])).toExtend<{ exitCode: number; stdout: string }>();
expectTypeOf(await provider.check({} as never, {} as CallContext<DockerContainer>)).toHaveProperty("status");

const both = dockerProvider();
createManager({ pools: { web: definePool({ provider: both, params: { image: "web" }, max: 1 }) } });
// @ts-expect-error: the pool must say what it wants
definePool({ provider: both, max: 1 });
// @ts-expect-error: the provider says it already
definePool({ provider, params: { image: "a" }, max: 1 });
// @ts-expect-error: one of the two
dockerProvider({ image: "a", build: "." });
// @ts-expect-error: there is no such option
dockerProvider({ image: "a", comand: ["x"] });
// @ts-expect-error: no protocol of that name
dockerProvider({ image: "a", ports: ["80/sctp"] });
// @ts-expect-error: the key is required
dockerProvider({ image: "a", hosts: [{ name: "a", url: "ssh://a", ssh: {} }] });
