import type { Instance, RunInstancesRequest, TagSpecification } from "@aws-sdk/client-ec2";
import { type AllocateRequest, type CallContext, ProviderError } from "@warmpool/core";
import { pause } from "./abort.js";
import { type Choice, choicesOf, describeChoice } from "./choice.js";
import { type Ec2Api, failed } from "./client.js";
import { Ec2Error } from "./ec2-error.js";
import { meaningOf } from "./error-kind.js";
import type { Fleet } from "./fleet.js";
import type { LaunchedLately } from "./launched-lately.js";
import { Pace } from "./pace.js";
import type { Ec2Settings } from "./parse-options.js";
import { Snoozes } from "./snooze.js";
import { encodeTags } from "./tags.js";

/** What is tagged at launch. A spot request ends with its instance. */
const TAGGED = ["instance", "volume", "network-interface"] as const;

/**
 * How long after its call was aborted a RunInstances under way may still be answered: then it is known what it made. A
 * manager that closes gives calls two seconds.
 */
const LAST_ANSWER_WITHIN_MS = 1_500;

/** What became of one RunInstances. */
type Outcome =
  | { readonly is: "made"; readonly instance: Instance }
  | { readonly is: "refused"; readonly error: Ec2Error }
  | { readonly is: "unclear"; readonly error: Ec2Error };

/**
 * Makes one instance: tries one choice after the other until one is not refused. Each RunInstances has a client token of
 * its own, made from the key, and is sent once; what became of one without an answer is looked up, not repeated.
 */
export class Launcher {
  readonly #settings: Ec2Settings;
  readonly #api: Ec2Api;
  readonly #fleet: Fleet;
  readonly #lately: LaunchedLately;
  readonly #pace = new Pace();
  readonly #snoozes: Snoozes;

  constructor(settings: Ec2Settings, api: Ec2Api, fleet: Fleet, lately: LaunchedLately) {
    this.#settings = settings;
    this.#api = api;
    this.#fleet = fleet;
    this.#lately = lately;
    this.#snoozes = new Snoozes(settings.snoozeMs);
  }

  /**
   * @returns The instance, as EC2 first told of it, and what was chosen.
   * @throws {ProviderError} With `made: "nothing"` if each choice was refused.
   */
  async launch(
    request: AllocateRequest<unknown>,
    context: CallContext<never>,
  ): Promise<{ instance: Instance; choice: Choice }> {
    const { key } = request;
    const deadlineMs = performance.now() + this.#settings.settlesWithinMs / 2;
    const launch = this.#launchOf(request);
    const refusals: { choice: Choice; error: Ec2Error }[] = [];
    const choices = this.#snoozes.awake(choicesOf(this.#settings, request.slot));
    for (const [index, choice] of choices.entries()) {
      const input = this.#inputOf(launch, choice, request, index === 0 ? key : `${key}.${index + 1}`);
      const outcome = await this.#run(input, key, deadlineMs, context);
      switch (outcome.is) {
        case "made":
          this.#lately.made(key, outcome.instance);
          return { instance: outcome.instance, choice };
        case "unclear":
          throw failed(`RunInstances for ${key}`, outcome.error);
        case "refused": {
          const { error } = outcome;
          const { kind } = meaningOf(error);
          if (kind !== "capacity" && kind !== "quota") throw failed(`RunInstances for ${key}`, error, "nothing");
          refusals.push({ choice, error });
          this.#snoozes.exhausted(choice, error.code);
          context.logger.debug({ key, choice: describeChoice(choice), code: error.code }, "This choice is exhausted.");
        }
      }
    }
    throw allRefused(key, refusals);
  }

  /** An instance of this choice was made, only to be taken back at once. */
  exhausted(choice: Choice, code: string): void {
    this.#snoozes.exhausted(choice, code);
  }

