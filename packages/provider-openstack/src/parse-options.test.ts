import { isWarmpoolError } from "@warmpool/core";
import { expect, test } from "vitest";
import type { OpenStackOptions } from "./options.js";
import { parseOptions } from "./parse-options.js";
import { openStackProvider } from "./provider.js";

/** What is wrong with options, by path. */
function problems(options: object): Record<string, string> {
  try {
    openStackProvider(options as OpenStackOptions);
  } catch (error) {
    if (!isWarmpoolError(error, "INVALID_OPTIONS")) throw error;
    return Object.fromEntries(error.details.problems.map(({ path, problem }) => [path, problem]));
  }
  return {};
}

const auth = { authUrl: "https://k.example", username: "ann", password: "hunter22" };

test("defaults", () => {
  expect(parseOptions({})).toEqual({
    name: "openstack",
    cloud: undefined,
    auth: undefined,
    region: undefined,
    interface: undefined,
    fields: {},
    floatingIp: undefined,
    readyWhen: undefined,
    reset: "rebuild",
    suspend: "shelve",
    pollIntervalMs: 2_000,
    requestTimeoutMs: 60_000,
    bootTimeoutMs: 1_800_000,
    settlesWithinMs: 300_000,
    spec: expect.any(String),
  });
});

test("every problem is told at once, and no value", () => {
  expect(
    problems({ flavour: "hunter22", image: "", auth: { ...auth, passwort: "hunter22", authUrl: "hunter22" } }),
  ).toEqual({
    flavour: "there is no such option. Did you mean flavor?",
    image: "must be a text that is not empty",
    "auth.passwort": "there is no such option. Did you mean password?",
    "auth.authUrl": "must be an address",
  });
});

test.each<[string, object, string | RegExp]>([
  ["auth.authUrl", { auth: { username: "ann" } }, "is required"],
  ["cloud", { auth, cloud: "ci" }, "is in place of auth: give one of them"],
  ["auth", { auth: "ann" }, "must be an object"],
  ["interface", { interface: "secret" }, 'must be one of "public", "internal", "admin"'],
  ["network", { network: [] }, "must be a text, or an array of texts"],
  ["bootVolume", { bootVolume: { sizeGiB: 1.5 } }, /^must be an object with a whole sizeGiB/],
  ["bootVolume", { bootVolume: { sizeGiB: 1, size: 2 } }, /^must be an object with a whole sizeGiB/],
  ["securityGroups", { securityGroups: "web" }, "must be an array of texts that are not empty"],
  ["userData", { userData: "x".repeat(49_153) }, "must be a text of at most 48 KiB"],
  ["configDrive", { configDrive: "yes" }, "must be true or false"],
  ["metadata", { metadata: { "warmpool-key": "x" } }, /these are ours$/],
  ["metadata", { metadata: { "a/b": "x" } }, /^must be of names of letters/],
  ["metadata", { metadata: { a: 1 } }, "must be an object of texts"],
  ["readyWhen", { readyWhen: { port: 0 } }, "must be a function, or { port } from 1 to 65535"],
  ["readyWhen", { readyWhen: { port: 22, host: "a" } }, "must be a function, or { port } from 1 to 65535"],
  ["reset", { reset: true }, 'must be one of "rebuild", "reboot", false'],
  ["pollInterval", { pollInterval: 0 }, /^must be longer than 0/],
  ["settlesWithin", { settlesWithin: "5 m" }, /^must be longer than 0/],
])("%s of %j", (path, options, problem) => {
  const found = problems(options);
  expect(Object.keys(found)).toEqual([path]);
  expect(found[path]).toMatch(problem);
});

test("the spec changes with what servers are made from, and tells nothing of it", () => {
  const specOf = (options: OpenStackOptions) => parseOptions(options).spec;
  const spec = specOf({ image: "a", userData: "hunter22" });
  expect(specOf({ image: "a", userData: "hunter22", pollInterval: "1s", auth })).toBe(spec);
  expect(spec).not.toContain("hunter22");
  const others = [
    { image: "b", userData: "hunter22" },
    { image: "a", userData: "hunter23" },
    { image: "a", userData: "hunter22", floatingIp: "public" },
    { image: "a", userData: "hunter22", spec: 2 },
  ];
  expect(new Set([spec, ...others.map(specOf)]).size).toBe(5);
});
