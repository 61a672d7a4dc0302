/** How files of quotes went with the trades: one line of the screen, and what is odd about them. */
import { basename } from "node:path";
import type { QuoteSummary } from "../../engines/quote_sides.js";
import type { QuoteFacts } from "../../files/quotes/join_quotes.js";
import { count, percent, plural, seconds } from "../kit/format.js";
import type { Finding } from "./finding.js";

const most = { stale: 0.01, sameMs: 0.2 };
/** Sides that agree so often are told by the right quotes. */
const good = 0.95;
const listed = 5;

const agreement = (of: QuoteSummary | undefined): number | undefined =>
  of && of.given.same + of.given.opposite > 0 ? of.given.same / (of.given.same + of.given.opposite) : undefined;

const ruleOf = (of: QuoteSummary | undefined): string => (of === undefined || of.rule === "given" ? "lee_ready" : of.rule);

const lagText = (ns: bigint): string => (ns < 1_000_000_000n ? `${Number(ns) / 1e6} ms` : seconds(Number(ns) / 1e9));

/** "quotes: 45,134 of log.gz (...)". */
export function quotesLine(facts: QuoteFacts, sides: QuoteSummary | undefined): string {
  const { files, lagNs, trades, before, after, sameMs } = facts;
  const list = files.map(({ file, quotes, format }) => `${count(quotes)} of ${basename(file)} (${format})`);
  const agrees = agreement(sides);
  const said = [
    `the last at or before each trade${lagNs > 0n ? `, counted ${lagText(lagNs)} later` : ""}`,
    ...(sides?.rule === "given" && agrees !== undefined ? [`lee_ready gives ${percent(agrees)} of the sides in the file`] : []),
    `${percent(trades ? sameMs / trades : 0)} of trades have one of the millisecond before them`,
    ...(before > 0 ? [`${plural(before, "trade")} before the first`] : []),
    ...(after > 0 ? [`${plural(after, "trade")} after the last`] : []),
  ];
  return `quotes: ${list.join("\n        ")}\n        ${said.join("; ")}`;
}

export function aboutJoin(facts: QuoteFacts | undefined, sides: QuoteSummary | undefined): Finding[] {
  if (!facts) return [];
  const { files, lagNs, trades, sameMs, stale, unquoted } = facts;
  const agrees = agreement(sides);
  const refused = files.reduce((all, file) => all + file.refused, 0);
  const more = unquoted.length > listed ? ` and ${unquoted.length - listed} more` : "";
  return [
    {
      ...{ name: "quote_rows_refused", count: refused, done: "left out: the quote before goes on", doubtful: true },
      what: `${plural(refused, "row")} of the files of quotes cannot be read`,
    },
    {
      ...{ name: "quotes_unnamed", count: unquoted.length, done: "kept without quotes", doubtful: true },
      what: `${plural(unquoted.length, "instrument")} without a quote in the files: ${unquoted.slice(0, listed).join(", ")}${more}`,
    },
    {
      ...{ name: "quotes_stale", count: stale.trades, done: "kept: such a quote is taken", doubtful: stale.trades > most.stale * trades },
      what: `${plural(stale.trades, "trade")} (${percent(stale.trades / trades)}) whose quote is older than ${seconds(Number(stale.overNs) / 1e9)}, the oldest ${seconds(Number(stale.oldestNs) / 1e9)}`,
    },
    {
      name: "quotes_same_ms",
      count: lagNs === 0n ? sameMs : 0,
      what: `${plural(sameMs, "trade")} (${percent(sameMs / trades)}) whose quote came within the millisecond before`,
      done: "kept: such a quote may be the one that the trade left behind; --quote-lag 20ms takes one that was there before",
      doubtful: sameMs > most.sameMs * trades && agrees === undefined,
    },
    {
      name: "quotes_disagree",
      count: agrees !== undefined && agrees < good ? sides!.given.opposite : 0,
      what: `${percent(agrees ?? 0)} of the sides in the file are those by ${ruleOf(sides)} with these quotes, and ${percent(sameMs / trades)} of the quotes came within the millisecond before their trade`,
      done:
        lagNs === 0n
          ? "kept: feeds often tell the new quote before the trade that made it; --quote-lag 20ms takes one that was there before"
          : "kept: try another --quote-lag, and look whether these are the quotes of the trades' venue",
      doubtful: true,
    },
  ];
}
