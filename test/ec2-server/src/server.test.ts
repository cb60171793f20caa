/** Whether it speaks as EC2 does, heard by AWS' own SDK. */
import {
  CreateReplaceRootVolumeTaskCommand,
  DescribeImagesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeReplaceRootVolumeTasksCommand,
  DescribeSubnetsCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { IMAGE, world } from "../test/world.js";
import type { Cloud } from "./cloud.js";
import { Fault } from "./fault.js";

/** A clock that the test turns. */
function turned(cloud: Cloud) {
  let nowMs = Date.UTC(2026, 0, 1);
  cloud.now = () => nowMs;
  return {
    by(ms: number) {
      nowMs += ms;
    },
  };
}

describe("instances", () => {
  test("go through their states, each when its time has come", async () => {
    const { client, cloud, run, states } = await world();
    const clock = turned(cloud);
    Object.assign(cloud.weather, { pendingMs: 30, statusMs: 30, stoppingMs: 30, shuttingDownMs: 30 });
    const id = await run();
    const statusOf = async () => {
      const answer = await client.send(
        new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true }),
      );
      return answer.InstanceStatuses?.[0]?.InstanceStatus?.Status;
    };
    expect([...(await states([id])), await statusOf()]).toEqual(["pending", "not-applicable"]);
    clock.by(30);
    expect([...(await states([id])), await statusOf()]).toEqual(["running", "initializing"]);
    clock.by(30);
    expect([...(await states([id])), await statusOf()]).toEqual(["running", "ok"]);
    await client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(await states([id])).toEqual(["stopping"]);
    clock.by(30);
    expect(await states([id])).toEqual(["stopped"]);
    await client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    expect(await states([id])).toEqual(["pending"]);
    clock.by(60);
    expect([...(await states([id])), await statusOf()]).toEqual(["running", "ok"]);
    await client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await states([id])).toEqual(["shutting-down"]);
    clock.by(30);
    expect(await states([id])).toEqual(["terminated"]);
    clock.by(3_600_000);
    await expect(states([id])).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
  });

  test("are described with what they were launched with", async () => {
    const { client, run } = await world();
    const Tags = [{ Key: "Name", Value: 'a <b> & "c"' }];
    const id = await run({
      InstanceType: "m7i.large",
      SubnetId: "subnet-0000000000000000b",
      KeyName: "ci",
      ClientToken: "token",
      TagSpecifications: [{ ResourceType: "instance", Tags }],
    });
    const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceType: "m7i.large",
      Placement: { AvailabilityZone: "us-east-1b" },
      KeyName: "ci",
      ClientToken: "token",
      Tags,
      LaunchTime: expect.any(Date),
      PrivateIpAddress: expect.stringMatching(/^10\.0\./),
      PublicIpAddress: expect.stringMatching(/^203\.0\./),
    });
  });

  test("cannot be seen, named or counted before their time", async () => {
    const { client, cloud, run } = await world();
    cloud.weather.visibleAfterMs = 60_000;
    const id = await run();
    const describing = client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    await expect(describing).rejects.toMatchObject({
      name: "InvalidInstanceID.NotFound",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(client.send(new TerminateInstancesCommand({ InstanceIds: [id] }))).rejects.toThrow(id);
    expect((await client.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
    expect(cloud.alive()).toHaveLength(1);
  });

  test("are listed page by page, by filters with wildcards", async () => {
    const { client, run } = await world();
    for (const name of ["web-1", "web-2", "web-3", "web-4", "web-5", "web-6", "we*b"]) {
      await run({ TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: name }] }] });
    }
    const named = async (pattern: string) => {
      const names: (string | undefined)[] = [];
      let pages = 0;
      let NextToken: string | undefined;
      do {
        const Filters = [{ Name: "tag:Name", Values: [pattern] }];
        const page = await client.send(new DescribeInstancesCommand({ Filters, MaxResults: 5, NextToken }));
        names.push(...(page.Reservations ?? []).map(({ Instances }) => Instances?.[0]?.Tags?.[0]?.Value));
        NextToken = page.NextToken;
        pages += 1;
      } while (NextToken !== undefined);
      return { names: names.length, pages };
    };
    expect(await named("web-*")).toEqual({ names: 6, pages: 2 });
    expect(await named("web-?")).toEqual({ names: 6, pages: 2 });
    expect(await named("we\\*b")).toEqual({ names: 1, pages: 1 });
    await expect(client.send(new DescribeInstancesCommand({ MaxResults: 4 }))).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
  });

  test("get a new root volume by a task", async () => {
    const { client, cloud, run } = await world();
    const clock = turned(cloud);
    cloud.weather.rootVolumeMs = 20;
    const id = await run();
    const before = cloud.alive()[0]?.rootVolume.id;
    const { ReplaceRootVolumeTask: task } = await client.send(
      new CreateReplaceRootVolumeTaskCommand({ InstanceId: id }),
    );
    const stateOf = async () => {
      const ReplaceRootVolumeTaskIds = [task?.ReplaceRootVolumeTaskId ?? ""];
      const answer = await client.send(new DescribeReplaceRootVolumeTasksCommand({ ReplaceRootVolumeTaskIds }));
      return answer.ReplaceRootVolumeTasks?.[0]?.TaskState;
    };
    expect(await stateOf()).toBe("in-progress");
    clock.by(20);
    expect(await stateOf()).toBe("succeeded");
    expect(cloud.alive()[0]?.rootVolume.id).not.toBe(before);
  });
});

