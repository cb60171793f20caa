import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from "@aws-sdk/client-ec2";
import { onTestFinished } from "vitest";
import { startEc2Server } from "../src/server.js";

export const IMAGE = "ami-0123456789abcdef0";

/** A server of its own for a test, and AWS' own client of it. */
export async function world(accessKeyId = "AKIDTEST") {
  const server = await startEc2Server();
  const credentials = { accessKeyId, secretAccessKey: "not-a-secret" };
  const client = new EC2Client({ region: "us-east-1", endpoint: server.url, credentials, maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  const run = async (input: Partial<RunInstancesCommandInput> = {}) => {
    const answer = await client.send(new RunInstancesCommand({ ImageId: IMAGE, MinCount: 1, MaxCount: 1, ...input }));
    return answer.Instances![0]!.InstanceId!;
  };
  const states = async (ids: string[]) => {
    const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds: ids }));
    return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ State }) => State?.Name);
  };
  return { server, cloud: server.cloud, client, run, states };
}
