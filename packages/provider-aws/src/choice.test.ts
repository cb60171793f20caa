import type { Ec2Server, Offer } from "@warmpool/test-ec2";
import { describe, expect, test } from "vitest";
import { account, context, IMAGE, keyOf, providerOf, request } from "../test/account.js";
import { choicesOf, describeChoice } from "./choice.js";
import type { Ec2Options } from "./options.js";
import { parseOptions } from "./parse-options.js";

const [A, B, C] = ["subnet-0000000000000000a", "subnet-0000000000000000b", "subnet-0000000000000000c"];

describe("the order of choices", () => {
  const order = (options: Partial<Ec2Options>, slot = 0) =>
    choicesOf(parseOptions({ launch: { ImageId: IMAGE }, ...options }), slot).map(describeChoice);

  test.each<[string, Partial<Ec2Options>, number, string[]]>([
    ["nothing to choose", {}, 5, ["the launch's own choice"]],
    ["types, the preferred first", { instanceTypes: ["m", "c"] }, 5, ["m", "c"]],
    [
      "each type everywhere before the next",
      { instanceTypes: ["m", "c"], zones: ["a", "b"] },
      0,
      ["m a", "m b", "c a", "c b"],
    ],
    [
      "spot before on-demand",
      { spot: true, subnets: ["a", "b"] },
      0,
      ["spot a", "spot b", "on-demand a", "on-demand b"],
    ],
    ["spot alone", { spot: { onDemand: false } }, 0, ["spot"]],
    ["spread over subnets", { subnets: ["a", "b", "c"], spread: ["subnets"] }, 4, ["b", "c", "a"]],
    [
      "spread over zones, types in order",
      { instanceTypes: ["m", "c"], zones: ["a", "b"], spread: ["zones"] },
      1,
      ["m b", "m a", "c b", "c a"],
    ],
    ["spread over types", { instanceTypes: ["m", "c"], spread: ["instanceTypes"] }, 3, ["c", "m"]],
    [
      "spread over both, so that every pair gets its turn",
      { instanceTypes: ["m", "c"], subnets: ["a", "b"], spread: ["instanceTypes", "subnets"] },
      2,
      ["c a", "c b", "m a", "m b"],
    ],
  ])("%s", (_, options, slot, expected) => {
    expect(order(options, slot)).toEqual(expected);
  });

  test("slots that fill from 0 are spread evenly", () => {
    const subnets = ["a", "b", "c"];
    const first = [0, 1, 2, 3, 4, 5].map((slot) => order({ subnets, spread: ["subnets"] }, slot)[0]);
    expect(first).toEqual(["a", "b", "c", "a", "b", "c"]);
  });
});

