import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const from = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const everywhere = (kind: string) =>
  ["packages/*/{src,test}", "examples", "benchmarks", "test"].map((d) => `${d}/**/*${kind}`);

/** @warmpool/* as sources: no build needed, and breakpoints land in the code. */
const sources = [
  { find: /^@warmpool\/core\/sqlite$/, replacement: from("packages/core/src/store/sqlite/index.ts") },
  { find: /^@warmpool\/core\/keyv$/, replacement: from("packages/core/src/store/keyv/index.ts") },
  { find: /^@warmpool\/core\/otel$/, replacement: from("packages/core/src/otel/index.ts") },
  { find: /^@warmpool\/testing\/([^/]+)$/, replacement: `${from("packages/testing/src/fixtures")}/$1.ts` },
  { find: /^@warmpool\/((?!test-)[^/]+)$/, replacement: `${from("packages")}/$1/src/index.ts` },
];
/** Built packages run untransformed, as at a user's. */
const native = { deps: { external: [/\/packages\/[^/]+\/dist\//] } };
/** How long something may take to become so. */
const patient = { expect: { poll: { timeout: 20_000 } } };
const exclude = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  test: {
    // By default one core is left alone, and of two that is half.
    maxWorkers: "100%",
    // Timeouts are for tests that hang. How long a real process takes is the machine's affair: they are generous.
    projects: [
      {
        resolve: { alias: sources },
        test: {
          name: "source",
          ...patient,
          // Half of the time would go into loading the same modules for each file; none of them keeps anything of a test.
          isolate: false,
          include: everywhere(".test.ts"),
          exclude: [...exclude, "**/*.{built,verify}.test.ts", "packages/store-postgres/**"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // With a PostgreSQL server of its own, started for the run.
        resolve: { alias: sources },
        test: {
          name: "postgres",
          ...patient,
          include: ["packages/store-postgres/{src,test}/**/*.test.ts"],
          exclude: [...exclude, "**/*.{built,verify}.test.ts"],
          globalSetup: "packages/store-postgres/test/start-postgres.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What starts worker threads or processes needs JavaScript files: node_modules/@warmpool/*, built.
        test: {
          name: "built",
          ...patient,
          include: everywhere(".built.test.ts"),
          exclude,
          server: native,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What takes longer: only `npm run verify` runs it. Against the built packages too.
        test: {
          name: "verify",
          ...patient,
          include: everywhere(".verify.test.ts"),
          // Tests that run side by side run whole programs: more of them only wait for each other.
          maxConcurrency: 3,
          exclude,
          server: native,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
