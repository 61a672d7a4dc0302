/** The order of the files: those that take longest begin first, so that no core waits in the end for one that began last. */
import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By their time on two cores, as the table at the end of a run has it; the runner itself knows times of earlier runs at most, else sizes. */
export const longest = [
  "test/backends/arm64.test.ts",
  "test/core/stream.test.ts",
  "test/core/parity.test.ts",
  "test/system/supervisor/kills.test.ts",
  "test/cli/validate/validate_bus.test.ts",
  "test/cli/doctor/doctor.test.ts",
  "test/metal/backend.test.ts",
  "test/cli/feeds/feeds.test.ts",
  "test/package/start.test.ts",
  "test/measure/bench.test.ts",
  "test/cli/replay/replay.test.ts",
  "test/package/types.test.ts",
  "test/feeds/books/live.test.ts",
  "test/package/docs.test.ts",
  "test/metal/mutants.test.ts",
  "test/backends/accelerate.test.ts",
  "test/bus/ring/model.test.ts",
  "test/system/bridge/hosts.test.ts",
  "test/system/conformance/proof.test.ts",
  "test/report/browser.test.ts",
  "test/files/trades/columns.test.ts",
  "test/cli/errors.test.ts",
  "test/cli/replay/taker_bars.test.ts",
  "test/bus/routing/shares.test.ts",
  "test/feeds/connect/chaos.test.ts",
  "test/core/golden.test.ts",
  "test/cli/factors/factors_real.test.ts",
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
