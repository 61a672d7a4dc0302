/** What is odd about the data, and what was done about each: said in the same words by the screen, --json, validate and the report. */
import type { QuoteFacts } from "../data/join_quotes.js";
import type { Remark } from "../data/remarks.js";
import type { BarFit } from "../engines/bars.js";
import type { BucketBlock } from "../engines/buckets.js";
import type { OutlierSummary } from "../engines/outliers.js";
import { type QuoteFlaw, type QuoteSummary, quoteFlaws } from "../engines/quote-sides.js";
import type { SpikeSummary } from "../engines/spikes.js";
import type { CourseSummary } from "../engines/trades.js";
import { amount, count, fixed, percent, plural, seconds, toSecond } from "./format.js";
import { aboutJoin } from "./quote-findings.js";

export interface Finding {
  /** Stable, for programs. */
  name: string;
  count: number;
  /** "3 price outliers, first ..." */
  what: string;
  done: string;
  /** Worth a line on the screen. */
  doubtful: boolean;
}

/** How trades and bars lie in the buckets that they filled. */
export interface Fit {
  buckets: number;
  /** Those that begin and end within one print, or within one bar where sides come from bars. */
  inOne: number;
  /** Where sides come from bars. */
  bars: readonly BarFit[] | undefined;
  /** Of all buckets, to the last bit. */
  sides: "balanced" | "one" | undefined;
}

export function fitOf({ instrument, endIndex, buy, sell }: BucketBlock, bars: readonly BarFit[] | undefined): Fit {
  const last = new Map<number, number>();
  let inOne = 0;
  endIndex.forEach((end, i) => {
    if (last.get(instrument[i]!) === end) inOne++;
    last.set(instrument[i]!, end);
  });
  const balanced = buy.every((volume, i) => volume === sell[i]);
  const one = buy.every((volume) => volume === 0) || sell.every((volume) => volume === 0);
  return { buckets: endIndex.length, inOne, bars, sides: balanced ? "balanced" : one ? "one" : undefined };
}

export interface Looked {
  /** Of the files' columns. */
  remarks?: readonly Remark[];
  trades: number;
  /** Rows left out, by reason. */
  rejected: Readonly<Record<string, number>>;
  repeats?: number | undefined;
  /** Trades with the time, price, size and side of an earlier one; where that was looked at. */
  alike?: number | undefined;
  zeroSizes?: number | undefined;
  unknownSides?: number | undefined;
  /** The files have no side at all: one line says so elsewhere. */
  sideless: boolean;
  outsideSession?: number | undefined;
  /** Where sides come from quotes. */
  quotes?: QuoteSummary | undefined;
  /** Where quotes come from files of their own. */
  quoteFacts?: QuoteFacts | undefined;
  course: CourseSummary;
  /** Prices far off for a moment; and the VPIN that the tape has as it was read, and otherwise. */
  spikes?: SpikeSummary | undefined;
  vpin?: { read: VpinFigures; otherwise: VpinFigures } | undefined;
  tradesOverOneBucket?: number | undefined;
  /** Rows are bars of the file, not trades. */
  ofBars?: boolean;
  /** How long those are. */
  barSeconds?: number | undefined;
  /** Of the finished buckets. */
  fit?: Fit | undefined;
  /** Share of the volume in them. */
  shareOverOneBucket?: number | undefined;
  instruments: readonly string[];
}

export interface VpinFigures {
  last: number;
  mean: number;
}

const leftOut = "left out";
const reasons: Readonly<Record<string, string>> = {
  columns: "with more or fewer columns than the others",
  quote: "with a quote that does not end",
  empty: "with an empty field",
  number: "with a value that is no number",
  number_range: "with a number too large",
  price: "with a price that is not above 0",
  size: "with a negative size",
  time: "with a time that is none",
  time_range: "with a time outside of 1970 to 2262",
  side: "with a side that is not known",
  symbol: "with a symbol too long",
  symbols_full: "with more symbols than the table holds",
  line_long: "longer than can be read",
  time_backwards: "with a time before that of a row above",
};

export function findings(of: Looked): Finding[] {
  const rows = Object.entries(of.rejected).map(([reason, rows]) => ({
    ...{ name: reason, count: rows, done: leftOut, doubtful: false },
    what: `${plural(rows, "row")} ${reasons[reason] ?? reason}`,
  }));
  const columns = (of.remarks ?? []).map(({ column: _, ...remark }) => ({ ...remark, count: 1 }));
  return [
    ...columns,
    ...rows,
    ...aboutRows(of),
    ...aboutQuotes(of.quotes),
    ...aboutJoin(of.quoteFacts, of.quotes),
    ...aboutCourse(of),
    ...aboutFit(of),
  ].filter(({ count }) => count > 0);
}

