import { type Mutant, mutant } from "./mutant.ts";

/** Never over a cap. */
export const CAPS: readonly Mutant[] = [
  mutant(
    "a cap that ignores deleting",
    "engine/making.ts",
    "  return pool.total + unrecordedOf(pool);",
    "  return pool.total - pool.counts.deleting + unrecordedOf(pool);",
  ),
  mutant(
    "a cap that ignores unknown",
    "engine/making.ts",
    "  return pool.total + unrecordedOf(pool);",
    "  return pool.total - pool.counts.unknown + unrecordedOf(pool);",
  ),
  mutant("a cap that is off by one", "engine/size.ts", "supply.max - supply.total", "supply.max + 1 - supply.total"),
  mutant(
    "no cap over the pools of a provider",
    "engine/making.ts",
    "    if (roomAt(provider) <= 0) return count - made;",
    "",
  ),
];
