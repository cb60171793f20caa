import { isWarmpoolError } from "@warmpool/core";
import { describe, expect, test } from "vitest";
import { type DockerOptions, dockerProvider } from "./index.js";

/** What is said against options, by path. */
function problems(options: object): Record<string, string> {
  try {
    dockerProvider({ image: "busybox", ...options } as never);
    return {};
  } catch (error) {
    if (!isWarmpoolError(error, "INVALID_OPTIONS")) throw error;
    return Object.fromEntries(error.details.problems.map(({ path, problem }) => [path, problem]));
  }
}

describe("an option that cannot be is told with its path", () => {
  const ok = { name: "a", url: "unix:///a" };
  test.each<[object, Record<string, unknown>]>([
    [{ comand: ["x"] }, { comand: 'unknown option, did you mean "command"?' }],
    [{ image: "" }, { image: "must not be empty" }],
    [{ build: "." }, { build: "there is an image already" }],
    [{ command: "sh" }, { command: "must be an array of texts" }],
    [{ command: [] }, { command: "must not be empty" }],
    [{ env: { A: 1 } }, { "env.A": "must be a text" }],
    [{ ports: [0] }, { "ports.0": expect.stringContaining("must be a port") }],
    [{ ports: ["80/sctp"] }, { "ports.0": expect.stringContaining("must be a port") }],
    [{ limits: { memory: "much" } }, { "limits.memory": expect.stringContaining("must be bytes") }],
    [{ limits: { cpus: 0 } }, { "limits.cpus": "must be a number above 0" }],
    [{ limits: { disk: 1 } }, { "limits.disk": expect.stringContaining("unknown option") }],
    [{ labels: { "warmpool.key": "x" } }, { labels: "those that begin with warmpool. are ours" }],
    [{ pull: "sometimes" }, { pull: 'must be "missing", "always" or "never"' }],
    [{ healthcheck: { command: [] } }, { "healthcheck.command": "is required, and must not be empty" }],
    [{ healthcheck: true }, { healthcheck: expect.stringContaining("must be false") }],
    [{ readyWhen: { port: 80 } }, { "readyWhen.port": "port 80 is not published: add it to ports" }],
    [{ readyWhen: "soon" }, { readyWhen: "must be { port } or a function" }],
    [{ requestTimeout: 0 }, { requestTimeout: expect.stringContaining("above 0") }],
    [{ settlesWithin: "40d" }, { settlesWithin: "must be at most 24 days" }],
    [{ hosts: [] }, { hosts: "must not be empty" }],
    [{ hosts: [{ url: "unix:///a" }] }, { "hosts.0.name": "is required" }],
    [{ hosts: [ok, { ...ok }] }, { "hosts.1.name": 'there is another host "a"' }],
    [{ hosts: [{ ...ok, capacity: 0 }] }, { "hosts.0.capacity": "must be a whole number of 1 or more" }],
    [{ hosts: [{ ...ok, url: "http://a" }] }, { "hosts.0.url": expect.stringContaining("must begin with") }],
    [{ hosts: [{ ...ok, url: "ssh://a" }] }, { "hosts.0.ssh": expect.stringContaining("hostKey is required") }],
    [{ hosts: [{ ...ok, ssh: {} }] }, { "hosts.0.ssh.hostKey": "is required" }],
    [{ registry: { username: "ci" } }, { "registry.password": "is required" }],
    [{ readyWhen: {} }, { "readyWhen.port": "is required" }],
    [
      { hosts: [{ ...ok, url: "tcp://a", tls: { ca: "/nowhere" } }] },
      { "hosts.0.tls": "there is no readable file /nowhere" },
    ],
    [{ hosts: [{ ...ok, state: "off" }] }, { "hosts.0.state": expect.stringContaining("must be") }],
    [
      { registry: { usernam: "x", username: "x", password: "y" } },
      { "registry.usernam": 'unknown option, did you mean "username"?' },
    ],
  ])("%j", (options, expected) => {
    expect(problems(options)).toEqual(expected);
  });
});

test("all that is wrong is told at once, and never with a value that may be a secret", () => {
  const all = problems({ env: { PASSWORD: ["hunter2"] }, pull: "x", hosts: [{ name: "" }] });
  expect(Object.keys(all).sort()).toEqual(["env.PASSWORD", "hosts.0.name", "pull"]);
  expect(JSON.stringify(all)).not.toContain("hunter2");
});

test("no options at all are those of a provider whose pools say what they want", () => {
  const provider = dockerProvider();
  expect(provider).toMatchObject({ name: "docker", settlesWithin: 600_000, spec: {} });
});

test("the spec is what containers are made from, whatever the order, the host and the waiting", () => {
  const options: DockerOptions = { image: "a", env: { A: "1" } };
  const spec = (more: DockerOptions = {}) => dockerProvider({ ...options, ...more } as never).spec;
  expect(spec({ hosts: [{ name: "x", url: "tcp://x" }], readyWhen: () => true, pull: "always" })).toEqual(spec());
  expect(spec({ user: "ci" })).not.toEqual(spec());
});
