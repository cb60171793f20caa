import { isWarmpoolError } from "@warmpool/core";
import { describe, expect, test } from "vitest";
import type { Ec2Options } from "./options.js";
import { parseOptions } from "./parse-options.js";

const launch = { ImageId: "ami-0123456789abcdef0" };

function problemsOf(options: object): readonly { path: string; problem: string }[] {
  try {
    parseOptions(options as Ec2Options);
  } catch (error) {
    if (isWarmpoolError(error, "INVALID_OPTIONS")) return error.details.problems;
    throw error;
  }
  return [];
}

test("nothing but a launch is needed", () => {
  expect(parseOptions({ launch })).toMatchObject({
    name: "ec2",
    instanceTypes: [undefined],
    places: [undefined],
    spot: undefined,
    snoozeMs: 300_000,
    readyWithinMs: 900_000,
    reset: undefined,
    rebootWithinMs: 60_000,
    hibernates: false,
    pollEveryMs: 5_000,
    pageSize: 1_000,
    settlesWithinMs: 300_000,
  });
});

describe("a mistake is told", () => {
  test.each<[string, object, string, string]>([
    ["no launch", {}, "launch", "is required: it must be what RunInstances is told, or a function"],
    ["an unknown option", { launch, subnet: ["a"] }, "subnet", "there is no such option. Did you mean subnets?"],
    [
      "an unknown option of spot",
      { launch, spot: { maxprice: "1" } },
      "spot.maxprice",
      "there is no such option. Did you mean maxPrice?",
    ],
    ["an empty list", { launch, instanceTypes: [] }, "instanceTypes", "must not be empty"],
    [
      "subnets and zones",
      { launch, subnets: ["a"], zones: ["b"] },
      "zones",
      "a subnet lies in one zone: say subnets or zones, not both",
    ],
    ["spreading over nothing", { launch, spread: ["zones"] }, "spread", "there are no zones to spread over"],
    [
      "a tag of ours",
      { launch, tags: { "warmpool:key": "x" } },
      "tags.warmpool:key",
      "names that begin with warmpool: are ours",
    ],
    [
      "a token",
      { launch: { ...launch, ClientToken: "x" } },
      "launch.ClientToken",
      "one instance is made for each resource, under its key: leave it out",
    ],
    [
      "termination protection",
      { launch: { ...launch, DisableApiTermination: true } },
      "launch.DisableApiTermination",
      "a pool must be able to end what it makes: leave it out",
    ],
    [
      "user data twice",
      { launch: { ...launch, UserData: "eA==" }, userData: "x" },
      "userData",
      "launch.UserData is there as well: say one of them",
    ],
    [
      "spot twice",
      { launch: { ...launch, InstanceMarketOptions: {} }, spot: true },
      "spot",
      "launch.InstanceMarketOptions is there as well: say one of them",
    ],
    [
      "an impossible port",
      { launch, readyWhen: { port: 70_000 } },
      "readyWhen",
      "must be { port, address } or a function",
    ],
    ["an endpoint that is no URL", { launch, endpoint: "localhost" }, "endpoint", "must be a URL"],
    [
      "credentials without a secret",
      { launch, credentials: { accessKeyId: "A" } },
      "credentials",
      "must be { accessKeyId, secretAccessKey } or a function",
    ],
    ["a page that is too large", { launch, pageSize: 5_000 }, "pageSize", "must be 1000 or less"],
    [
      "a time that is none",
      { launch, readyWithin: "soon" },
      "readyWithin",
      'must be a duration (milliseconds, or a number with one of the units ms, s, m, h, d, such as "30s")',
    ],
    ["no time at all", { launch, settlesWithin: 0 }, "settlesWithin", "must be longer than 0"],
  ])("%s", (_, options, path, problem) => {
    expect(problemsOf(options)).toContainEqual({ path, problem });
  });

  test("all of them at once, and never what a secret is", () => {
    const problems = problemsOf({
      launch,
      credentials: { accessKeyId: "A", secretAccessKey: 7, secret: "hush" },
      region: 1,
    });
    expect(problems.map(({ path }) => path).sort()).toEqual(["credentials", "region"]);
    expect(JSON.stringify(problems)).not.toContain("hush");
  });
});

describe("the spec", () => {
  const specOf = (options: Partial<Ec2Options>) => parseOptions({ launch, ...options }).spec;

  test("is another one when instances are made from something else", () => {
    const others: Partial<Ec2Options>[] = [
      { launch: { ImageId: "ami-1" } },
      { instanceTypes: ["m7i.large"] },
      { subnets: ["a"] },
      { spot: true },
      { userData: "x" },
      { tags: { team: "core" } },
      { suspend: "hibernate" },
    ];
    expect(new Set([specOf({}), ...others.map(specOf)]).size).toBe(others.length + 1);
  });

  test("is the same however the same is written, and whatever does not change instances", () => {
    const one = specOf({ launch: { ImageId: "ami-1", KeyName: "ci" }, instanceTypes: ["a", "b"], spot: false });
    const other = {
      launch: { KeyName: "ci", ImageId: "ami-1" },
      instanceTypes: ["b", "a"],
      pollEvery: "9s",
      region: "eu-west-1",
    } as const;
    expect(specOf(other)).toBe(one);
  });

  test("tells nothing of what it is made from", () => {
    expect(specOf({ userData: "password=hush" })).toMatch(/^[\w-]{22}$/);
  });

  test("is the user's, if there is one", () => {
    expect(specOf({ spec: { template: 7 } })).toEqual({ template: 7 });
  });
});
