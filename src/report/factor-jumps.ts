import type { FactorReport } from "./factors.js";
import type { Section } from "./page.js";
import { dayOf } from "./risk.js";
import { count, plural, signedPercent, table } from "./text.js";

/** More are counted. */
const most = 200;

/** What looks like a split, each with its date. */
export function jumpSection({ coverage: { jumps, jumpsKept } }: FactorReport): Section[] {
  if (jumps.length === 0) return [];
  const done = jumpsKept ? "kept as returns" : "left out: the asset has no return over such a date";
  const body = table({
    caption: `${plural(jumps.length, "change")} of a price outside −40 to +60 % within four days, ${done}${jumps.length > most ? `; the first ${count(most)}` : ""}`,
    columns: ["Asset", "Date", "Change", "As a split"],
    rows: jumps.slice(0, most).map((j) => [j.asset, dayOf(j.time), signedPercent(j.change, 1), j.as ?? ""]),
    words: [0, 1, 3],
  });
  return [
    {
      id: "jumps",
      heading: "Jumps like unadjusted splits",
      body: `<details><summary>${plural(jumps.length, "jump")}</summary>${body}</details>`,
    },
  ];
}
