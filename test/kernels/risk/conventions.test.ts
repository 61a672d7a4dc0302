/** What the page of valueAtRisk and expectedShortfall says of libraries: each row's options against the library's formula in plain code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { expectedShortfall, valueAtRisk } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const random = seeded(5);
const r = Float64Array.from({ length: 503 }, () => 0.01 * (random() + random() - 1.02) * (random() < 0.05 ? 4 : 1));
const rising = r.toSorted();
const n = r.length;
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
const average = mean(r);
const moment = (k: number) => mean(r.map((x) => (x - average) ** k));
const z = -1.6448536269514722;
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const percentile = (p: number) => {
  const place = p * (n - 1);
  const below = Math.floor(place);
  return rising[below]! + (place - below) * (rising[below + 1]! - rising[below]!);
};
const modified = () => {
  const [m2, skew, excess] = [moment(2), moment(3) / moment(2) ** 1.5, moment(4) / moment(2) ** 2 - 3];
  const h = z + ((z * z - 1) * skew) / 6 + ((z ** 3 - 3 * z) * excess) / 24 - ((2 * z ** 3 - 5 * z) * skew ** 2) / 36;
  const edgeworth =
    1 + (h ** 3 * skew) / 6 + ((h ** 6 - 9 * h ** 4 + 9 * h * h + 3) * skew ** 2) / 72 + ((h ** 4 - 2 * h * h - 1) * excess) / 24;
  return { deviation: Math.sqrt(m2), h, tail: (density(h) * edgeworth) / 0.05 };
};
const worst = (count: number) => -mean(rising.subarray(0, count));

/** By the text of the row: its library's own formula, as a loss. */
const theirs: Record<string, () => number> = {
  "empyrical `value_at_risk": () => -percentile(0.05),
  'PerformanceAnalytics `VaR(R, p=0.95, method="historical")': () => -percentile(0.05),
  'PerformanceAnalytics `VaR(R, p=0.95, method="gaussian")': () => -(average + z * Math.sqrt(moment(2))),
  'PerformanceAnalytics `VaR(R, p=0.95, method="modified")': () => -(average + modified().h * modified().deviation),
  "quantstats `value_at_risk": () => -(average + z * Math.sqrt((moment(2) * n) / (n - 1))),
  "Riskfolio-Lib `VaR_Hist": () => -rising[Math.ceil(0.05 * n) - 1]!,
  "empyrical `conditional_value_at_risk": () => worst(Math.floor((n - 1) * 0.05) + 1),
  "Riskfolio-Lib `CVaR_Hist": () => {
    const at = Math.ceil(0.05 * n) - 1;
    return -rising[at]! - rising.subarray(0, at + 1).reduce((sum, x) => sum + x - rising[at]!, 0) / (0.05 * n);
  },
  'PerformanceAnalytics `ES(R, p=0.95, method="historical")': () => -mean(rising.filter((x) => x < percentile(0.05))),
  'PerformanceAnalytics `ES(R, p=0.95, method="gaussian")': () => -average + (Math.sqrt(moment(2)) * density(z)) / 0.05,
  'PerformanceAnalytics `ES(R, p=0.95, method="modified")': () =>
    -average - modified().deviation * Math.min(-modified().tail, modified().h),
};

const page = readFileSync(join(packageRoot(), "docs/kernels/risk.md"), "utf8");
for (const [name, call] of Object.entries({ valueAtRisk, expectedShortfall }))
  describe(name, () => {
    const section = page.split(`\n## ${name}\n`)[1]!.split("\n## ")[0]!;
    const rows = section.split("| there | here | what differs |")[1]!.matchAll(/^\| (.+?) \| `(\{.+?\})` \| .+ \|$/gm);
    const found = [...rows].map((match) => [match[1]!, match[2]!] as const);
    it("has rows", () => expect(found.length).toBeGreaterThan(4));
    for (const [there, here] of found)
      it(`${there} is ${here}`, () => {
        const [, formula] = Object.entries(theirs).find(([start]) => there.startsWith(start))!;
        const options = JSON.parse(here.replaceAll(/(\w+):/g, '"$1":'));
        for (const backend of ["reference", "native"]) expect(call(r, options, { backend })[0]).toBeCloseTo(formula(), 13);
      });
  });
