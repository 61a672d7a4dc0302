/** Holds the tables of docs/coming-from-python.md against tests: each row of a library's table is computed and compared with numbers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";

/** Section of the page -> the first cells of its table. */
export function pageRows(): Map<string, string[]> {
  const text = readFileSync(join(packageRoot(), "docs/coming-from-python.md"), "utf8");
  const sections = new Map<string, string[]>();
  for (const section of text.split(/^## /m).slice(1)) {
    const rows = [...section.matchAll(/^\| (.+?) \|/gm)].map((row) => row[1]!).filter((cell) => cell !== "there" && !/^-+$/.test(cell));
    if (rows.length) sections.set(section.slice(0, section.indexOf("\n")).trim(), rows);
  }
  return sections;
}

/** One test for each row of a library's table, under the row's first cell; a row without a test, or a test without a row, fails. */
export function eachRow(library: string, tests: Record<string, (context: TestContext) => void | Promise<void>>): void {
  describe(library, () => {
    it("has a test for each row of the page, and a row for each test", () => {
      expect(Object.keys(tests).sort()).toEqual([...(pageRows().get(library) ?? [])].sort());
    });
    for (const [row, test] of Object.entries(tests)) it(row, test);
  });
}
