/** The SDK costs a quarter of a second and a hundred megabytes: nobody who calls no EC2 loads it. */
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PROGRAM = `
  import { createRequire } from "node:module";
  import { ec2Provider } from "@warmpool/provider-aws";
  const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("client-ec2"));
  const provider = ec2Provider({ launch: { ImageId: "ami-1" }, region: "us-east-1", endpoint: "http://127.0.0.1:9" });
  const made = loaded();
  const context = { signal: AbortSignal.timeout(5000), logger: console, namespace: "n", installation: "abcdefgh", epoch: 1 };
  await provider.find("wp-abcdefgh-123456-1", context).catch(() => {});
  console.log(made, loaded());
`;

test("a provider is made without the SDK, which is loaded by its first call", async () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const env = { PATH: process.env["PATH"], AWS_ACCESS_KEY_ID: "AKIDTEST", AWS_SECRET_ACCESS_KEY: "not-a-secret" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", PROGRAM], { cwd, env });
  expect(stdout).toBe("false true\n");
});
