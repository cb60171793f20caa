import { parseKey, type ResourceTags } from "@warmpool/core";

/** Every container of ours bears it. */
export const KEY_LABEL = "warmpool.key";

/** What a pool wanted, so that a container can be made anew from nothing but itself. */
export const PARAMS_LABEL = "warmpool.params";

/** The image as it was asked for: engines may show another name of it. */
export const IMAGE_LABEL = "warmpool.image";

const NAMESPACE = "warmpool.namespace";
const INSTALLATION = "warmpool.installation";
const POOL = "warmpool.pool";
const EPOCH = "warmpool.epoch";
const EXPIRES_AT_MS = "warmpool.expires-at-ms";

export function labelsOf(tags: ResourceTags): Record<string, string> {
  return {
    [KEY_LABEL]: tags.key,
    [NAMESPACE]: tags.namespace,
    [INSTALLATION]: tags.installation,
    [POOL]: tags.pool,
    [EPOCH]: String(tags.epoch),
    ...(tags.expiresAtMs !== undefined && { [EXPIRES_AT_MS]: String(tags.expiresAtMs) }),
  };
}

/** What a container's labels say, as far as they are ours. */
export function tagsOf(labels: Readonly<Record<string, string>>): Partial<ResourceTags> {
  const text = <Name extends string>(name: Name, label: string) =>
    labels[label] === undefined ? {} : ({ [name]: labels[label] } as { readonly [name in Name]: string });
  const number = <Name extends string>(name: Name, label: string) => {
    const value = Number(labels[label]);
    return labels[label] === undefined || !Number.isSafeInteger(value)
      ? {}
      : ({ [name]: value } as { readonly [name in Name]: number });
  };
  return {
    ...text("key", KEY_LABEL),
    ...text("namespace", NAMESPACE),
    ...text("installation", INSTALLATION),
    ...text("pool", POOL),
    ...number("epoch", EPOCH),
    ...number("expiresAtMs", EXPIRES_AT_MS),
  };
}

/** Labels of the container that takes the place of one with these: what is ours stays. */
export function ourLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name.startsWith("warmpool.")));
}

/** Whether a container is one of ours: its label is its name, and looks like a key. */
export function isOurs(name: string, labels: Readonly<Record<string, string>>): boolean {
  return labels[KEY_LABEL] === name && parseKey(name) !== undefined;
}
