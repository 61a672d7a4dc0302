import type { Jump } from "../../analysis/signal.js";
import type { Section } from "../kit/page.js";
import { count, fixed, none, percent, plural, signedPercent, table } from "../kit/text.js";
import { dayOf } from "../risk/risk_report.js";
import type { FactorReport } from "./factor_report.js";

/** More are counted. */
const most = 60;

const rank = ({ as, perhaps, change }: Jump): number =>
  as !== undefined ? 0 : perhaps !== undefined ? 1 : 2 + 1 / (1 + Math.abs(Math.log1p(change)));

/** Large changes, each with its date and what was done with it; what leaving splits out changes. */
export function jumpSection({ coverage: { jumps, splitsKept, splitChanges } }: FactorReport): Section[] {
  if (jumps.length === 0) return [];
  const why = splitsKept === "adjusted" ? "kept: the column says that prices are adjusted" : "kept, as asked for";
  const done = ({ as, perhaps }: Jump) =>
    as !== undefined ? (splitsKept ? why : "left out: no return over that date") : perhaps ? "a return: not sure" : "a return";
  const rows = [...jumps].sort((a, b) => rank(a) - rank(b)).slice(0, most);
  const body = table({
    caption: `${plural(jumps.length, "change")} of a price outside −40 to +60 % within four days, or like a split${jumps.length > most ? `; here ${count(most)}, splits first, then the largest; ${count(jumps.length - most)} more are in --json` : ""}. A split by its ratio, its volume and a stay at the new level`,
    columns: ["Asset", "Date", "Change", "As a split", "What was done"],
    rows: rows.map((j) => [
      j.asset,
      dayOf(j.time),
      signedPercent(j.change, 1),
      j.as ?? (j.perhaps ? `perhaps ${j.perhaps}` : none),
      done(j),
    ]),
    words: [0, 1, 3, 4],
  });
  const changes = splitChanges
    ? table({
        caption: "What leaving the returns of splits out changes",
        columns: ["", "Without them", "With them"],
        rows: [
          ...splitChanges.signals.map(({ name, left, kept }) => [`${name}, information coefficient`, fixed(left, 4), fixed(kept, 4)]),
          ...splitChanges.returns.map(({ name, left, kept }) => [`${name}, mean return of a date`, percent(left, 4), percent(kept, 4)]),
        ],
      })
    : "";
  return [
    {
      id: "jumps",
      heading: "Large changes and splits",
      body: `${changes}<details><summary>${plural(jumps.length, "change")}</summary>${body}</details>`,
    },
  ];
}