function aboutRows({ trades, repeats = 0, alike = 0, zeroSizes = 0, unknownSides = 0, sideless, outsideSession = 0 }: Looked): Finding[] {
  const share = (rows: number) => percent(rows / trades);
  return [
    {
      ...{ name: "repeated_rows", count: repeats, done: "kept: equal rows may be trades of their own", doubtful: repeats > 0.001 * trades },
      what: `${plural(repeats, "row")} (${share(repeats)}) repeat the row before to the byte`,
    },
    {
      ...{ name: "alike_trades", count: alike, done: "kept: fills of one order look like this", doubtful: false },
      what: `${plural(alike, "trade")} (${share(alike)}) with the time, price, size and side of an earlier one`,
    },
    {
      ...{ name: "zero_sizes", count: zeroSizes, done: "kept: they fill no bucket", doubtful: false },
      what: `${plural(zeroSizes, "trade")} of size 0`,
    },
    {
      ...{ name: "unknown_sides", count: sideless ? 0 : unknownSides, done: "kept: half of each counts as bought", doubtful: false },
      what: `${plural(unknownSides, "trade")} (${share(unknownSides)}) whose side is not known`,
    },
    {
      ...{ name: "outside_session", count: outsideSession, done: leftOut, doubtful: false },
      what: `${plural(outsideSession, "trade")} outside of the trading hours`,
    },
  ];
}

const flawWords: Readonly<Record<QuoteFlaw, string>> = {
  missing: "without a quote",
  zero: "whose quote has a side of 0",
  crossed: "whose quote is crossed (bid above ask)",
  locked: "whose quote is locked (bid = ask)",
  far: "whose quote is over ten times off the price",
};
const most = { oneMove: 0.05, quoteFlaws: 0.01 };

