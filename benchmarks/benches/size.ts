import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Built, coreFolder } from "../lib/build.ts";
import type { Options } from "../lib/options.ts";
import { type Bar, below, type Figures, type Report } from "../lib/report.ts";
import { median, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";
import { bundle } from "../size/bundle.ts";
import { imports, type Start } from "../size/imports.ts";
import { type Installed, install } from "../size/install.ts";
import { measureProviders } from "../size/providers.ts";

/** Processes of each kind; the medians count. */
const STARTS = 15;

/** What a user has to install, to load and to ship. */
export async function size({ quick, baseline }: Options): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "bench-size-"));
  try {
    const built: Built[] = baseline === undefined ? ["warmpool"] : ["warmpool", "baseline"];
    const installed = {} as Record<Built, Installed>;
    for (const name of built) installed[name] = await install([coreFolder(name)], join(folder, name));
    const starts = quick ? 5 : STARTS;
    const started = await imports(
      starts,
      built.map((name) => ({ folder: installed[name].folder, package: "@warmpool/core" })),
    );
    const rows: string[][] = [];
    const figures: Record<string, Figures> = {};
    const bars: Bar[] = [];
    for (const [index, name] of built.entries()) {
      const { packages, bytes, ownBytes, tarballBytes } = installed[name];
      const memory = await bundle(installed[name].folder, MEMORY_POOL);
      const sqlite = await bundle(installed[name].folder, SQLITE_POOL);
      const over = (figure: (start: Start) => number) =>
        median(started.pools[index]!.map(figure)) - median(started.bare.map(figure));
      const [wallMs, cpuMs] = [over((start) => start.wallMs), over((start) => start.cpuMs)];
      figures[name] = {
        install: { packages, bytes, ownBytes, tarballBytes },
        import: { wallMs: rounded(wallMs), cpuMs: rounded(cpuMs) },
        memoryPool: { ...memory },
        sqlitePool: { ...sqlite },
      };
      rows.push([
        name,
        `${(bytes / 1e6).toFixed(2)} MB in ${packages}`,
        `${(ownBytes / 1e3).toFixed(0)} kB`,
        `${(tarballBytes / 1e3).toFixed(0)} kB`,
        `${wallMs.toFixed(1)} ms`,
        `${cpuMs.toFixed(1)} ms`,
        ...[memory, sqlite].map(
          ({ bytes: all, gzipped, startGzipped }) =>
            `${[all / 1e3, gzipped / 1e3, startGzipped / 1e3].map((kB) => kB.toFixed(1)).join(" / ")} kB`,
        ),
      ]);
      if (name !== "warmpool") continue;
      // Not by the clock on the wall, which also counts what else the machine does.
      bars.push(below(`ms of processor time, import of the core (median of ${starts}, less bare node)`, cpuMs, 40));
      bars.push(below("kB, a memory pool bundled, minified, gzipped", memory.gzipped / 1e3, 40));
    }
    const head = ["", "installed packages", "of them ours", "tarball", "import, wall", "import, processor"];
    console.log(table([...head, "memory pool, min / gzip / at the start", "SQLite pool"], rows));
    const providers = await measureProviders(join(folder, "providers"), installed.warmpool, starts);
    Object.assign(figures, providers.figures);
    bars.push(...providers.bars);
    return { bench: "size", figures, bars };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const MEMORY_POOL = `
  import { createPool, factoryProvider } from "@warmpool/core";
  export const pool = createPool({ provider: factoryProvider({ create: () => ({}) }), max: 8 });
`;
const SQLITE_POOL = `
  import { createPool } from "@warmpool/core";
  import { sqliteStore } from "@warmpool/core/sqlite";
  export const open = (provider) => createPool({ provider, max: 8, store: sqliteStore("pool.db") });
`;
