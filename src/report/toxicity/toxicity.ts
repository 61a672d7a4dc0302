import { alarmEpisodes } from "../../analysis/toxicity.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { clockOf } from "../kit/clock.js";
import { fitted, type Live, type PageScript, page } from "../kit/page.js";
import { plural, significant } from "../kit/text.js";
import { cautions, dataBox, optionsBox, simulatedNotice, tiles } from "./toxicity_boxes.js";
import { panels } from "./toxicity_panels.js";
import type { ToxicityReport } from "./toxicity_report.js";
import { overview, summary } from "./toxicity_summary.js";

/** The page as one HTML text; with a script of its own its charts follow the cursor. */
export function toxicityPage(report: ToxicityReport, own?: PageScript): string {
  checkBuckets(report);
  const episodes = alarmEpisodes(report.buckets);
  const facts = overview(report, episodes);
  const names = report.files.map((file) => file.name).join(", ");
  const clock = clockOf(report.zone);
  const buckets = `${plural(report.buckets.endTime.length, "bucket")} of ${significant(report.bucketVolume)}`;
  const made = (detail: number, live?: Live) =>
    page({
      title: "Order-flow toxicity",
      files: report.files,
      subtitle: `${names || "no file"} · ${clock.second(report.startTime)} to ${clock.second(report.endTime)} ${clock.zone} · ${buckets}, window ${report.window}`,
      opening: [simulatedNotice(report), tiles(report, facts), cautions(report, facts), optionsBox(report)].join("\n"),
      sections: [...panels(report, facts, { detail, kept: live }), { id: "data", heading: "Data", body: dataBox(report) }],
      footer: `Made by tickforge ${report.version}. This page is one file: it loads nothing and runs no script. ${clocks(report)}`,
      live,
      summary: summary(report, facts),
    });
  return fitted(made, own);
}

/** Whose clocks the page shows. */
export const clocks = ({ zone = "UTC" }: ToxicityReport): string =>
  zone === "UTC" ? "All times are UTC." : `All times are those of the clock of ${zone}.`;

/** Throws where columns do not belong together. */
export function checkBuckets({ buckets, measures = [] }: ToxicityReport): void {
  const rows = buckets.endTime.length;
  const columns = [...Object.entries(buckets), ...measures.map(({ name, values }) => [name, values])];
  for (const [name, column] of columns as [string, ArrayLike<unknown>][]) {
    if (column.length === rows) continue;
    const message = `report: '${name}' has ${column.length} values, expected ${rows} as endTime has`;
    throw new TickforgeError("E_LENGTH", message, { port: name, value: column.length });
  }
  const back = buckets.endTime.findIndex((time, i) => i > 0 && time < buckets.endTime[i - 1]!);
  if (back > 0)
    throw new TickforgeError("E_TIME_BACKWARDS", `report: 'endTime' goes back at bucket ${back}`, { port: "endTime", row: back });
}
