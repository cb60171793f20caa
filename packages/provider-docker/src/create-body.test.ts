import { expect, test } from "vitest";
import { bytesOf, createBody } from "./create-body.js";
import type { ContainerOptions } from "./options.js";

const facts = { image: "web:1", labels: { "warmpool.key": "k" }, publishOn: "127.0.0.1" };
const bare = { Image: "web:1", Labels: { "warmpool.key": "k" }, HostConfig: { PortBindings: {} } };

test.each<[string, ContainerOptions, object]>([
  ["nothing", {}, bare],
  ["a command", { command: ["a", "b"] }, { ...bare, Cmd: ["a", "b"] }],
  ["variables", { env: { A: "1", B: "=" } }, { ...bare, Env: ["A=1", "B=="] }],
  [
    "labels, of which ours stay ours",
    { labels: { "warmpool.key": "x", team: "ci" } },
    { ...bare, Labels: { "warmpool.key": "k", team: "ci" } },
  ],
  ["no health check", { healthcheck: false }, { ...bare, Healthcheck: { Test: ["NONE"] } }],
  [
    "a health check, in nanoseconds",
    { healthcheck: { command: ["true"], interval: "2s", timeout: 500, retries: 4, startPeriod: "1m" } },
    { ...bare, Healthcheck: { Test: ["CMD", "true"], Interval: 2e9, Timeout: 5e8, Retries: 4, StartPeriod: 6e10 } },
  ],
  [
    "further fields, merged",
    { limits: { cpus: 0.5 }, createOptions: { HostConfig: { Tmpfs: { "/tmp": "" } }, Hostname: "h" } },
    { ...bare, Hostname: "h", HostConfig: { PortBindings: {}, NanoCpus: 5e8, Tmpfs: { "/tmp": "" } } },
  ],
])("%s", (_, options, body) => {
  expect(createBody(options, facts)).toEqual(body);
});

test.each([
  [1_024, 1_024],
  ["512m", 536_870_912],
  ["1.5G", 1_610_612_736],
  ["64kb", 65_536],
  ["100b", 100],
  ["100", undefined],
  ["m", undefined],
  [0, undefined],
  [1.5, undefined],
])("memory %j is %j bytes", (memory, bytes) => {
  expect(bytesOf(memory)).toBe(bytes);
});
