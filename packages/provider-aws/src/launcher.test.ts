import { ProviderError } from "@warmpool/core";
import { type Ec2Server, Fault, type Mishap } from "@warmpool/test-ec2";
import { describe, expect, test } from "vitest";
import { access, account, context, IMAGE, KEY, keyOf, providerOf, request, soon } from "../test/account.js";
import { type Ec2Error, ec2Provider } from "./index.js";

/** The RunInstances that the server saw. */
function launches(server: Ec2Server) {
  return server.seen.filter(({ action }) => action === "RunInstances");
}

/** Lets something happen to the first calls of RunInstances. */
function mishaps(server: Ec2Server, ...first: Mishap[]): void {
  server.cloud.weather.mishap = (action) => (action === "RunInstances" ? first.shift() : undefined);
}

async function failure(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(() => undefined).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ProviderError);
  return error as ProviderError;
}

describe("what is launched", () => {
  test("one instance under the key, with our tags on it, its volume and its interface", async () => {
    const server = await account();
    const tags = {
      namespace: "ci",
      installation: "abcdefgh",
      pool: "web",
      key: KEY,
      epoch: 3,
      expiresAtMs: 1_800_000_000_123,
    };
    await providerOf(server, { tags: { team: "core" } }).allocate(request({ tags }), context());
    const [instance, ...others] = server.cloud.alive();
    expect(others).toEqual([]);
    expect(instance?.clientToken).toBe(KEY);
    const borne = {
      Name: KEY,
      team: "core",
      "warmpool:key": KEY,
      "warmpool:namespace": "ci",
      "warmpool:installation": "abcdefgh",
      "warmpool:pool": "web",
      "warmpool:epoch": "3",
      "warmpool:expires-at": "2027-01-15T08:00:00.123Z",
    };
    expect(Object.fromEntries(instance!.tags)).toEqual(borne);
    expect(Object.fromEntries(instance!.rootVolume.tags)).toEqual(borne);
    expect(Object.fromEntries(instance!.interfaceTags)).toEqual(borne);
  });

  test("a launch template, whose image and type it leaves alone", async () => {
    const server = await account();
    server.cloud.templates.set("runner", {
      name: "runner",
      imageId: "ami-0fedcba9876543210",
      instanceType: "m7i.large",
    });
    const provider = providerOf(server, { launch: { LaunchTemplate: { LaunchTemplateName: "runner" } } });
    const data = await provider.allocate(request(), context());
    expect(data).toMatchObject({ imageId: "ami-0fedcba9876543210", type: "m7i.large" });
  });

  test("what the function makes of the pool's params and the slot", async () => {
    const server = await account();
    const provider = providerOf<{ image: string }>(server, {
      launch: ({ params, slot }) => ({
        ImageId: params.image,
        UserData: Buffer.from(`slot ${slot}`).toString("base64"),
      }),
    });
    await provider.allocate(request({ params: { image: "ami-0fedcba9876543210" }, slot: 7 }), context());
    const [instance] = server.cloud.alive();
    expect(instance?.imageId).toBe("ami-0fedcba9876543210");
    expect(Buffer.from(instance!.userData!, "base64").toString()).toBe("slot 7");
  });

  test("a function that fails made nothing, for good", async () => {
    const server = await account();
    const launch = () => {
      throw new Error("no such image in our table");
    };
    const error = await failure(providerOf(server, { launch }).allocate(request(), context()));
    expect(error).toMatchObject({ kind: "permanent", made: "nothing" });
    expect(error.message).toContain("no such image in our table");
    expect(server.seen).toEqual([]);
  });

  test("user data as text, encoded for EC2", async () => {
    const server = await account();
    await providerOf(server, { userData: "#!/bin/sh\necho ü\n" }).allocate(request(), context());
    expect(Buffer.from(server.cloud.alive()[0]!.userData!, "base64").toString()).toBe("#!/bin/sh\necho ü\n");
  });

  test("the launch's own tags, with ours beside them", async () => {
    const server = await account();
    const Tags = [
      { Key: "Name", Value: "runner" },
      { Key: "warmpool:key", Value: "forged" },
    ];
    const launch = { ImageId: IMAGE, TagSpecifications: [{ ResourceType: "instance" as const, Tags }] };
    await providerOf(server, { launch }).allocate(request(), context());
    const [instance] = server.cloud.alive();
    expect(instance?.tags.get("Name")).toBe("runner");
    expect(instance?.tags.get("warmpool:key")).toBe(KEY);
    expect(instance?.rootVolume.tags.get("Name")).toBe(KEY);
  });

  test("a subnet goes to the first interface, where interfaces are described", async () => {
    const server = await account();
    const launch = { ImageId: IMAGE, NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: true }] };
    await providerOf(server, { launch, subnets: ["subnet-0000000000000000b"] }).allocate(request(), context());
    const [asked] = launches(server);
    expect(asked?.query.text("NetworkInterface.1.SubnetId")).toBe("subnet-0000000000000000b");
    expect(asked?.query.text("SubnetId")).toBeUndefined();
  });
});

