/** What is odd about a tape from its first trade to its last: times, prices, volume, sides. */

import type { OutlierSummary } from "../../engines/outliers.js";
import type { SpikeSummary } from "../../importer/spikes.js";
import { bucketable } from "../../studies/tape/choice.js";
import { amount, count, fixed, percent, plural, seconds, toSecond } from "../kit/format.js";
import { type Finding, type Looked, leftOut, type VpinFigures } from "./finding.js";

const wideSigma = "kept: bars show them, and sigma is too wide for days after, which makes VPIN low";

export function aboutCourse({
  trades,
  course: { gaps, outages, outliers, startTime, endTime },
  tradesOverOneBucket: over = 0,
  shareOverOneBucket: share = 0,
  instruments,
  fit,
  ofBars,
  bought,
  spikes,
  vpin,
  sides,
  volume = 1,
}: Looked): Finding[] {
  const byPrices = fit?.bars !== undefined && !bought;
  const longest = gaps[0];
  const one = fit ? (fit.buckets > 0 ? fit.sides : undefined) : sides;
  const buckets = fit?.buckets ?? trades;
  const hours = longest && Number(longest.endTime - longest.startTime) / 1e9;
  return [
    {
      ...{ name: "no_trades", count: trades === 0 ? 1 : 0, doubtful: false },
      what: "no trade was read",
      done: "nothing can be computed of it",
    },
    {
      ...{ name: "no_bucket_volume", count: trades > 0 && !bucketable(volume) ? trades : 0, doubtful: true },
      what: `the sizes of the trades sum to ${volume}`,
      done: "no bucket can be made of that: look at the column of sizes",
    },
    {
      ...{ name: "outages", count: outages.count, done: "kept: buckets go on behind them", doubtful: true },
      what:
        `${outages.more ? "at least " : ""}${plural(outages.count, "outage")} of more than ${seconds(outages.over)} without a trade, ${seconds(outages.seconds)} in all` +
        (longest ? `, longest ${seconds(hours!)} from ${toSecond(longest.startTime)}` : ""),
    },
    {
      ...{ name: "no_sides", count: one === "balanced" ? buckets : 0, doubtful: true },
      what: "each bucket is half bought and half sold to the last bit: no side is known, nor does a price tell one",
      done: "kept: VPIN is 0 because nothing is known, not because trade is balanced",
    },
    {
      ...{ name: "one_side", count: one === "one" ? buckets : 0, doubtful: true },
      what: "all volume is of one side",
      done: "kept: VPIN is 1 throughout; look whether the column of sides is the aggressor's",
    },
    {
      ...{ name: "one_time", count: trades > 1 && startTime === endTime ? trades : 0, doubtful: true },
      what: "all trades are at one time",
      done: "kept in the order of the file: nothing that is said by time (alarms, hours, bars) means anything",
    },
    aboutSpikes(spikes, vpin, byPrices),
    {
      ...{
        name: "price_outliers",
        count: outliers.count,
        done: byPrices ? wideSigma : "kept: bars and last prices show them",
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

function outlierText({ count: found, first: [first] }: OutlierSummary, instruments: readonly string[]): string {
  const whose = first && instruments.length > 1 ? ` of ${instruments[first.instrument]}` : "";
  const where = first ? `, first ${amount(first.price, 6)}${whose} after ${amount(first.before, 6)} at ${toSecond(first.time)}` : "";
  return `${plural(found, "price outlier")} (over double or under half of the prices around)${where}`;
}
