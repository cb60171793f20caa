// What a script prints is what a lease has, by `output`; options are checked.
import { createPool } from "@warmpool/core";
import { type ShellOptions, shellProvider } from "@warmpool/provider-shell";
import { z } from "zod";
import { is } from "./equal.js";

const scripts = { allocate: "./start.sh", delete: ["./stop.sh", "--force"] } as const;
export const full: ShellOptions<"text"> = {
  ...scripts,
  check: "./check.sh",
  reset: "./reset.sh",
  list: "./list.sh",
  find: "./find.sh",
  shell: false,
  output: "text",
  env: { REGION: "eu" },
  timeouts: { allocate: "5m", check: 2_000 },
  killAfter: "5s",
  settlesWithin: 0,
};

export async function run(): Promise<void> {
  const text = await createPool({ provider: shellProvider(scripts), max: 1 }).acquire();
  is<string>()(text.data)(true);
  const schema = z.object({ port: z.coerce.number() });
  const parsed = await createPool({ provider: shellProvider({ ...scripts, output: schema }), max: 1 }).acquire();
  is<{ port: number }>()(parsed.data)(true);
  // @ts-expect-error: there is no such option
  shellProvider({ ...scripts, alocate: "./start.sh" });
  // @ts-expect-error: a duration has a unit
  shellProvider({ ...scripts, killAfter: "5" });
}
