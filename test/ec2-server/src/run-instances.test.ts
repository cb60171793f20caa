import { type RunInstancesCommandInput, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { world } from "../test/world.js";

describe("a client token", () => {
  test("that comes again brings the same instance, terminated or not", async () => {
    const { client, cloud, run } = await world();
    const id = await run({ ClientToken: "once" });
    expect(await run({ ClientToken: "once" })).toBe(id);
    await client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await run({ ClientToken: "once" })).toBe(id);
    expect(cloud.instances()).toHaveLength(1);
  });

  test("with other arguments is refused, and in another zone is another token", async () => {
    const { run } = await world();
    const id = await run({ ClientToken: "once" });
    await expect(run({ ClientToken: "once", InstanceType: "t3.small" })).rejects.toMatchObject({
      name: "IdempotentParameterMismatch",
    });
    expect(await run({ ClientToken: "once", SubnetId: "subnet-0000000000000000b" })).not.toBe(id);
  });

  test("of an instance that is forgotten is refused", async () => {
    const { client, cloud, run } = await world();
    cloud.weather.forgottenAfterMs = 0;
    const id = await run({ ClientToken: "once" });
    await client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await expect(run({ ClientToken: "once" })).rejects.toMatchObject({ name: "IdempotentInstanceTerminated" });
  });

  test("of a launch that was refused may be used again, for the same", async () => {
    const { cloud, run } = await world();
    cloud.weather.soldOut = () => true;
    await expect(run({ ClientToken: "once" })).rejects.toMatchObject({ name: "InsufficientInstanceCapacity" });
    cloud.weather.soldOut = () => false;
    const other = run({ ClientToken: "once", InstanceType: "t3.small" });
    await expect(other).rejects.toMatchObject({ name: "IdempotentParameterMismatch" });
    await run({ ClientToken: "once" });
  });
});

describe("a launch is refused", () => {
  test.each<[string, Partial<RunInstancesCommandInput>, string]>([
    ["for an unknown image", { ImageId: "ami-00000000000000000" }, "InvalidAMIID.NotFound"],
    ["for an unknown key pair", { KeyName: "nobody" }, "InvalidKeyPair.NotFound"],
    ["for an unknown type", { InstanceType: "t1.micro" }, "InvalidParameterValue"],
    ["for an unknown subnet", { SubnetId: "subnet-0" }, "InvalidSubnetID.NotFound"],
    [
      "for an unknown template",
      { LaunchTemplate: { LaunchTemplateName: "none" } },
      "InvalidLaunchTemplateName.NotFoundException",
    ],
    [
      "for tags of AWS",
      { TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "aws:x", Value: "y" }] }] },
      "InvalidParameterValue",
    ],
    ["for a token that is too long", { ClientToken: "x".repeat(65) }, "InvalidParameterValue"],
  ])("%s", async (_, input, name) => {
    const { cloud, run } = await world();
    await expect(run(input)).rejects.toMatchObject({ name, $metadata: { requestId: expect.any(String) } });
    expect(cloud.alive()).toEqual([]);
  });

  test("above the quota, of spot by another word", async () => {
    const { cloud, run } = await world();
    cloud.weather.maxInstances = 1;
    await run();
    await expect(run()).rejects.toMatchObject({ name: "VcpuLimitExceeded" });
    const spot = run({ InstanceMarketOptions: { MarketType: "spot" } });
    await expect(spot).rejects.toMatchObject({ name: "MaxSpotInstanceCountExceeded" });
  });

  test("of an account that is not ours", async () => {
    const { run } = await world("AKIDOTHER");
    await expect(run()).rejects.toMatchObject({ name: "AuthFailure", $metadata: { httpStatusCode: 401 } });
  });
});