describe("the weather", () => {
  test("throttles: so many at once, and so many a second", async () => {
    const { cloud, run } = await world();
    cloud.weather.throttles = { RunInstances: { burst: 2, perSecond: 0 } };
    const settled = await Promise.allSettled([run(), run(), run()]);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    const [refused] = settled.filter((each) => each.status === "rejected");
    expect(refused?.reason).toMatchObject({ name: "RequestLimitExceeded", $metadata: { httpStatusCode: 503 } });
  });

  test("loses an answer after acting, and cuts a connection before", async () => {
    const { server, cloud, run } = await world();
    cloud.weather.mishap = () => ({ kind: "lose" });
    await expect(run()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(cloud.alive()).toHaveLength(1);
    cloud.weather.mishap = () => ({ kind: "cut" });
    await expect(run()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(cloud.alive()).toHaveLength(1);
    cloud.weather.mishap = () => ({ kind: "refuse", fault: new Fault("InternalError", "sorry", 500) });
    await expect(run()).rejects.toMatchObject({ name: "InternalError" });
    expect(server.seen.map(({ action, fault }) => [action, fault])).toEqual([
      ["RunInstances", undefined],
      ["RunInstances", "InternalError"],
    ]);
  });

  test("lets an instance die at birth, and says why", async () => {
    const { client, cloud, run } = await world();
    cloud.weather.stillborn = () => ({ code: "Server.InsufficientInstanceCapacity", message: "none left" });
    const id = await run();
    const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      State: { Name: "terminated" },
      StateReason: { Code: "Server.InsufficientInstanceCapacity" },
    });
  });

  test("is as it was when the server is plugged in again", async () => {
    const { server, cloud, run, states } = await world();
    const id = await run();
    await server.unplug();
    await expect(states([id])).rejects.toThrow();
    await server.plug();
    expect(await states([id])).toEqual(["running"]);
    expect(cloud.alive()).toHaveLength(1);
  });
});

test("what there is to launch from can be looked up", async () => {
  const { client } = await world();
  expect((await client.send(new DescribeImagesCommand({}))).Images?.[0]).toMatchObject({
    ImageId: IMAGE,
    State: "available",
  });
  expect((await client.send(new DescribeKeyPairsCommand({}))).KeyPairs?.[0]?.KeyName).toBe("ci");
  expect((await client.send(new DescribeSubnetsCommand({}))).Subnets).toHaveLength(3);
});