/** Quotes that no side is taken from, and sides in the file that say the opposite. */
function aboutQuotes(of: QuoteSummary | undefined): Finding[] {
  if (!of) return [];
  const { rule, trades, flaws, given } = of;
  const known = given.same + given.opposite;
  const without =
    rule === "given" ? "not in what is measured of quotes" : rule === "quote_rule" ? "side not known" : "side by the tick rule";
  return [
    ...quoteFlaws.map((flaw) => ({
      ...{ name: `quotes_${flaw}`, count: flaws[flaw], done: `${without}`, doubtful: flaws[flaw] > most.quoteFlaws * trades },
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

const wideSigma = "kept: bars show them, and sigma is too wide for days after, which makes VPIN low";

function aboutCourse({
  trades,
  course: { gaps, outages, outliers, startTime, endTime },
  tradesOverOneBucket: over = 0,
  shareOverOneBucket: share = 0,
  instruments,
  fit,
  ofBars,
  spikes,
  vpin,
}: Looked): Finding[] {
  const longest = gaps[0];
  const one = fit && fit.buckets > 0 ? fit.sides : undefined;
  const hours = longest && Number(longest.endTime - longest.startTime) / 1e9;
  return [
    {
      ...{ name: "outages", count: outages.count, done: "kept: buckets go on behind them", doubtful: true },
      what:
        `${outages.more ? "at least " : ""}${plural(outages.count, "outage")} of more than ${seconds(outages.over)} without a trade, ${seconds(outages.seconds)} in all` +
        (longest ? `, longest ${seconds(hours!)} from ${toSecond(longest.startTime)}` : ""),
    },
    {
      ...{ name: "no_sides", count: one === "balanced" ? fit!.buckets : 0, doubtful: true },
      what: "each bucket is half bought and half sold to the last bit: no side is known, nor does a price tell one",
      done: "kept: VPIN is 0 because nothing is known, not because trade is balanced",
    },
    {
      ...{ name: "one_side", count: one === "one" ? fit!.buckets : 0, doubtful: true },
      what: "all volume is of one side",
      done: "kept: VPIN is 1 throughout; look whether the column of sides is the aggressor's",
    },
    {
      ...{ name: "one_time", count: trades > 1 && startTime === endTime ? trades : 0, doubtful: true },
      what: "all trades are at one time",
      done: "kept in the order of the file: nothing that is said by time (alarms, hours, bars) means anything",
    },
    aboutSpikes(spikes, vpin, fit?.bars !== undefined),
    {
      ...{
        name: "price_outliers",
        count: outliers.count,
        done: fit?.bars ? wideSigma : "kept: bars and last prices show them",
        doubtful: true,
      },
      what: outlierText(outliers, instruments),
    },
    {
      ...{ name: "price_leaps", count: outliers.leaps, done: "kept", doubtful: true },
      what: `the price halved or doubled at once and stayed ${plural(outliers.leaps, "time")}${outliers.firstLeap === undefined ? "" : `, first at ${toSecond(outliers.firstLeap)}`}`,
    },
    {
      ...{
        name: "trades_over_one_bucket",
        count: ofBars ? 0 : over, // of bars that is told with how they lie in the buckets
        done: "kept: each fills whole buckets with one side",
        doubtful: over > 0.02 * trades || share > 0.05,
      },
      what: `${count(over)} of ${plural(trades, "trade")} ${over === 1 ? "is" : "are"} larger than a bucket, ${percent(share)} of the volume`,
    },
  ];
}

function aboutSpikes(spikes: SpikeSummary | undefined, vpin: Looked["vpin"], byBars: boolean): Finding {
  const { count: found = 0, largest: far, dropped = true } = spikes ?? {};
  const where = far ? `, the farthest ${amount(far.price, 6)} after ${amount(far.before, 6)} at ${toSecond(far.time)}` : "";
  const two = ({ last, mean }: VpinFigures) => `${fixed(last)} at the end and ${fixed(mean)} on average`;
  const [way, flag] = dropped ? ["with them", "keep"] : ["without them", "drop"];
  const effect = vpin
    ? `; ${way} (--outliers ${flag}) VPIN is ${two(vpin.otherwise)}, not ${two(vpin.read)}`
    : `; --outliers ${flag} takes the tape ${way}`;
  return {
    ...{ name: "price_spikes", count: found, doubtful: true },
    what: `${plural(found, "trade")} more than three times off from those before and behind${where}`,
    done: `${dropped ? leftOut : byBars ? wideSigma : "kept"}${effect}`,
  };
}

const fewestTrades = 10;
const hour = 3600;

/** Buckets that say little of who traded: they are of one side by their size alone. */
export function aboutFit({ fit, trades, ofBars, barSeconds = 0 }: Pick<Looked, "fit" | "trades" | "ofBars" | "barSeconds">): Finding[] {
  if (!fit || fit.buckets === 0) return [];
  const { buckets, inOne, bars } = fit;
  const sum = (of: keyof BarFit) => bars?.reduce((all, one) => all + one[of], 0) ?? 0;
  const largest = bars?.reduce((all, one) => Math.max(all, one.largest), 0) ?? 0;
  const each = trades / buckets;
  const what = bars ? "bar" : "print";
  return [
    {
      ...{
        name: "slow_bars",
        count: barSeconds > hour ? buckets : 0,
        done: "kept: who traded within a bar does not show, and VPIN was made for bars of minutes; read it as one-sidedness of months",
        doubtful: true,
      },
      what: `a bar is ${seconds(barSeconds)} long, and a bucket has ${amount(each, 3)} of them on average`,
    },
    {
      ...{
        name: "bars_of_other_lengths",
        count: sum("sooner"),
        done: `kept: sigma takes all bars for equally long; read files of one length`,
        doubtful: true,
      },
      what: `${count(sum("sooner"))} of ${plural(sum("bars"), "bar")} ${sum("sooner") === 1 ? "comes" : "come"} sooner than ${seconds(barSeconds)} after the bar before`,
    },
    {
      ...{
        name: "buckets_in_one",
        count: inOne,
        done: `kept: all of such a bucket is of one side`,
        doubtful: inOne > most.oneMove * buckets,
      },
      what: `${count(inOne)} of ${plural(buckets, "bucket")} (${percent(inOne / buckets)}) begin and end within one ${what}`,
    },
    {
      ...{
        name: "few_trades_a_bucket",
        count: each < fewestTrades ? buckets : 0,
        done: "kept: chance alone makes VPIN high",
        doubtful: true,
      },
      what: `a bucket has ${amount(each, 2)} ${ofBars ? "bars" : "trades"} on average, fewer than ${fewestTrades}`,
    },
    {
      ...{
        name: "bars_over_one_bucket",
        count: sum("over"),
        done: `kept: buckets within one bar are of one mixture of sides; ${ofBars ? "" : "shorter --bars or "}a larger --bucket-volume`,
        doubtful: true,
      },
      what: `${count(sum("over"))} of ${plural(sum("bars"), "bar")} ${sum("over") === 1 ? "is" : "are"} larger than a bucket, the largest ${amount(largest, 3)} times`,
    },
  ];
}

const fitWords: Readonly<Record<string, (bars: boolean) => string>> = {
  buckets_in_one: (bars) => (bars ? "buckets in one bar" : "buckets in one print"),
  few_trades_a_bucket: () => "few trades",
  bars_over_one_bucket: () => "bars > bucket",
  slow_bars: () => "bars of hours or days",
  bars_of_other_lengths: () => "bars of several lengths",
};

/** In a cell of a table. */
export const fitCell = (fit: readonly Finding[], bars: boolean): string =>
  fit.map(({ name }) => fitWords[name]!(bars)).join(", ") || "good";

function outlierText({ count: found, first: [first] }: OutlierSummary, instruments: readonly string[]): string {
  const whose = first && instruments.length > 1 ? ` of ${instruments[first.instrument]}` : "";
  const where = first ? `, first ${amount(first.price, 6)}${whose} after ${amount(first.before, 6)} at ${toSecond(first.time)}` : "";
  return `${plural(found, "price outlier")} (over double or under half of the prices around)${where}`;
}

/** As they stand in --json. */
export const findingsJson = (of: readonly Finding[]) => of.map(({ name, count: rows, what, done }) => ({ name, count: rows, what, done }));
