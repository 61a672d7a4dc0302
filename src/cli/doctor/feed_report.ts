/** What a ledger says, for people and for programs. */
import type { SymbolLedger } from "../../feeds/audit/ledger.js";
import type { Sequence } from "../../feeds/audit/sequence.js";
import type { Refused } from "../../feeds/kit/tally.js";
import { columns, count, none, percent, plural } from "../kit/format.js";

export interface Read {
  /** Of what: a venue's messages, or a recorded topic. */
  readonly venue: string | undefined;
  readonly said: string;
  readonly frames: number;
  readonly refused: ReadonlyMap<string, Refused>;
  readonly notices: ReadonlyMap<string, { readonly count: number; readonly example: string }>;
  readonly ledgers: readonly SymbolLedger[];
  readonly symbols: readonly string[];
  /** Whether every line has its time of receipt. */
  readonly stamped: boolean;
  /** What else is to be told: of connections, of symbols that were not heard. */
  readonly remarks?: readonly string[];
}

const shownHoles = 5;

const sequenceOf = ({ first, last, count: seen, gaps, missing, duplicates, late, holes }: Sequence) => ({
  ...{ first: first?.toString() ?? null, last: last?.toString() ?? null, seen, gaps, missing: Number(missing), duplicates, late },
  holes: holes.slice(0, shownHoles).map(({ from, to }) => [from.toString(), to.toString()]),
});
const seen = (of: Sequence) => of.last !== undefined;

function symbolOf(symbol: string, of: SymbolLedger, stamped: boolean) {
  const ms = (ns: number) => (stamped && Number.isFinite(ns) ? ns / 1e6 : null);
  const { verdict, by, share, votes, confidence, after } = of.audit.verdict();
  return {
    symbol,
    ...{ trades: of.trades, quotes: of.quotes, bookChanges: of.changes },
    tradeIds: seen(of.single) ? sequenceOf(of.single) : null,
    aggregateIds: seen(of.aggregate) ? sequenceOf(of.aggregate) : null,
    updates: seen(of.updates) ? sequenceOf(of.updates) : null,
    time: { backwards: of.backwards, mostBackwardsMs: of.mostBackwards / 1e6, without: of.untimed, yearsOff: of.clock },
    skewMs: { least: ms(of.skew.min), median: ms(of.skew.quantile(0.5)), p99: ms(of.skew.quantile(0.99)), most: ms(of.skew.max) },
    sides: {
      verdict,
      by,
      share: Number.isFinite(share) ? share : null,
      votes,
      confidence: Number.isFinite(confidence) ? confidence : null,
      after: after ?? null,
    },
  };
}
type Symbol = ReturnType<typeof symbolOf>;

export function feedReport(
  file: string,
  { venue, said, frames, refused: without, notices: heard, ledgers, symbols, stamped, remarks = [] }: Read,
) {
  const of = symbols
    .map((symbol, i) => symbolOf(symbol, ledgers[i]!, stamped))
    .filter(({ trades, quotes, bookChanges, tradeIds }) => trades + quotes + bookChanges > 0 || tradeIds !== null);
  const refused = [...without].map(([why, { count: times, example }]) => ({ why, count: times, example }));
  const notices = [...heard].map(([what, { count: times, example }]) => ({ what, count: times, example }));
  const json = { file, venue: venue ?? null, frames, refused, notices, remarks, symbols: of };
  const inverted = of.some(({ sides }) => sides.verdict === "inverted");
  const text = [
    `${file}: ${said}, ${plural(of.length, "symbol")}`,
    ...refused.map(({ why, count: times, example }) => `without rows: ${plural(times, "message")}, ${why}: ${example}`),
    columns([heads, ...of.map(cells)], [1, 2, 3, 4, 5, 6, 7, 8]),
    ...of.flatMap(findings),
    ...remarks,
    ...(stamped ? [] : ["lines without a time of receipt: clocks cannot be compared"]),
  ];
  return { json, inverted, text: `${text.join("\n")}\n` };
}

const heads = ["symbol", "trades", "missing", "double", "late", "quotes", "book changes", "missing", "skew ms", "sides"];
const ms = (value: number | null): string => (value === null ? none : value.toFixed(1));

function cells({ symbol, trades, quotes, bookChanges, tradeIds, aggregateIds, updates, skewMs, sides }: Symbol): string[] {
  const ids = tradeIds ?? aggregateIds;
  const known = (value: number | undefined) => (value === undefined ? none : count(value));
  return [
    ...[symbol, count(trades), known(ids?.missing), known(ids?.duplicates), known(ids?.late), count(quotes), count(bookChanges)],
    ...[known(updates?.missing), ms(skewMs.median)],
    sides.votes === 0 ? none : `${percent(sides.share!)} ${sides.by === "quotes" ? "as quotes say" : "as ticks say"}`,
  ];
}

function findings({ symbol, tradeIds, aggregateIds, updates, time, sides }: Symbol): string[] {
  const holes = (what: string, of: typeof tradeIds) =>
    of && of.gaps > 0
      ? [
          `${symbol}: ${plural(of.missing, what)} missing in ${plural(of.gaps, "gap")}: ${of.holes.map(([from, to]) => (from === to ? from : `${from} to ${to}`)).join(", ")}${of.gaps > of.holes.length ? ", ..." : ""}`,
        ]
      : [];
  const sure = () =>
    `${sides.votes} trades that ${sides.by} tell, ${percent(sides.share!)} agree, clear after ${plural(sides.after!, "trade")}; confidence ${certainty(sides.confidence!)}`;
  return [
    ...holes("trade", tradeIds),
    ...holes("trade", aggregateIds),
    ...holes("update", updates),
    ...(time.backwards > 0
      ? [
          `${symbol}: ${plural(time.backwards, "trade")} with a time before that of an earlier one, by ${ms(time.mostBackwardsMs)} ms at most`,
        ]
      : []),
    ...(time.yearsOff > 0 ? [`${symbol}: ${plural(time.yearsOff, "row")} with a time that is years off: that of receipt was taken`] : []),
    ...(sides.verdict === "inverted" ? [`${symbol}: SIDES ARE INVERTED: buys are flagged as sells. ${sure()}`] : []),
    ...(sides.verdict === "right" ? [`${symbol}: sides are those of the aggressors: ${sure()}`] : []),
  ];
}
const certainty = (confidence: number): string => (confidence > 1 - 1e-12 ? "over 1 - 1e-12" : confidence.toFixed(6));
