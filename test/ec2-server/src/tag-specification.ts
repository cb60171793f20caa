import { Fault } from "./fault.js";
import type { Query } from "./query.js";

const RESOURCE_TYPES = ["instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"];

/** The tags that a launch wants on what it makes, by the type of resource. */
export function tagsOf(query: Query): (type: string) => Map<string, string> {
  const byType = new Map<string, Map<string, string>>();
  for (const specification of query.items("TagSpecification")) {
    const type = specification.text("ResourceType") ?? "";
    if (!RESOURCE_TYPES.includes(type)) {
      throw new Fault("InvalidParameterValue", `'${type}' is not a valid taggable resource type for this operation.`);
    }
    if (byType.has(type))
      throw new Fault("InvalidParameterValue", `Duplicate resource type '${type}' found in TagSpecification.`);
    const tags = new Map<string, string>();
    for (const tag of specification.items("Tag")) {
      const [key = "", value = ""] = [tag.text("Key"), tag.text("Value")];
      if (key === "" || key.length > 128 || key.startsWith("aws:"))
        throw new Fault("InvalidParameterValue", `Tag key '${key}' is invalid.`);
      if (value.length > 256)
        throw new Fault("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters.");
      if (tags.has(key)) throw new Fault("InvalidParameterValue", `Duplicate tag key '${key}' specified.`);
      tags.set(key, value);
    }
    if (tags.size > 50) throw new Fault("TagLimitExceeded", "A resource has at most 50 tags.");
    byType.set(type, tags);
  }
  return (type) => new Map(byType.get(type));
}
