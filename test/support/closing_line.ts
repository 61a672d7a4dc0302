import type { Reporter, TestModule } from "vitest/node";

/** What one plain line at the end says. A hook that fails is a failure, though the tests behind it only count as skipped. */
export function countOf(modules: readonly TestModule[], errors: readonly unknown[]): Record<"passed" | "failed" | "skipped", number> {
  const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
  for (const module of modules) {
    if (module.errors().length > 0) count.failed++;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) count.failed++;
    for (const test of module.children.allTests()) count[test.result().state]++;
  }
  return { passed: count.passed, failed: count.failed, skipped: count.skipped + count.pending };
}

/** Prints one plain line at the end: N passed, N failed, N skipped. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const { passed, failed, skipped } = countOf(modules, errors);
    process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}