describe("a choice that is exhausted", () => {
  /** What was asked for, in order: type, subnet, market, token. */
  function asked(server: Ec2Server): string[] {
    return server.seen
      .filter(({ action }) => action === "RunInstances")
      .map(({ query, fault }) => {
        const market = query.text("InstanceMarketOptions.MarketType");
        const parts = [
          market,
          query.text("InstanceType"),
          query.text("SubnetId")?.slice(-1),
          query.text("ClientToken"),
        ];
        return `${parts.filter((part) => part !== undefined).join(" ")}${fault === undefined ? "" : ` ${fault}`}`;
      });
  }

  const options = { launch: { ImageId: IMAGE }, instanceTypes: ["m7i.large", "m6i.large"], subnets: [A!, B!] };
  const [first, second, third] = [keyOf(1), keyOf(2), keyOf(3)] as const;

  test("is followed by the next one, each under a token of its own", async () => {
    const server = await account();
    server.cloud.weather.soldOut = ({ type }) => type === "m7i.large";
    const data = await providerOf(server, options).allocate(request({ key: first }), context());
    expect(data).toMatchObject({ type: "m6i.large", subnetId: A });
    expect(asked(server)).toEqual([
      `m7i.large a ${first} InsufficientInstanceCapacity`,
      `m7i.large b ${first}.2 InsufficientInstanceCapacity`,
      `m6i.large a ${first}.3`,
    ]);
  });

  test("is passed over by those that come after", async () => {
    const server = await account();
    server.cloud.weather.soldOut = ({ subnetId }) => subnetId === A;
    const provider = providerOf(server, options);
    await provider.allocate(request({ key: first }), context());
    await provider.allocate(request({ key: second }), context());
    expect(asked(server)).toEqual([
      `m7i.large a ${first} InsufficientInstanceCapacity`,
      `m7i.large b ${first}.2`,
      `m7i.large b ${second}`,
    ]);
  });

  test("is tried again when its snooze is over", async () => {
    const server = await account();
    server.cloud.weather.soldOut = ({ subnetId }) => subnetId === A;
    const provider = providerOf(server, { ...options, snooze: 0 });
    await provider.allocate(request({ key: first }), context());
    server.cloud.weather.soldOut = () => false;
    expect(await provider.allocate(request({ key: second }), context())).toMatchObject({ subnetId: A });
  });

  test("fails the launch if all are: for want of capacity, with every refusal, and nothing made", async () => {
    const server = await account();
    server.cloud.weather.soldOut = () => true;
    const provider = providerOf(server, options);
    const refused = provider.allocate(request({ key: first }), context());
    await expect(refused).rejects.toMatchObject({ kind: "capacity", made: "nothing" });
    await expect(refused).rejects.toThrow(/m7i.large subnet-0000000000000000a: .*m6i.large subnet-0000000000000000b: /);
    expect(asked(server)).toHaveLength(4);
    // From now on one question is enough.
    await expect(provider.allocate(request({ key: second }), context())).rejects.toMatchObject({ kind: "capacity" });
    expect(asked(server)).toHaveLength(5);
    server.cloud.weather.soldOut = () => false;
    await provider.allocate(request({ key: third }), context());
    expect(server.cloud.alive()).toHaveLength(1);
  });

  test("spot is followed by on-demand, and spot as a whole is passed over once its quota is reached", async () => {
    const server = await account();
    server.cloud.weather.maxInstances = 1;
    const provider = providerOf(server, { launch: { ImageId: IMAGE }, subnets: [A!, B!], spot: { maxPrice: "0.05" } });
    expect(await provider.allocate(request({ key: first }), context())).toMatchObject({ lifecycle: "spot" });
    await expect(provider.allocate(request({ key: second }), context())).rejects.toMatchObject({ kind: "quota" });
    server.cloud.weather.maxInstances = 9;
    expect(await provider.allocate(request({ key: third }), context())).toMatchObject({ lifecycle: "spot" });
    expect(server.seen[0]?.query.text("InstanceMarketOptions.SpotOptions.MaxPrice")).toBe("0.05");
  });

  test("spot that EC2 takes back while it starts is passed over too, and its launch made nothing that lasts", async () => {
    const server = await account();
    const reason = { code: "Server.SpotInstanceTermination", message: "Spot instance termination" };
    server.cloud.weather.stillborn = ({ market }: Offer) => (market === "spot" ? reason : undefined);
    const provider = providerOf(server, { launch: { ImageId: IMAGE }, spot: true });
    const taken = provider.allocate(request({ key: first }), context());
    await expect(taken).rejects.toMatchObject({ kind: "capacity", made: "nothing" });
    await expect(taken).rejects.toThrow("Spot instance termination");
    expect(await provider.allocate(request({ key: second }), context())).toMatchObject({ lifecycle: "on-demand" });
  });

  test("a zone is asked for as a placement", async () => {
    const server = await account();
    const provider = providerOf(server, { launch: { ImageId: IMAGE }, zones: ["us-east-1c", "us-east-1a"] });
    expect(await provider.allocate(request(), context())).toMatchObject({ zone: "us-east-1c", subnetId: C });
  });
});
