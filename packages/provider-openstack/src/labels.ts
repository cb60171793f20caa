import type { ResourceTags } from "@warmpool/core";
import { parseKey } from "@warmpool/core";
import type { NovaServer } from "./client/nova-server.js";

/** What all servers of ours bear, as a tag of Nova's. */
export const OUR_TAG = "warmpool";

/** Longest value of Nova's metadata, in characters. */
const LONGEST_VALUE = 255;

const NAMES = {
  key: "warmpool-key",
  namespace: "warmpool-namespace",
  installation: "warmpool-installation",
  pool: "warmpool-pool",
  epoch: "warmpool-epoch",
  expiresAtMs: "warmpool-expires-at-ms",
} as const satisfies Record<keyof ResourceTags, string>;

/** Whether a name of metadata is one of ours. */
export function isLabel(name: string): boolean {
  return name.startsWith("warmpool-");
}

/** Tags as Nova's metadata. What doesn't fit is left out, the key never. */
export function labelsOf(tags: ResourceTags): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [tag, name] of Object.entries(NAMES)) {
    const value = tags[tag as keyof ResourceTags];
    if (value === undefined) continue;
    const label = encode(String(value));
    if (label.length <= LONGEST_VALUE) labels[name] = label;
  }
  return labels;
}

/** The key that a server was made under; `undefined`: it is none of ours. */
export function keyOf({ metadata }: NovaServer): string | undefined {
  const key = metadata[NAMES.key];
  return key !== undefined && parseKey(key) !== undefined ? key : undefined;
}

/** What a server bears of the tags. */
export function tagsOf({ metadata }: NovaServer): Partial<ResourceTags> {
  const text = (tag: keyof ResourceTags) => {
    const label = metadata[NAMES[tag]];
    return label === undefined ? undefined : { [tag]: decode(label) };
  };
  const number = (tag: keyof ResourceTags) => {
    const value = Number(metadata[NAMES[tag]]);
    return Number.isSafeInteger(value) ? { [tag]: value } : undefined;
  };
  return {
    ...text("key"),
    ...text("namespace"),
    ...text("installation"),
    ...text("pool"),
    ...number("epoch"),
    ...number("expiresAtMs"),
  };
}

/** Databases of older clouds take no character beyond the basic plane; what is not ASCII is written as in URLs. */
function encode(text: string): string {
  return text.replaceAll(/[^ -$&-~]+/gu, (part) => encodeURIComponent(part));
}

function decode(label: string): string {
  try {
    return decodeURIComponent(label);
  } catch {
    return label;
  }
}