describe("an answer that does not come", () => {
  test("is looked up: what was made is used, and RunInstances is not repeated", async () => {
    const server = await account();
    mishaps(server, { kind: "lose" });
    const data = await providerOf(server).allocate(request(), context());
    expect(server.cloud.alive().map(({ id }) => id)).toEqual([data.id]);
    expect(launches(server)).toHaveLength(1);
  });

  test("leaves open whether something was made, if nothing appears", async () => {
    const server = await account();
    mishaps(server, { kind: "cut" });
    const error = await failure(providerOf(server).allocate(request(), context()));
    expect([error.kind, error.made]).toEqual(["transient", undefined]);
    expect(error.message).toContain("RunInstances");
    expect(launches(server)).toEqual([]);
  });

  test("leaves it open too when EC2 says that the fault is its own", async () => {
    const server = await account();
    mishaps(server, { kind: "refuse", fault: new Fault("InternalError", "An internal error has occurred", 500) });
    const error = await failure(providerOf(server).allocate(request(), context()));
    expect([error.kind, error.made]).toEqual(["transient", undefined]);
  });

  test("is waited for a moment when the call is aborted, so that it is known what was made", async () => {
    const server = await account();
    const controller = new AbortController();
    mishaps(server, { kind: "delay", ms: 100 });
    const given = context({ signal: controller.signal });
    const running = failure(providerOf(server).allocate(request(), given));
    await soon(() => server.cloud.alive().length).toBe(1);
    controller.abort(new Error("closing"));
    expect((await running).message).toContain("closing");
    expect(given.checkpoints.map(({ id }) => id)).toEqual(server.cloud.alive().map(({ id }) => id));
  });

  test("cannot come from where nothing listens: nothing was made", async () => {
    const server = await account();
    await server.unplug();
    const error = await failure(providerOf(server).allocate(request(), context()));
    await server.plug();
    expect([error.kind, error.made]).toEqual(["transient", "nothing"]);
    expect((error.cause as Ec2Error).code).toBe("ECONNREFUSED");
  });
});

describe("a refusal", () => {
  test.each([
    ["InsufficientInstanceCapacity", 500, "capacity", "nothing"],
    ["SpotMaxPriceTooLow", 400, "capacity", "nothing"],
    ["Unsupported", 400, "capacity", "nothing"],
    ["InsufficientFreeAddressesInSubnet", 400, "capacity", "nothing"],
    ["VcpuLimitExceeded", 400, "quota", "nothing"],
    ["InstanceLimitExceeded", 400, "quota", "nothing"],
    ["MaxSpotInstanceCountExceeded", 400, "quota", "nothing"],
    ["VolumeLimitExceeded", 400, "quota", "nothing"],
    ["SomeNewLimitExceeded", 400, "quota", "nothing"],
    ["RequestExpired", 400, "transient", "nothing"],
    ["UnauthorizedOperation", 403, "permanent", "nothing"],
    ["AuthFailure", 401, "permanent", "nothing"],
    ["InvalidAMIID.NotFound", 400, "permanent", "nothing"],
    ["InvalidParameterValue", 400, "permanent", "nothing"],
    ["MissingParameter", 400, "permanent", "nothing"],
    ["IdempotentParameterMismatch", 400, "unknown", undefined],
    ["ServiceUnavailable", 503, "transient", undefined],
    ["SomethingNew", 400, "unknown", undefined],
    ["SomethingNew", 500, "transient", undefined],
  ] as const)("by %s (%i) is of kind %s, and made: %s", async (code, status, kind, made) => {
    const server = await account();
    mishaps(server, { kind: "refuse", fault: new Fault(code, "no", status) });
    const error = await failure(providerOf(server).allocate(request(), context()));
    expect([error.kind, error.made]).toEqual([kind, made]);
    expect(error.cause).toMatchObject({ name: "Ec2Error", code, status, requestId: expect.any(String) });
    expect(server.cloud.alive()).toEqual([]);
  });

  test("for want of credentials made nothing, and will not work until somebody brings some", async () => {
    const server = await account();
    const { region, endpoint } = access(server);
    const credentials = async () => {
      throw Object.assign(new Error("Could not load credentials from any providers"), {
        name: "CredentialsProviderError",
      });
    };
    const provider = ec2Provider({ launch: { ImageId: IMAGE }, region, endpoint, credentials });
    expect(await failure(provider.allocate(request(), context()))).toMatchObject({
      kind: "permanent",
      made: "nothing",
    });
  });
});

describe("too many calls", () => {
  test("are slowed down and repeated: a refused call made nothing", async () => {
    const server = await account();
    server.cloud.weather.throttles = { RunInstances: { burst: 2, perSecond: 20 } };
    const provider = providerOf(server);
    const all = Array.from({ length: 6 }, (_, n) => provider.allocate(request({ key: keyOf(n) }), context()));
    await Promise.all(all);
    expect(server.cloud.alive()).toHaveLength(6);
  });

  test("end in a failure that made nothing, before a launch could come too late to be believed", async () => {
    const server = await account();
    server.cloud.weather.throttles = { RunInstances: { burst: 0, perSecond: 0 } };
    const error = await failure(providerOf(server, { settlesWithin: 400 }).allocate(request(), context()));
    expect([error.kind, error.made]).toEqual(["throttled", "nothing"]);
    expect(launches(server).every(({ fault }) => fault === "RequestLimitExceeded")).toBe(true);
  });
});

describe("a key", () => {
  test("is not launched twice by the same provider", async () => {
    const server = await account();
    const provider = providerOf(server);
    await provider.allocate(request(), context());
    expect((await failure(provider.allocate(request(), context()))).made).toBeUndefined();
    expect(launches(server)).toHaveLength(1);
  });

  test("is the same instance in the next process: EC2 knows its token", async () => {
    const server = await account();
    const data = await providerOf(server).allocate(request(), context());
    expect(await providerOf(server).allocate(request(), context())).toEqual(data);
  });

  test("of an instance that is dead brings a failure, not the dead instance", async () => {
    const server = await account();
    const { id } = await providerOf(server).allocate(request(), context());
    server.cloud.end(id, { code: "Client.UserInitiatedShutdown", message: "User initiated shutdown" });
    const error = await failure(providerOf(server).allocate(request(), context()));
    expect(error.message).toContain("terminated");
  });
});
