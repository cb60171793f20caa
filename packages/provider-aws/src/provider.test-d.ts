import type { CallContext, IsJson, Made, Provider } from "@warmpool/core";
import { expectTypeOf } from "vitest";
import { type Ec2Instance, ec2Provider, type Launch } from "./index.js";

const launch: Launch = { ImageId: "ami-0123456789abcdef0", InstanceType: "m7i.large" };

const provider = ec2Provider({ launch });
expectTypeOf(provider).toExtend<Provider<Ec2Instance>>();
expectTypeOf(provider.suspend).toEqualTypeOf<
  (made: Made<Ec2Instance>, context: CallContext<Ec2Instance>) => Promise<void>
>();
expectTypeOf(provider.resume).returns.resolves.toEqualTypeOf<Ec2Instance>();

// Params come from what the function `launch` wants to be told.
const byImage = ec2Provider<{ image: string }>({ launch: ({ params }) => ({ ImageId: params.image }) });
expectTypeOf(byImage).toExtend<Provider<Ec2Instance, { image: string }>>();

expectTypeOf<Ec2Instance["publicIp"]>().toEqualTypeOf<string | null>();
expectTypeOf<Ec2Instance["lifecycle"]>().toEqualTypeOf<"on-demand" | "spot">();

// Durable stores take what it makes.
expectTypeOf<IsJson<Ec2Instance>>().toEqualTypeOf<true>();

ec2Provider({
  launch,
  readyWhen: async (instance, { signal }) => (await fetch(`http://${instance.privateIp}`, { signal })).ok,
});
ec2Provider({ launch, readyWhen: { port: 22, address: "private" }, spot: { onDemand: false }, spread: ["subnets"] });

// @ts-expect-error: launch is required
ec2Provider({});
// @ts-expect-error: there is no such option
ec2Provider({ launch, subnet: "subnet-1" });
// @ts-expect-error: how many is not the launch's to say
ec2Provider({ launch: { ImageId: "ami-1", MinCount: 1 } });
// @ts-expect-error: not a duration
ec2Provider({ launch, pollEvery: "5 seconds" });
// @ts-expect-error: there is no such reset
ec2Provider({ launch, reset: "reinstall" });
