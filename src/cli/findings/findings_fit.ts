/** How trades and bars lie in the buckets that they fill, and what of it makes a figure doubtful. */
import type { BarFit } from "../../studies/tape/bars.js";
import type { BucketBlock } from "../../studies/tape/buckets.js";
import { amount, count, percent, plural, seconds } from "../kit/format.js";
import type { Finding, Fit, Looked } from "./finding.js";

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

const fewestTrades = 10;
const hour = 3600;
/** Share of the buckets that may lie within one print or bar. */
const mostInOne = 0.05;

/** Buckets that say little of who traded: they are of one side by their size alone. */
export function aboutFit({
  fit,
  trades,
  ofBars,
  bought,
  barSeconds = 0,
}: Pick<Looked, "fit" | "trades" | "ofBars" | "bought" | "barSeconds">): Finding[] {
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
        count: barSeconds > hour && !bought ? buckets : 0,
        done: "kept: who traded within a bar does not show, and VPIN was made for bars of minutes; read it as one-sidedness of months",
        doubtful: true,
      },
      what: `a bar is ${seconds(barSeconds)} long, and a bucket has ${amount(each, 3)} of them on average`,
    },
    {
      ...{
        name: "bars_of_other_lengths",
        count: bought ? 0 : sum("sooner"),
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
        doubtful: inOne > mostInOne * buckets,
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
