import type { Cloud, Interface } from "./cloud.js";
import { CloudFiles, type RawCloud, type Surroundings } from "./cloud-files.js";
import { CloudConfigError } from "./error.js";
import { parseCloud } from "./parse-cloud.js";

/** Which cloud is meant. */
export interface CloudChoice {
  /** Its name in `clouds.yaml`. Default: `OS_CLOUD`. */
  readonly name?: string | undefined;
  /** What a cloud's `auth` would say, in place of files and variables. */
  readonly auth?: RawCloud | undefined;
  readonly region?: string | undefined;
  readonly interface?: Interface | undefined;
}

/** Variables and what they are called in `clouds.yaml`; of several for one, the first that is set counts. */
const VARIABLES: readonly (readonly [variable: string, field: string])[] = [
  ["OS_AUTH_URL", "auth_url"],
  ["OS_AUTH_TYPE", "auth_type"],
  ["OS_USERNAME", "username"],
  ["OS_USER_ID", "user_id"],
  ["OS_PASSWORD", "password"],
  ["OS_PROJECT_ID", "project_id"],
  ["OS_PROJECT_NAME", "project_name"],
  ["OS_TENANT_ID", "tenant_id"],
  ["OS_TENANT_NAME", "tenant_name"],
  ["OS_USER_DOMAIN_ID", "user_domain_id"],
  ["OS_USER_DOMAIN_NAME", "user_domain_name"],
  ["OS_PROJECT_DOMAIN_ID", "project_domain_id"],
  ["OS_PROJECT_DOMAIN_NAME", "project_domain_name"],
  ["OS_DEFAULT_DOMAIN", "default_domain"],
  ["OS_APPLICATION_CREDENTIAL_ID", "application_credential_id"],
  ["OS_APPLICATION_CREDENTIAL_NAME", "application_credential_name"],
  ["OS_APPLICATION_CREDENTIAL_SECRET", "application_credential_secret"],
  ["OS_TOKEN", "token"],
  ["OS_AUTH_TOKEN", "token"],
  ["OS_IDENTITY_API_VERSION", "identity_api_version"],
  ["OS_CACERT", "cacert"],
  ["OS_CERT", "cert"],
  ["OS_KEY", "key"],
  ["OS_INSECURE", "insecure"],
  ["OS_COMPUTE_ENDPOINT_OVERRIDE", "compute_endpoint_override"],
  ["OS_NETWORK_ENDPOINT_OVERRIDE", "network_endpoint_override"],
  ["OS_IMAGE_ENDPOINT_OVERRIDE", "image_endpoint_override"],
  ["OS_BLOCK_STORAGE_ENDPOINT_OVERRIDE", "block_storage_endpoint_override"],
];

/** Variables that choose among what a cloud has: they count for a cloud of `clouds.yaml` as well. */
const CHOOSING: readonly (readonly [variable: string, field: string])[] = [
  ["OS_REGION_NAME", "region_name"],
  ["OS_INTERFACE", "interface"],
  ["OS_ENDPOINT_TYPE", "interface"],
];

/**
 * Finds out which cloud is meant and who we are there, as OpenStack's own tools do: a cloud of `clouds.yaml` that is
 * named (here, or by `OS_CLOUD`), else the variables `OS_…`, else the only cloud of `clouds.yaml`.
 *
 * @throws {CloudConfigError} None can be found, or what is written of it cannot work.
 */
export async function loadCloud(choice: CloudChoice, surroundings: Surroundings): Promise<Cloud> {
  const cloud = await read(choice, surroundings);
  return {
    ...cloud,
    tls: inHome(cloud.tls, surroundings.home),
    region: choice.region ?? cloud.region,
    interface: choice.interface ?? cloud.interface,
  };
}

async function read(choice: CloudChoice, surroundings: Surroundings): Promise<Cloud> {
  const { env } = surroundings;
  if (choice.auth !== undefined) return parseCloud({ ...choice.auth }, "The option auth");
  const chosen = fieldsOf(CHOOSING, env);
  const name = choice.name ?? (env["OS_CLOUD"] || undefined);
  const variables = fieldsOf(VARIABLES, env);
  if (name === undefined && variables["auth_url"] !== undefined) {
    return parseCloud({ ...variables, ...chosen }, "The environment (OS_… variables)");
  }
  const files = await CloudFiles.read(surroundings);
  const [only, ...others] = files.names;
  const found = name ?? (others.length === 0 ? only : undefined);
  if (found === undefined) {
    const what = files.path === undefined ? "There is no clouds.yaml" : `${files.path} has several clouds, or none`;
    throw new CloudConfigError(
      `It is not said which cloud to use. ${what}, and neither OS_CLOUD nor OS_AUTH_URL is set. Set the option cloud or auth, or one of these.`,
    );
  }
  return parseCloud({ ...files.cloud(found), ...chosen }, `The cloud ${found} in ${files.path}`);
}

function fieldsOf(variables: typeof VARIABLES, env: Surroundings["env"]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [variable, field] of variables) {
    const value = env[variable];
    if (value !== undefined && value !== "") fields[field] ??= value;
  }
  return fields;
}

/** Paths may begin with the user's folder. */
function inHome(tls: Cloud["tls"], home: string): Cloud["tls"] {
  const paths = Object.entries(tls).map(([name, path]) => [
    name,
    typeof path === "string" ? path.replace(/^~(?=\/|$)/, home) : path,
  ]);
  return Object.fromEntries(paths);
}
