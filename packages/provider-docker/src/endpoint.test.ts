import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { addressOf, describeEndpoint, endpointOf } from "./endpoint.js";

const SOCKET = { kind: "socket", path: "/var/run/docker.sock" };
const tcp = (hostname: string, port: number) => ({ kind: "tcp", hostname, port, tls: undefined });

// What `docker` itself connects to, by its own messages.
test.each([
  [undefined, SOCKET],
  ["", SOCKET],
  ["unix://", SOCKET],
  ["unix:///run/user/1000/podman/podman.sock", { kind: "socket", path: "/run/user/1000/podman/podman.sock" }],
  ["tcp://127.0.0.1", tcp("127.0.0.1", 2375)],
  ["tcp://build-7:2376", tcp("build-7", 2376)],
  ["tcp://build-7:80", tcp("build-7", 80)],
  ["127.0.0.1:1234", tcp("127.0.0.1", 1234)],
  ["build-7:1234", tcp("build-7", 1234)],
  ["tcp://:1234", tcp("localhost", 1234)],
  ["tcp://[::1]:1234", tcp("::1", 1234)],
  [" tcp://build-7:1 ", tcp("build-7", 1)],
])("DOCKER_HOST %j", (DOCKER_HOST, endpoint) => {
  expect(endpointOf({}, { DOCKER_HOST })).toEqual(endpoint);
  if (DOCKER_HOST) expect(endpointOf({ url: DOCKER_HOST }, {})).toEqual(endpoint);
});

test.each([
  ["http://build-7", "must begin with unix://, tcp://, ssh:// or npipe://, not with http://"],
  ["tcp://build-7:1/path", "must be only host and port"],
  ["tcp://build-7:99999", "is no address"],
  ["ssh://ci:secret@build-7", "must not contain a password"],
])("DOCKER_HOST %s cannot be: %s", (DOCKER_HOST, problem) => {
  expect(() => endpointOf({}, { DOCKER_HOST })).toThrow(problem);
});

describe("TLS", () => {
  function folder(...files: string[]): string {
    const path = mkdtempSync(join(tmpdir(), "warmpool-certs-"));
    onTestFinished(() => rmSync(path, { recursive: true }));
    for (const file of files) writeFileSync(join(path, file), `-----BEGIN ${file}`);
    return path;
  }

  test("is spoken as soon as DOCKER_TLS_VERIFY is not empty", () => {
    const environment = {
      DOCKER_HOST: "tcp://build-7:2376",
      DOCKER_CERT_PATH: folder("ca.pem", "cert.pem", "key.pem"),
    };
    const tls = { ca: "-----BEGIN ca.pem", cert: "-----BEGIN cert.pem", key: "-----BEGIN key.pem" };
    expect(endpointOf({}, { ...environment, DOCKER_TLS_VERIFY: "1" })).toMatchObject({ tls });
    expect(endpointOf({}, { ...environment, DOCKER_TLS_VERIFY: "0" })).toMatchObject({ tls });
    expect(endpointOf({}, { ...environment, DOCKER_TLS_VERIFY: "" })).toMatchObject({ tls: undefined });
    expect(endpointOf({}, environment)).toMatchObject({ tls: undefined });
    // Not for a host that was given: the environment speaks of its own.
    expect(endpointOf({ url: "tcp://build-8:2375" }, { ...environment, DOCKER_TLS_VERIFY: "1" })).toMatchObject({
      tls: undefined,
    });
  });

  test("needs no certificate of ours, but the authority's", () => {
    const environment = { DOCKER_HOST: "tcp://build-7:2376", DOCKER_TLS_VERIFY: "1" };
    expect(endpointOf({}, { ...environment, DOCKER_CERT_PATH: folder("ca.pem") })).toMatchObject({
      tls: { ca: "-----BEGIN ca.pem" },
    });
    expect(() => endpointOf({}, { ...environment, DOCKER_CERT_PATH: "/nowhere" })).toThrow(
      "there is no readable file /nowhere/ca.pem",
    );
    expect(() => endpointOf({ url: "tcp://x", tls: { cert: "-----BEGIN x" } }, {})).toThrow(
      "cert and key belong together",
    );
  });
});

describe("SSH", () => {
  const hostKey = `SHA256:${"a".repeat(43)}`;

  test("names a user, a port and the engine's socket", () => {
    const environment = { SSH_AUTH_SOCK: "/agent", USER: "me" };
    expect(endpointOf({ url: "ssh://ci@build-7:2222/run/podman/podman.sock", ssh: { hostKey } }, environment)).toEqual({
      kind: "ssh",
      hostname: "build-7",
      port: 2222,
      username: "ci",
      socketPath: "/run/podman/podman.sock",
      hostKeys: [hostKey],
      privateKey: undefined,
      passphrase: undefined,
      agent: "/agent",
      command: "docker system dial-stdio",
    });
    expect(endpointOf({ url: "ssh://build-7", ssh: { hostKey: [`${hostKey}=`] } }, environment)).toMatchObject({
      port: 22,
      username: "me",
      socketPath: undefined,
      hostKeys: [hostKey],
    });
  });

  test("needs the host's key", () => {
    expect(() => endpointOf({ url: "ssh://build-7" }, {})).toThrow("hostKey is required");
    expect(() => endpointOf({ url: "ssh://build-7", ssh: { hostKey: "MD5:aa" } }, {})).toThrow('not "MD5:aa"');
    expect(() => endpointOf({ url: "ssh://build-7", ssh: { hostKey, privateKey: "/nowhere" } }, {})).toThrow(
      "no readable file",
    );
  });
});

test("holders reach ports where the engine is, and messages say where that is", () => {
  const ssh = endpointOf({ url: "ssh://ci@build-7", ssh: { hostKey: `SHA256:${"a".repeat(43)}` } }, {});
  const endpoints = [endpointOf({}, {}), endpointOf({ url: "tcp://build-7" }, {}), ssh];
  expect(endpoints.map(addressOf)).toEqual(["127.0.0.1", "build-7", "build-7"]);
  expect(endpoints.map(describeEndpoint)).toEqual([
    "unix:///var/run/docker.sock",
    "tcp://build-7:2375",
    "ssh://ci@build-7:22",
  ]);
});
