import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { coreFolder } from "../lib/build.ts";
import { type Bar, below, type Figures } from "../lib/report.ts";
import { median, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";
import { imports } from "./imports.ts";
import { type Installed, install } from "./install.ts";

const packages = fileURLToPath(new URL("../../packages", import.meta.url));

/** All that there are: each is installed with the core and nothing else. */
const PROVIDERS = readdirSync(packages).filter((name) => name.startsWith("provider-"));

/** What a provider adds to what the core installs and loads, and that the core itself gets nothing of it. */
export async function measureProviders(
  folder: string,
  core: Installed,
  starts: number,
): Promise<{ figures: Record<string, Figures>; bars: Bar[] }> {
  const installed = new Map<string, Installed>();
  for (const name of PROVIDERS) {
    installed.set(name, await install([coreFolder("warmpool"), join(packages, name)], join(folder, name)));
  }
  const imported = PROVIDERS.map((name) => ({ folder: installed.get(name)!.folder, package: `@warmpool/${name}` }));
  const started = await imports(starts, imported);
  const bareMs = median(started.bare.map(({ cpuMs }) => cpuMs));
  const figures: Record<string, Figures> = {};
  const rows = PROVIDERS.map((name, index) => {
    const { packages: count, bytes, ownBytes, tarballBytes } = installed.get(name)!;
    const added = { packages: count - core.packages, bytes: bytes - core.bytes };
    const cpuMs = median(started.pools[index]!.map((start) => start.cpuMs)) - bareMs;
    figures[name] = { install: { ...added, ownBytes, tarballBytes }, import: { cpuMs: rounded(cpuMs) } };
    const size = `${(added.bytes / 1e6).toFixed(2)} MB in ${added.packages}`;
    return [
      name,
      size,
      `${(ownBytes / 1e3).toFixed(0)} kB`,
      `${(tarballBytes / 1e3).toFixed(0)} kB`,
      `${cpuMs.toFixed(1)} ms`,
    ];
  });
  console.log(table(["", "installed beside the core", "of it ours", "tarball", "import, processor"], rows));
  const strangers = PROVIDERS.flatMap(ownDependenciesOf).filter((name) =>
    existsSync(join(core.folder, "node_modules", name)),
  );
  return { figures, bars: [below("dependencies of providers that the core brings", strangers.length, 1)] };
}

/** What a provider depends on and the core does not say that it does. */
function ownDependenciesOf(provider: string): string[] {
  const dependenciesOf = (folder: string): string[] => {
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return Object.keys(dependencies).filter((name) => !name.startsWith("@warmpool/"));
  };
  const cores = dependenciesOf(coreFolder("warmpool"));
  return dependenciesOf(join(packages, provider)).filter((name) => !cores.includes(name));
}
