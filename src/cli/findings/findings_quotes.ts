/** What is odd about the quotes beside trades. */
import { type QuoteFlaw, type QuoteSummary, quoteFlaws } from "../../engines/quote_sides.js";
import { percent, plural } from "../kit/format.js";
import type { Finding } from "./finding.js";

const flawWords: Readonly<Record<QuoteFlaw, string>> = {
  missing: "without a quote",
  zero: "whose quote has a side of 0",
  crossed: "whose quote is crossed (bid above ask)",
  locked: "whose quote is locked (bid = ask)",
  far: "whose quote is over ten times off the price",
};
const mostFlaws = 0.01;

/** Quotes that no side is taken from, and sides in the file that say the opposite. */
export function aboutQuotes(of: QuoteSummary | undefined): Finding[] {
  if (!of) return [];
  const { rule, trades, flaws, given } = of;
  const known = given.same + given.opposite;
  const without =
    rule === "given" ? "not in what is measured of quotes" : rule === "quote_rule" ? "side not known" : "side by the tick rule";
  return [
    ...quoteFlaws.map((flaw) => ({
      ...{ name: `quotes_${flaw}`, count: flaws[flaw], done: `${without}`, doubtful: flaws[flaw] > mostFlaws * trades },
      what: `${plural(flaws[flaw], "trade")} (${percent(flaws[flaw] / trades)}) ${flawWords[flaw]}`,
    })),
    {
      ...{
        name: "sides_disagree",
        count: rule === "given" ? 0 : given.opposite,
        done: `${rule} is taken, as was asked for`,
        doubtful: false,
      },
      what: `${plural(given.opposite, "trade")} (${percent(given.opposite / known)}) whose side in the file is the opposite of that by ${rule}`,
    },
  ];
}