  #launchOf(request: AllocateRequest<unknown>) {
    try {
      return this.#settings.launchOf(request);
    } catch (error) {
      const message = `The function \`launch\` failed: ${error instanceof Error ? error.message : String(error)}`;
      throw new ProviderError(message, { kind: "permanent", made: "nothing", cause: error });
    }
  }

  async #run(
    input: RunInstancesRequest,
    key: string,
    deadlineMs: number,
    context: CallContext<never>,
  ): Promise<Outcome> {
    const { signal } = context;
    for (let again = false; ; again = true) {
      const turn = await this.#pace.turn(signal, again).catch(nothingMade);
      // Later than that it might appear after everybody has been told that it never will.
      if (turn.beganAtMs > deadlineMs) {
        turn.end(false);
        throw tooLate(key);
      }
      const outcome = await this.#send(input, signal);
      const tooFast = outcome.is === "refused" && meaningOf(outcome.error).kind === "throttled";
      turn.end(tooFast);
      if (tooFast) continue;
      return outcome.is === "unclear" ? this.#lookFor(key, outcome, deadlineMs, context) : outcome;
    }
  }

  async #send(input: RunInstancesRequest, signal: AbortSignal): Promise<Outcome> {
    const given = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const giveUp = () => {
      timer = setTimeout(() => given.abort(), LAST_ANSWER_WITHIN_MS);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      const answer = await this.#api.tellOnce((client, sdk) =>
        client.send(new sdk.RunInstancesCommand(input), { abortSignal: given.signal }),
      );
      const [instance] = answer.Instances ?? [];
      if (instance?.InstanceId !== undefined) return { is: "made", instance };
      return { is: "unclear", error: new Ec2Error("EmptyAnswer", "RunInstances answered without an instance.") };
    } catch (error) {
      const refusal = error as Ec2Error;
      return { is: meaningOf(refusal).refused ? "refused" : "unclear", error: refusal };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** Whether what had no answer appears after all. Not for long: the next life of the manager looks again. */
  async #lookFor(
    key: string,
    unclear: Outcome,
    deadlineMs: number,
    { namespace, signal, logger }: CallContext<never>,
  ): Promise<Outcome> {
    const untilMs = Math.min(performance.now() + 6 * this.#settings.pollEveryMs, deadlineMs);
    while (!signal.aborted && performance.now() < untilMs) {
      const reading = await this.#fleet.read(namespace, performance.now(), signal).catch(() => undefined);
      const [instance] = reading?.withKey(key) ?? [];
      if (instance !== undefined) {
        logger.info({ key, id: instance.InstanceId }, "RunInstances had no answer, but made this instance.");
        return { is: "made", instance };
      }
      // Readings that fail at once must not be repeated at once.
      if (reading === undefined) await pause(this.#settings.pollEveryMs, signal).catch(() => {});
    }
    return unclear;
  }

  #inputOf(
    launch: ReturnType<Ec2Settings["launchOf"]>,
    { type, place, market }: Choice,
    request: AllocateRequest<unknown>,
    token: string,
  ): RunInstancesRequest {
    const { spot, userData, hibernates } = this.#settings;
    const subnet = place !== undefined && "subnet" in place ? place.subnet : undefined;
    const [primary, ...others] = launch.NetworkInterfaces ?? [];
    return {
      ...launch,
      MinCount: 1,
      MaxCount: 1,
      ClientToken: token,
      TagSpecifications: this.#tagsOf(launch.TagSpecifications ?? [], request),
      ...(type !== undefined && { InstanceType: type as NonNullable<RunInstancesRequest["InstanceType"]> }),
      ...(place !== undefined &&
        "zone" in place && { Placement: { ...launch.Placement, AvailabilityZone: place.zone } }),
      // Where interfaces are described, the subnet is the first one's.
      ...(subnet !== undefined && primary === undefined && { SubnetId: subnet }),
      ...(subnet !== undefined &&
        primary !== undefined && { NetworkInterfaces: [{ ...primary, SubnetId: subnet }, ...others] }),
      ...(userData !== undefined && { UserData: Buffer.from(userData).toString("base64") }),
      ...(hibernates && { HibernationOptions: { Configured: true } }),
      ...(market === "spot" && {
        InstanceMarketOptions: {
          MarketType: "spot" as const,
          ...(spot?.maxPrice !== undefined && { SpotOptions: { MaxPrice: spot.maxPrice } }),
        },
      }),
    };
  }

  /** Ours and the user's on everything that comes with an instance; what the launch says of a type of resource stays. */
  #tagsOf(given: readonly TagSpecification[], request: AllocateRequest<unknown>): TagSpecification[] {
    const specificationOf = (type: string) => given.find(({ ResourceType }) => ResourceType === type);
    const tagged = TAGGED.map((ResourceType): TagSpecification => {
      const own = specificationOf(ResourceType)?.Tags ?? [];
      const tags = new Map<string, string>([["Name", request.key]]);
      for (const { Key = "", Value = "" } of own) tags.set(Key, Value);
      for (const [name, value] of Object.entries(this.#settings.tags)) tags.set(name, value);
      for (const [name, value] of Object.entries(encodeTags(request.tags))) tags.set(name, value);
      return { ResourceType, Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) };
    });
    const ours: readonly string[] = TAGGED;
    return [...tagged, ...given.filter(({ ResourceType = "" }) => !ours.includes(ResourceType))];
  }
}

/** Aborted before anything was sent. */
function nothingMade(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new ProviderError(message, { kind: "transient", made: "nothing", cause: error });
}

function tooLate(key: string): ProviderError {
  const message = `RunInstances for ${key} was not sent: EC2 answers RequestLimitExceeded to so many that its turn did not come in time.`;
  return new ProviderError(message, { kind: "throttled", made: "nothing" });
}

function allRefused(key: string, refusals: readonly { choice: Choice; error: Ec2Error }[]): ProviderError {
  const last = refusals.at(-1) as { choice: Choice; error: Ec2Error };
  // Other pools are asked first for capacity: if there is none anywhere, that is what counts.
  const noCapacity = refusals.some(({ error }) => meaningOf(error).kind === "capacity");
  const lines = refusals.map(({ choice, error }) => `${describeChoice(choice)}: ${error.code}: ${error.message}`);
  return new ProviderError(`RunInstances for ${key} was refused. ${lines.join(" ")}`, {
    kind: noCapacity ? "capacity" : "quota",
    made: "nothing",
    cause: last.error,
  });
}
