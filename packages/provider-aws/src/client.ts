import type { EC2Client, EC2ClientConfig } from "@aws-sdk/client-ec2";
import { ProviderError } from "@warmpool/core";
import { type Ec2Error, toEc2Error } from "./ec2-error.js";
import { meaningOf } from "./error-kind.js";
import type { Credentials, Ec2Options } from "./options.js";

type Sdk = typeof import("@aws-sdk/client-ec2");

/** A call that was not answered by then is given up. EC2 takes seconds, for RunInstances too. */
const ANSWERED_WITHIN_MS = 60_000;
const CONNECTED_WITHIN_MS = 10_000;

/** Shorter ones hide nothing. */
const SHORTEST_SECRET = 8;

/** How EC2 is reached. `undefined`: as the SDK finds it. */
export interface Access {
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly profile: string | undefined;
  readonly credentials: Ec2Options["credentials"] | undefined;
}

interface Loaded {
  readonly sdk: Sdk;
  /** Repeats what failed, as the SDK does. */
  readonly patient: EC2Client;
  /** Sends everything once, each over a connection of its own: one that EC2 has just closed would leave the outcome open. */
  readonly once: EC2Client;
}

/** The way to EC2: the SDK, loaded when it is first needed, and its errors as ours. */
export class Ec2Api {
  readonly #access: Access;
  #loaded: Promise<Loaded> | undefined;
  /** What must never be shown: the credentials that were used so far. */
  readonly #secrets = new Set<string>();

  constructor(access: Access) {
    this.#access = access;
  }

  /**
   * Asks something that may be asked again: the SDK repeats what failed in passing.
   *
   * @throws {ProviderError} Of the kind that EC2's code stands for; its cause is an `Ec2Error`.
   */
  async ask<Result>(what: string, send: (client: EC2Client, sdk: Sdk) => Promise<Result>): Promise<Result> {
    try {
      const { patient, sdk } = await this.#load();
      return await send(patient, sdk);
    } catch (error) {
      throw failed(what, toEc2Error(error, this.#redact));
    }
  }

  /**
   * Says something exactly once.
   *
   * @throws {Ec2Error}
   */
  async tellOnce<Result>(send: (client: EC2Client, sdk: Sdk) => Promise<Result>): Promise<Result> {
    try {
      const { once, sdk } = await this.#load();
      return await send(once, sdk);
    } catch (error) {
      throw toEc2Error(error, this.#redact);
    }
  }

  #load(): Promise<Loaded> {
    this.#loaded ??= this.#create().catch((error) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }

  async #create(): Promise<Loaded> {
    const sdk = await import("@aws-sdk/client-ec2");
    const { region, endpoint, profile, credentials } = this.#access;
    const requestHandler = {
      connectionTimeout: CONNECTED_WITHIN_MS,
      requestTimeout: ANSWERED_WITHIN_MS,
      throwOnRequestTimeout: true,
    };
    const config: EC2ClientConfig = {
      requestHandler,
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint }),
      ...(profile !== undefined && { profile }),
      ...(credentials !== undefined && { credentials: credentials as NonNullable<EC2ClientConfig["credentials"]> }),
    };
    const patient = new sdk.EC2Client(config);
    // Both use what the first finds, so that credentials are fetched and renewed once.
    const found = async () => {
      const resolved = await patient.config.credentials();
      this.#keepSecret(resolved);
      return resolved;
    };
    const agents = { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } };
    const once = new sdk.EC2Client({
      ...config,
      maxAttempts: 1,
      credentials: found,
      requestHandler: { ...requestHandler, ...agents },
    });
    patient.middlewareStack.add(
      (next) => async (args) => {
        await found();
        return next(args);
      },
      { step: "initialize", name: "rememberSecrets" },
    );
    return { sdk, patient, once };
  }

  #keepSecret({ accessKeyId, secretAccessKey, sessionToken }: Credentials): void {
    for (const secret of [sessionToken, secretAccessKey, accessKeyId]) {
      if (secret !== undefined && secret.length >= SHORTEST_SECRET) this.#secrets.add(secret);
    }
  }

  readonly #redact = (text: string): string => {
    let result = text;
    for (const secret of this.#secrets) {
      for (const written of [secret, encodeURIComponent(secret)]) result = result.replaceAll(written, "[credential]");
    }
    return result;
  };
}

/** EC2's refusal as a pool understands it. */
export function failed(what: string, error: Ec2Error, made?: "nothing"): ProviderError {
  const { kind } = meaningOf(error);
  const message = `${what} failed: ${error.code}: ${error.message}`;
  return new ProviderError(message, { kind, cause: error, ...(made !== undefined && { made }) });
}
