import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

import { defineConfig } from "vitest/config";
import { loadAddon } from "./src/addon/addon.js";
import LongestFirst from "./test/support/longest_first.js";

/** What proves native code against the reference runs once for each build that the add-on holds. */
const perBuild = ["test/core/parity.test.ts", "test/core/golden.test.ts", "test/core/stream.test.ts", "test/kernels/math/special.test.ts"];
/** Of the add-on's builds, those that this processor runs; without the add-on the first, whose parity suite fails and says why. */
const runnable = loadAddon().addon?.cpus ?? ["base"];
/** TICKFORGE_BUILDS=best: the one alone that this processor takes when it is not told. */
const wanted = process.env.TICKFORGE_BUILDS === "best" ? runnable.slice(-1) : runnable;
const builds = process.env.TICKFORGE_CPU ? [process.env.TICKFORGE_CPU] : wanted;
const leftOut = process.arch === "x64" ? ["base", "v3", "v4"].filter((cpu) => !builds.includes(cpu)) : [];

const answers = mkdtempSync(join(tmpdir(), "tickforge-answers-"));
process.once("exit", () => rmSync(answers, { recursive: true, force: true }));

export default defineConfig({
  test: {
    pool: "forks",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    setupFiles: ["test/support/seed.ts"],
    reporters: ["default", "./test/support/closing_line.ts", ["./test/support/times.ts", { leftOut }]],
    coverage: {
      provider: "custom",
      customProviderModule: "./test/support/coverage.ts",
      include: ["src/**"] /* programs run dist/src, which this names as well */,
      exclude: [
        "**/*.{css,html,json,svg}",
        "src/page/client/**",
      ] /* what is no TypeScript, and what runs in a browser, which counts nothing here */,
      thresholds: { lines: 90 } /* a statement that vite and tsc map differently counts twice; a line never does */,
      reporter: ["text-summary", "json-summary"],
    },
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: "all", include: ["test/**/*.test.ts"], exclude: perBuild } },
      // After the others, which start processes and pages of their own: these wait for nothing but the processor, so every core takes one.
      ...builds.map((cpu) => ({
        extends: true as const,
        test: {
          name: `build ${cpu}`,
          include: perBuild,
          env: { TICKFORGE_CPU: cpu, TICKFORGE_FIRST_BUILD: builds[0]!, TICKFORGE_ANSWERS: answers },
          sequence: { groupOrder: cpu === builds[0] ? 1 : 2 } /* the first keeps what the reference answers for the others */,
        },
      })),
    ],
  },
});
