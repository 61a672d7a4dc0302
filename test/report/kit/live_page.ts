/** Pages with a script, of values that are known. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../src/addon/addon.js";
import { timeChart } from "../../../src/report/kit/chart.js";
import { figure, fitted, type PageScript, page } from "../../../src/report/kit/page.js";
import { type Stacked, stackOf } from "../../../src/report/kit/stack.js";
import { table } from "../../../src/report/kit/text.js";

/** The script that is shipped. */
export const ownScript = (): PageScript => JSON.parse(readFileSync(join(packageRoot(), "dist/lib/page/report.json"), "utf8"));

export function livePage(charts: readonly Stacked[], own?: PageScript): string {
  return fitted((detail, live) => {
    const stack = stackOf(charts, { detail, kept: live });
    const sections = charts.map((of) => ({
      id: `s-${of.id}`,
      heading: of.title,
      body: figure({
        says: "what is drawn",
        draw: (layout) => timeChart({ ...of, description: "a chart" }, layout, stack),
        table: table({ caption: "numbers", columns: ["a"], rows: [["1"]] }),
      }),
    }));
    const footer = "This page is one file: it loads nothing and runs no script.";
    return page({ title: "Live", subtitle: "of a test", opening: "", sections, footer, summary: {}, live });
  }, own);
}
