/** The page of several files beside each other. */
import { describe, expect, it } from "vitest";
import { comparisonPage } from "../../src/report/toxicity/comparison.js";
import { toxicityPage } from "../../src/report/toxicity/toxicity.js";
import type { ToxicityReport } from "../../src/report/toxicity/toxicity_report.js";
import { firstBuckets, simulatedReport } from "./kit/sample.js";

const report = simulatedReport();

describe("the comparison of files", () => {
  const short = { ...report, buckets: firstBuckets(report.buckets, 60) };
  const fit = { cell: "few trades", doubts: ["a bucket has 4.2 trades on average, fewer than 10; kept: chance alone makes VPIN high"] };
  const files = (name: string) => [{ ...report.files[0]!, name: `/far/away/${name}.csv` }];
  const one = (tape: number): ToxicityReport => ({
    ...{ ...short, files: files(`tape${tape}`) },
    ...(tape === 7 && { fit }),
  });
  const page = comparisonPage([...Array(8).keys()].map((tape) => ({ name: `tape${tape}`, tape, report: one(tape) })));

  it("has numbers before hashes, and a section for every file", () => {
    const headings = [...page.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map((match) => match[1]);
    const names = [...Array(8).keys()].map((tape) => `tape${tape}`);
    expect(headings.filter((name) => name !== "Before you read on")).toEqual([
      ...["Comparison", ...names],
      ...[...names.map((name) => `Data of ${name}.csv`), "How this page was made"],
    ]);
    expect(page.indexOf("sha256")).toBeGreaterThan(page.indexOf("Data of tape7.csv</h2>"));
  });

  it("says before the table which buckets do not fit their trades, and again beside the file", () => {
    const told = "bucket has 4.2 trades on average, fewer than 10; kept: chance alone makes VPIN high.";
    const table = page.indexOf("Instruments beside each other");
    expect(page.indexOf(`<li>tape7: a ${told}</li>`)).toBeGreaterThan(0);
    expect(page.indexOf(`<li>tape7: a ${told}</li>`)).toBeLessThan(table);
    expect(page.indexOf(`<li>A ${told}</li>`)).toBeGreaterThan(table);
    expect(page.split(told)).toHaveLength(3);
  });

  it("bears the names of its files in its title, as a page of one file does", () => {
    const titleOf = (of: string) => /<title>(.*?)<\/title>/.exec(of)![1];
    expect(titleOf(page)).toBe("Order-flow toxicity, compared: tape0.csv, tape1.csv and 6 more");
    expect(titleOf(toxicityPage(one(3)))).toBe("Order-flow toxicity: tape3.csv");
  });
});
