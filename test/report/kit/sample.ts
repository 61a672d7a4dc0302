import { simulate } from "../../../src/market/simulate.js";
import type { SensitivityCell, ToxicityReport } from "../../../src/report/toxicity/toxicity_report.js";

type Columns = ToxicityReport["buckets"];

/** Plain volume buckets of a tape: sizes are split exactly at the border. */
function fill(tape: Iterable<{ time: bigint; price: number; size: number; side: number }>, bucketVolume: number) {
  const rows: { start: bigint; end: bigint; buy: number; sell: number; price: number }[] = [];
  let open: { start: bigint; buy: number; sell: number; room: number } | undefined;
  for (const { time, price, size, side } of tape) {
    for (let left = size; left > 1e-9; ) {
      open ??= { start: time, buy: 0, sell: 0, room: bucketVolume };
      const part = Math.min(left, open.room);
      open[side > 0 ? "buy" : "sell"] += part;
      open.room -= part;
      left -= part;
      if (open.room > 1e-9) continue;
      rows.push({ start: open.start, end: time, buy: open.buy, sell: open.sell, price });
      open = undefined;
    }
  }
  return rows;
}

/** VPIN as in MATH, and the share of earlier values at or below each. */
export function toxicity(tape: Parameters<typeof fill>[0], bucketVolume: number, window: number): Columns {
  const rows = fill(tape, bucketVolume);
  const vpin = Float64Array.from(rows, (_, i) => {
    const last = rows.slice(i + 1 - window, i + 1);
    if (i + 1 < window) return Number.NaN;
    return last.reduce((s, r) => s + Math.abs(r.buy - r.sell), 0) / last.reduce((s, r) => s + r.buy + r.sell, 0);
  });
  return {
    startTime: BigInt64Array.from(rows, (r) => r.start),
    endTime: BigInt64Array.from(rows, (r) => r.end),
    buy: Float64Array.from(rows, (r) => r.buy),
    sell: Float64Array.from(rows, (r) => r.sell),
    lastPrice: Float64Array.from(rows, (r) => r.price),
    vpin,
    cdf: expandingCdf(vpin),
    alarm: alarmsOf(expandingCdf(vpin)),
  };
}

/** Where the cdf reaches 0.99. */
export const alarmsOf = (cdf: Float64Array): Uint8Array => Uint8Array.from(cdf, (value) => (value >= 0.99 ? 1 : 0));

export function expandingCdf(vpin: Float64Array): Float64Array {
  const earlier: number[] = [];
  return vpin.map((value) => {
    if (Number.isNaN(value)) return Number.NaN;
    let [low, high] = [0, earlier.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (earlier[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    const share = earlier.length ? low / earlier.length : Number.NaN;
    earlier.splice(low, 0, value);
    return share;
  });
}

/** A report on a simulated week, with every box and panel filled. */
export function simulatedReport(bucketCount = 2880, days = 5): ToxicityReport {
  const tape = simulate({ seed: 11, days });
  const trades = [...tape.batches()].flatMap((b) =>
    Array.from(b.time, (time, i) => ({ time, price: b.price[i]!, size: b.size[i]!, side: b.side[i]! })),
  );
  const volume = trades.reduce((sum, t) => sum + t.size, 0);
  const bucketVolume = volume / bucketCount;
  const buckets = toxicity(trades, bucketVolume, 50);
  const sensitivity = [0.5, 1, 2].flatMap((times) => [25, 50, 100].map((window) => cell(trades, bucketVolume, times, window)));
  return {
    commandLine: "tickforge replay simulated.csv.gz --report toxicity.html",
    version: "0.1.0",
    files: [
      {
        name: "simulated.csv.gz",
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        format: "tickforge trades, header, time in ns (detected)",
      },
    ],
    options: { bucketVolume, window: 50, threshold: 0.99, classify: "given", backend: "native", onBad: "throw", seed: 11 },
    startTime: trades[0]!.time,
    endTime: trades.at(-1)!.time,
    trades: trades.length,
    volume,
    rejected: { "price is empty": 2, "size is negative": 0 },
    data: {
      duplicates: 0,
      timesGoingBackwards: 0,
      // As long as its text can be: a phone has to hold it.
      largestGaps: [{ startTime: trades[0]!.time, endTime: trades[0]!.time + 44_700_000_000_000n }],
      timeUnit: "ns",
      unknownSideShare: 0,
      tradesOverOneBucket: trades.filter((t) => t.size > bucketVolume).length,
    },
    buckets,
    bucketVolume,
    window: 50,
    threshold: 0.99,
    minHistory: 100,
    sensitivity,
    truth: tape.episodes,
  };
}

function cell(trades: Parameters<typeof fill>[0], bucketVolume: number, times: number, window: number): SensitivityCell {
  const found = toxicity(trades, bucketVolume * times, window);
  const known = found.cdf.filter(Number.isFinite);
  return {
    bucketVolume: bucketVolume * times,
    window,
    buckets: found.cdf.length,
    alarmRate: known.filter((c) => c >= 0.99).length / known.length,
  };
}

const none = () => new Float64Array(0);
export const noBucketsAtAll = (): Columns => ({
  startTime: new BigInt64Array(0),
  endTime: new BigInt64Array(0),
  buy: none(),
  sell: none(),
  lastPrice: none(),
  vpin: none(),
  cdf: none(),
  alarm: new Uint8Array(0),
});

/** The first `rows` buckets. */
export const firstBuckets = (of: Columns, rows: number): Columns =>
  Object.fromEntries(Object.entries(of).map(([name, column]) => [name, column.subarray(0, rows)])) as unknown as Columns;

/** The same buckets on a market that is open from 9:30 to 16:00 in New York, in winter. */
export function inSessions(report: ToxicityReport): ToxicityReport {
  const day = 86_400_000_000_000n;
  const squeezed = (time: bigint) => time - (time % day) + (29n * day) / 48n + ((time % day) * 13n) / 48n;
  const { startTime, endTime } = report.buckets;
  const buckets = { ...report.buckets, startTime: startTime.map(squeezed), endTime: endTime.map(squeezed) };
  const { truth: _, ...rest } = report;
  return { ...rest, zone: "America/New_York", startTime: squeezed(report.startTime), endTime: squeezed(report.endTime), buckets };
}
