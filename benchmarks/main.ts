// npm run bench -- NAME: measures, prints a table and then a line of JSON. See README.md.
import process from "node:process";
import { prepareBuilds } from "./lib/builds.ts";
import { type BenchName, type Options, parseOptions, USAGE, UsageError } from "./lib/options.ts";
import { print, type Report } from "./lib/report.ts";

/** Loaded only when it is run: a benchmark's own dependencies are nobody else's. */
const benches: Record<BenchName, (options: Options) => Promise<Report>> = {
  peers: async (options) => (await import("./benches/peers.ts")).peers(options),
  scale: async (options) => (await import("./benches/scale.ts")).scale(options),
  durable: async (options) => (await import("./benches/durable.ts")).durable(options),
  shared: async (options) => (await import("./benches/shared.ts")).shared(options),
  socket: async (options) => (await import("./benches/socket.ts")).socket(options),
  size: async (options) => (await import("./benches/size.ts")).size(options),
};

try {
  const options = parseOptions(process.argv.slice(2));
  await prepareBuilds(options.baseline);
  print(await benches[options.bench](options));
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = 1;
}
