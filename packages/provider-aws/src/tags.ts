import type { Tag } from "@aws-sdk/client-ec2";
import type { ResourceTags } from "@warmpool/core";

/** What the names of our tags begin with. */
export const TAG_PREFIX = "warmpool:";

const KEY_TAG = `${TAG_PREFIX}key`;
export const NAMESPACE_TAG = `${TAG_PREFIX}namespace`;
const INSTALLATION_TAG = `${TAG_PREFIX}installation`;
const POOL_TAG = `${TAG_PREFIX}pool`;
const EPOCH_TAG = `${TAG_PREFIX}epoch`;
const EXPIRY_TAG = `${TAG_PREFIX}expires-at`;

/** EC2 takes no longer ones. */
const LONGEST_VALUE = 256;

/** What a made thing bears, as EC2 keeps it. */
export function encodeTags(tags: ResourceTags): Record<string, string> {
  const encoded: Record<string, string> = {
    [KEY_TAG]: tags.key,
    [NAMESPACE_TAG]: namespaceValue(tags.namespace),
    [INSTALLATION_TAG]: tags.installation,
    [EPOCH_TAG]: String(tags.epoch),
  };
  // Too long to be kept whole, it is better not kept than kept wrong.
  if (tags.pool.length <= LONGEST_VALUE) encoded[POOL_TAG] = tags.pool;
  if (tags.expiresAtMs !== undefined) encoded[EXPIRY_TAG] = new Date(tags.expiresAtMs).toISOString();
  return encoded;
}

/** A namespace as its tag has it: by its beginning, if it is too long. Keys tell those apart that begin alike. */
export function namespaceValue(namespace: string): string {
  return namespace.slice(0, LONGEST_VALUE);
}

/** What an instance's tags say, as far as they are there and have not been tampered with. */
export function decodeTags(tags: readonly Tag[] | undefined): Partial<ResourceTags> {
  const value = (name: string) => tags?.find(({ Key }) => Key === name)?.Value;
  const [key, namespace, installation] = [value(KEY_TAG), value(NAMESPACE_TAG), value(INSTALLATION_TAG)];
  const [pool, epoch, expiresAtMs] = [value(POOL_TAG), Number(value(EPOCH_TAG)), Date.parse(value(EXPIRY_TAG) ?? "")];
  return {
    ...(key !== undefined && { key }),
    ...(namespace !== undefined && namespace.length < LONGEST_VALUE && { namespace }),
    ...(installation !== undefined && { installation }),
    ...(pool !== undefined && { pool }),
    ...(Number.isSafeInteger(epoch) && { epoch }),
    ...(Number.isFinite(expiresAtMs) && { expiresAtMs }),
  };
}

/** The key under which an instance was made, if it is one of ours. */
export function keyOf(tags: readonly Tag[] | undefined): string | undefined {
  return tags?.find(({ Key }) => Key === KEY_TAG)?.Value;
}

/** A text as the value of a filter, in which `*`, `?` and `\` have a meaning. */
export function literally(value: string): string {
  return value.replace(/[*?\\]/g, "\\$&");
}
