import {
  CreateKeyPairCommand,
  DeleteKeyPairCommand,
  DescribeImagesCommand,
  DescribeKeyPairsCommand,
  EC2Client,
  type EC2ClientConfig,
  paginateDescribeInstances,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Duration } from "@warmpool/core";
import type { Launch } from "../src/index.js";

/** Some EC2 that is not ours to control: AWS, or a server that speaks its protocol. */
export interface Outside {
  readonly endpoint: string;
  /** Whether it can be reached by http: then it is some server for tests, and the way to it can be cut. */
  readonly nearby: boolean;
  readonly client: EC2Client;
  readonly config: Pick<EC2ClientConfig, "region" | "credentials">;
  readonly timeout: Duration;
  /** How long after its start a launch there can still appear; `undefined`: as long as on AWS. */
  readonly settlesWithin: Duration | undefined;
  /** What is launched, and what has to be taken away in the end. */
  launch(): Promise<Launch>;
  tidy(): Promise<void>;
}

const KEY_PAIR = "warmpool-provider-suite";

/**
 * The one that the environment names:
 *
 * | variable | meaning | default |
 * |---|---|---|
 * | `WARMPOOL_TEST_EC2_ENDPOINT` | its URL | none: the suite runs against our own server |
 * | `WARMPOOL_TEST_EC2_IMAGE` | the image | the first that it lists |
 * | `WARMPOOL_TEST_EC2_INSTANCE_TYPE` | the type | `t3.micro` |
 * | `WARMPOOL_TEST_EC2_SUBNET` | the subnet | EC2's choice |
 * | `WARMPOOL_TEST_EC2_KEY_NAME` | the key pair | the first that it lists; on http, one is made if there is none |
 * | `WARMPOOL_TEST_EC2_TIMEOUT` | longest that a call, and EC2 itself, may take | `10s` on http, `10m` on https |
 * | `WARMPOOL_TEST_EC2_SETTLES_WITHIN` | after that, a launch that nobody heard of is not going to appear | `1s` on http, else the provider's |
 *
 * Region and credentials are the SDK's; on http, `us-east-1` and any credentials if there are none.
 */
export function outsideOf(env: NodeJS.ProcessEnv): Outside | undefined {
  const endpoint = env["WARMPOOL_TEST_EC2_ENDPOINT"];
  if (endpoint === undefined || endpoint === "") return undefined;
  const nearby = endpoint.startsWith("http:");
  const anonymous = nearby && env["AWS_ACCESS_KEY_ID"] === undefined && env["AWS_PROFILE"] === undefined;
  const config = {
    ...(nearby && env["AWS_REGION"] === undefined && { region: "us-east-1" }),
    ...(anonymous && { credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "not-a-secret" } }),
  };
  const client = new EC2Client({ ...config, endpoint });
  let madeKeyPair = false;
  const keyName = async () => {
    const named = env["WARMPOOL_TEST_EC2_KEY_NAME"];
    if (named !== undefined) return named;
    const { KeyPairs = [] } = await client.send(new DescribeKeyPairsCommand());
    if (KeyPairs.length > 0 || !nearby) return KeyPairs[0]?.KeyName;
    await client.send(new CreateKeyPairCommand({ KeyName: KEY_PAIR }));
    madeKeyPair = true;
    return KEY_PAIR;
  };
  const imageId = async () => {
    const named = env["WARMPOOL_TEST_EC2_IMAGE"];
    if (named !== undefined) return named;
    const Filters = [
      { Name: "state", Values: ["available"] },
      { Name: "architecture", Values: ["x86_64"] },
    ];
    const { Images = [] } = await client.send(new DescribeImagesCommand({ Filters }));
    const [image] = Images;
    if (image?.ImageId === undefined)
      throw new Error(`${endpoint} lists no image: name one by WARMPOOL_TEST_EC2_IMAGE.`);
    return image.ImageId;
  };
  let launch: Promise<Launch> | undefined;
  const discover = async (): Promise<Launch> => {
    const [ImageId, KeyName] = [await imageId(), await keyName()];
    const SubnetId = env["WARMPOOL_TEST_EC2_SUBNET"];
    const InstanceType = (env["WARMPOOL_TEST_EC2_INSTANCE_TYPE"] ?? "t3.micro") as NonNullable<Launch["InstanceType"]>;
    return {
      ImageId,
      InstanceType,
      ...(KeyName !== undefined && { KeyName }),
      ...(SubnetId !== undefined && { SubnetId }),
    };
  };
  return {
    endpoint,
    nearby,
    client,
    config,
    timeout: (env["WARMPOOL_TEST_EC2_TIMEOUT"] ?? (nearby ? "10s" : "10m")) as Duration,
    settlesWithin: (env["WARMPOOL_TEST_EC2_SETTLES_WITHIN"] ?? (nearby ? "1s" : undefined)) as Duration | undefined,
    launch: () => (launch ??= discover()),
    async tidy() {
      if (madeKeyPair) await client.send(new DeleteKeyPairCommand({ KeyName: KEY_PAIR }));
      client.destroy();
    },
  };
}

/** How many instances exist that are not terminated. */
export async function countOf(client: EC2Client): Promise<number> {
  let count = 0;
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, {})) {
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
    count += instances.filter(({ State }) => State?.Name !== "terminated").length;
  }
  return count;
}

/** Switches an instance off, as somebody at the console would. */
export async function switchOff(client: EC2Client, id: string): Promise<void> {
  await client.send(new StopInstancesCommand({ InstanceIds: [id] }));
}
