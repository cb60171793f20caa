import type { Duration } from "@warmpool/core";
import type { Interface } from "./client/cloud.js";
import type { ReadyWhen } from "./ready-when.js";

/**
 * Who we are in a cloud, in the words of `clouds.yaml`. Given are a user with a password, an application credential, or a
 * token, the first of which Keystone takes for a project.
 */
export interface OpenStackAuth {
  /** Of Keystone: `"https://cloud.example:5000/v3"`. */
  readonly authUrl: string;
  /** The user's name. */
  readonly username?: string;
  /** In place of `username`, without a domain. */
  readonly userId?: string;
  /** Of the user. */
  readonly userDomainName?: string;
  /** In place of `userDomainName`. Default: `"default"`. */
  readonly userDomainId?: string;
  /** The user's. */
  readonly password?: string;
  /** The project's name. Default: the user's own project. */
  readonly projectName?: string;
  /** In place of `projectName`, without a domain. */
  readonly projectId?: string;
  /** Of the project. */
  readonly projectDomainName?: string;
  /** In place of `projectDomainName`. Default: `"default"`. */
  readonly projectDomainId?: string;
  /** An application credential, which is for one project. */
  readonly applicationCredentialId?: string;
  /** In place of the id, with the user. */
  readonly applicationCredentialName?: string;
  /** Of the application credential. */
  readonly applicationCredentialSecret?: string;
  /** When it ends, so does all that the provider can do. */
  readonly token?: string;
}

/** What a server is made from. A pool's `params` may say it, or the provider's options for all of its pools. */
export interface ServerFields {
  /** Name or id of the image. Of several of one name, the newest. */
  readonly image?: string;
  /** Name or id of the flavor. */
  readonly flavor?: string;
  /**
   * Names or ids of the networks, in order; `"none"`; or `"auto"`: the project's own, which Nova makes if there is none.
   * Default: `"auto"`.
   */
  readonly network?: string | readonly string[];
  /** Boots from a volume made from the image, which ends with the server. Default: from the flavor's own disk. */
  readonly bootVolume?: BootVolume;
  /** Name of the key pair whose public key is put on the server. Default: none. */
  readonly keyName?: string;
  /** Names of security groups. Default: the project's `default`. */
  readonly securityGroups?: readonly string[];
  /** Default: the cloud's. */
  readonly availabilityZone?: string;
  /** For cloud-init, at most 48 KiB. Default: none. */
  readonly userData?: string;
  /** Whether the server gets its metadata on a disk as well. Default: `false`. */
  readonly configDrive?: boolean;
  /** Metadata of your own. Names that begin with `warmpool-` are ours. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Hints for Nova's scheduler, such as `{ group: "…" }`. Default: none. */
  readonly schedulerHints?: Readonly<Record<string, string>>;
}

/** A volume to boot from. */
export interface BootVolume {
  /** From 1, in GiB. */
  readonly sizeGiB: number;
  /** Cinder's volume type. Default: the cloud's. */
  readonly type?: string;
}

/** What `openStackProvider` is told. */
export interface OpenStackOptions extends ServerFields {
  /** The provider's name in logs, metrics and events, and the unit of shared caps and breakers. Default: `"openstack"`. */
  readonly name?: string;
  /** Which cloud of `clouds.yaml`. Default: as OpenStack's tools do: `OS_CLOUD`, the variables `OS_…`, the only cloud. */
  readonly cloud?: string;
  /** Who we are, in place of `clouds.yaml` and variables. */
  readonly auth?: OpenStackAuth;
  /** Default: `OS_REGION_NAME`, the cloud's own in `clouds.yaml`, else the first of the catalog. */
  readonly region?: string;
  /** Which endpoints of the catalog. Default: `OS_INTERFACE`, the cloud's own in `clouds.yaml`, else `"public"`. */
  readonly interface?: Interface;
  /** Name or id of the external network that each server gets a floating IP of. Default: none, no floating IP. */
  readonly floatingIp?: string;
  /**
   * When a server that runs is ready: a TCP port of it answers (`{ port: 22 }`), or a function of its data returns true.
   * Asked again until then. Default: as soon as it is `ACTIVE`.
   */
  readonly readyWhen?: ReadyWhen;
  /** How a used server becomes clean: rebuilt from its image, rebooted, or not at all. Default: `"rebuild"`. */
  readonly reset?: "rebuild" | "reboot" | false;
  /** What `suspend` does: `shelve` frees the host, `stop` is faster back. Default: `"shelve"`. */
  readonly suspend?: "shelve" | "stop";
  /**
   * How often is asked how servers are that are waited for, above 0. As many requests as the project's servers have
   * pages, however many are waited for. Default: `"2s"`.
   */
  readonly pollInterval?: Duration;
  /** Longest that one request may take, above 0. Default: `"60s"`. */
  readonly requestTimeout?: Duration;
  /** How long after its order a server may take to be ready. One that is older and is not is deleted. Default: `"30m"`. */
  readonly bootTimeout?: Duration;
  /**
   * How long after its start an `allocate` that nobody hears any more can still make a server, above 0. The order leaves
   * within half of it; the other half is for the way through proxies and Nova's API. Default: `"5m"`.
   */
  readonly settlesWithin?: Duration;
  /** When it changes, a pool replaces its warm servers, as it does when what they are made from changes. Default: none. */
  readonly spec?: unknown;
}
