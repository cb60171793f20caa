import { Fault } from "./fault.js";
import type { Instance } from "./instance.js";
import type { Query } from "./query.js";

/** Whether an instance passes all filters of a request: of each, one value suffices. */
export function passes(instance: Instance, filters: readonly Query[]): boolean {
  return filters.every((filter) => {
    const name = filter.text("Name") ?? "";
    const values = valuesOf(instance, name);
    return filter.texts("Value").some((wanted) => values.some((value) => pattern(wanted).test(value)));
  });
}

function valuesOf(instance: Instance, name: string): string[] {
  if (name.startsWith("tag:")) return present(instance.tags.get(name.slice(4)));
  switch (name) {
    case "tag-key":
      return [...instance.tags.keys()];
    case "client-token":
      return present(instance.clientToken);
    case "instance-id":
      return [instance.id];
    case "instance-state-name":
      return [instance.state];
    default:
      throw new Fault("InvalidParameterValue", `The filter '${name}' is invalid`);
  }
}

function present(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}

/** `*` is anything, `?` one character, and `\` takes the meaning from what follows. */
function pattern(wanted: string): RegExp {
  const parts = wanted.match(/\\.|[^\\]/gs) ?? [];
  const source = parts.map((part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return (part.length > 1 ? part.slice(1) : part).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`, "s");
}
