/** The order of the files: those that take longest begin first, so that no core waits in the end for one that began last. */
import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By their time on two cores, as the table at the end of a run has it; the runner itself knows times of earlier runs at most, else sizes. */
export const longest = [
  "test/backends/arm64.test.ts",
  "test/core/stream.test.ts",
  "test/core/parity.test.ts",
  "test/backends/accelerate.test.ts",
  "test/cli/replay/replay.test.ts",
  "test/package/docs.test.ts",
  "test/metal/mutants.test.ts",
  "test/metal/backend.test.ts",
  "test/package/package.test.ts",
  "test/cli/risk/risk.test.ts",
  "test/bus/ring/model.test.ts",
  "test/cli/replay/compare.test.ts",
  "test/measure/bench.test.ts",
  "test/cli/factors/factors.test.ts",
  "test/importer/pipe.test.ts",
  "test/cli/factors/factors_real.test.ts",
  "test/package/types.test.ts",
  "test/core/golden.test.ts",
];

/** Where a file stands: those of the list in its order, all others behind them. */
export function place(file: string): number {
  const at = longest.indexOf(relative(process.cwd(), file));
  return at < 0 ? longest.length : at;
}

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files); // the sort below keeps this order among files of one place
    return sorted.toSorted((a, b) => place(a.moduleId) - place(b.moduleId));
  }
}
