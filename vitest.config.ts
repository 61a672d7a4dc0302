import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

/** What proves native code against the reference runs once for each build that the add-on may hold. */
const perBuild = ["test/core/parity.test.ts", "test/core/golden.test.ts", "test/core/stream.test.ts", "test/kernels/math/special.test.ts"];
const builds = process.env.TICKFORGE_CPU ? [process.env.TICKFORGE_CPU] : process.arch === "x64" ? ["base", "v3", "v4"] : ["base"];

export default defineConfig({
  test: {
    pool: "forks",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    setupFiles: ["test/support/seed.ts"],
    reporters: ["default", "./test/support/closing_line.ts"],
    coverage: {
      provider: "custom",
      customProviderModule: "./test/support/coverage.ts",
      include: ["src/**"],
      thresholds: { lines: 90 } /* a statement that vite and tsc map differently counts twice; a line never does */,
      reporter: ["text-summary", "json-summary"],
    },
    maxWorkers: availableParallelism(),
    projects: [
      { extends: true, test: { name: "all", include: ["test/**/*.test.ts"], exclude: perBuild } },
      // After the others, which start processes and pages of their own: these wait for nothing but the processor, so every core takes one.
      ...builds.map((cpu) => ({
        extends: true as const,
        test: {
          name: `build ${cpu}`,
          include: perBuild,
          env: { TICKFORGE_CPU: cpu },
          sequence: { groupOrder: 1 },
        },
      })),
    ],
  },
});
