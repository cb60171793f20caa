// Instances are typed, launches are EC2's own words, params come from what the function wants to be told.
import { createPool } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { type Ec2Instance, type Ec2Options, ec2Provider, type Launch } from "@warmpool/provider-aws";
import { is } from "./equal.js";

const launch: Launch = { LaunchTemplate: { LaunchTemplateName: "runner", Version: "7" } };
export const full: Ec2Options = {
  launch,
  instanceTypes: ["m7i.large", "m6i.large"],
  subnets: ["subnet-1", "subnet-2"],
  spread: ["subnets"],
  spot: { maxPrice: "0.05" },
  userData: "#!/bin/sh",
  tags: { team: "core" },
  readyWhen: { port: 22 },
  reset: "replace-root-volume",
  suspend: "hibernate",
  region: "eu-central-1",
  pollEvery: "5s",
};

export async function run(): Promise<void> {
  const store = sqliteStore("pool.db");
  const lease = await createPool({ provider: ec2Provider(full), max: 1, store }).acquire();
  is<Ec2Instance>()(lease.data)(true);
  is<string | null>()(lease.data.publicIp)(true);
  const byImage = ec2Provider<{ image: string }>({ launch: ({ params }) => ({ ImageId: params.image }) });
  await createPool({ provider: byImage, params: { image: "ami-1" }, max: 1 }).acquire();
  // @ts-expect-error: the provider wants to be told the image
  createPool({ provider: byImage, max: 1 });
  // @ts-expect-error: there is no such option
  ec2Provider({ launch, subnet: "subnet-1" });
}
