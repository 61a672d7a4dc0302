import type { Interval } from "../analysis/toxicity.js";
import type { Batch, Topic, Views } from "../bus/bus.js";
import { topic } from "../bus/frame.js";
import { messages } from "../bus/routing/message_types.js";
import { needObject } from "../core/contract/arguments.js";
import { firstAtOrAfter, type Sessions } from "../market/sessions.js";
import type { TradeColumns } from "../market/trade_columns.js";
import { boughtColumn, quoteColumns } from "../market/trade_columns.js";
import { type OutlierSummary, Outliers } from "./outliers.js";

export type QuotedTradeColumns = TradeColumns & typeof quoteColumns;
export type TradeBatch = Batch<TradeColumns>;

export const rowsPerSlot = messages.trades.rows;

/** Topic of trades; with `quotes`, of the best quote beside each too; with `bought`, of bars and what buyers took of them. */
export const tradesTopic = <const Quoted extends boolean = false>(
  options: {
    name?: string | undefined;
    rows?: number | undefined;
    slots?: number | undefined;
    quotes?: Quoted | undefined;
    bought?: boolean | undefined;
  } = {},
): Topic<Quoted extends true ? QuotedTradeColumns : TradeColumns> => {
  needObject("tradesTopic: options", options);
  const { name = "trades", rows = rowsPerSlot, slots = messages.trades.slots, quotes, bought } = options;
  const columns = { ...messages.trades.columns, ...(quotes && quoteColumns), ...(bought && boughtColumn) };
  return topic({ name, columns, rows, slots, backpressure: "block" }) as Topic<Quoted extends true ? QuotedTradeColumns : TradeColumns>;
};

export interface VolumeSummary {
  trades: number;
  /** Volume of each instrument, by id. */
  volumes: number[];
  /** Trades of each instrument, by id. */
  counts: number[];
  unknownSideVolume: number;
  /** Trades of size 0, and of unknown side; they are kept. */
  zeroSizes: number;
  unknownSides: number;
}

/** Rows looked at together. */
const stretch = 64;

/** How much was traded: what must be known before the first bucket where no bucket volume is given. */
export class Volumes {
  private trades = 0;
  private readonly volumes: number[] = [];
  private readonly errors: number[] = [];
  private readonly counts: number[] = [];
  private unknown = 0;
  private unknownSides = 0;
  private zeroSizes = 0;

  /** Sums of stretches are added up with compensation: a plain sum of a million sizes of 0.7 is off in the ninth digit, and buckets hang on it. */
  take({ size, side, instrument }: Views<TradeColumns>, rows: number): void {
    this.trades += rows;
    for (let from = 0; from < rows; ) {
      const id = instrument[from]!;
      const end = Math.min(rows, from + stretch);
      let sum = 0;
      let i = from;
      for (; i < end && instrument[i] === id; i++) {
        sum += size[i]!;
        if (size[i] === 0) this.zeroSizes++;
        if (side[i] !== 0) continue;
        this.unknown += size[i]!;
        this.unknownSides++;
      }
      this.add(id, sum, i - from);
      from = i;
    }
  }

  private add(id: number, sum: number, trades: number): void {
    const { volumes, errors, counts } = this;
    while (volumes.length <= id) {
      volumes.push(0);
      errors.push(0);
      counts.push(0);
    }
    const term = sum - errors[id]!;
    const next = volumes[id]! + term;
    errors[id] = next - volumes[id]! - term;
    volumes[id] = next;
    counts[id]! += trades;
  }

  summary(): VolumeSummary {
    const { trades, volumes, counts, unknown: unknownSideVolume, zeroSizes, unknownSides } = this;
    return { trades, volumes: [...volumes], counts: [...counts], unknownSideVolume, zeroSizes, unknownSides };
  }
}

export interface CourseSummary {
  /** Of the first and last trade; 0 where there are none. */
  startTime: bigint;
  endTime: bigint;
  /** Longest first. */
  gaps: Interval[];
  outages: OutageSummary;
  outliers: OutlierSummary;
}

/** Times without a trade that are long for this tape; those in which the exchange is closed are none. */
export interface OutageSummary {
  /** Longer than this, in seconds: five hundred times the mean time between trades. */
  over: number;
  /** At most as many as are remembered; `more`: there may be others. */
  count: number;
  more: boolean;
  seconds: number;
}

const listedGaps = 5;
const dayNs = 86_400_000_000_000;
/** Of days since 1970, which was begun on a Thursday. */
const isSaturday = (day: number): boolean => day % 7 === 2;
const dayOf = (time: bigint): number => Math.floor(Number(time) / dayNs);
/** Weekends with a holiday on either side are shorter. */
const longestWeekend = 5 * dayNs;
const mostGaps = 64;
const outageMeans = 500;

interface Gap {
  ns: number;
  startTime: bigint;
  endTime: bigint;
}

function isWeekend({ ns, startTime, endTime }: Gap): boolean {
  if (ns < dayNs || ns > longestWeekend) return false;
  const first = Math.ceil(Number(startTime) / dayNs);
  for (let day = first; (day + 1) * dayNs <= Number(endTime); day++) if (isSaturday(day)) return true;
  return false;
}

/** How a tape went: from when to when, with which gaps and prices that cannot be. */
export class Course {
  private begun = false;
  private startTime = 0n;
  private endTime = 0n;
  private trades = 0;
  private readonly outliers = new Outliers();
  /** Time in which the exchange was closed, ns. */
  private closed = 0;
  private readonly gaps: Gap[] = [];
  /** Those with a whole Saturday in them: none of the market's, if it has no trade on any Saturday. */
  private readonly weekends: Gap[] = [];
  private onSaturdays = false;
  /** Ns that a gap must exceed to be among the longest. */
  private least = 0;
  private of: BigInt64Array | undefined;
  /** Its times in halves: a BigInt for every trade would cost more than the kernel. */
  private words: Int32Array = new Int32Array(0);

  constructor(private readonly sessions?: Sessions) {}

  take(columns: Views<TradeColumns>, rows: number): void {
    if (rows === 0) return;
    const { time } = columns;
    if (this.begun) this.gap(this.endTime, time[0]!);
    else this.startTime = time[0]!;
    this.begun = true;
    this.longest(time, rows);
    this.saturdays(time, rows);
    this.outliers.take(columns, rows);
    this.trades += rows;
    this.endTime = time[rows - 1]!;
  }

  /** Times never fall: a stretch no longer than the gaps known already holds none that is longer, and is stepped over. */
  private longest(time: BigInt64Array, rows: number): void {
    if (time !== this.of) this.words = new Int32Array(time.buffer, time.byteOffset, 2 * time.length);
    this.of = time;
    const { words } = this;
    for (let from = 0; from + 1 < rows; from += stretch) {
      const last = Math.min(rows - 1, from + stretch);
      if (between(words, from, last) <= this.least) continue;
      for (let i = from + 1; i <= last; i++) if (between(words, i - 1, i) > this.least) this.gap(time[i - 1]!, time[i]!);
    }
  }

  private gap(startTime: bigint, endTime: bigint): void {
    const ns = Number(endTime - startTime);
    if (ns <= this.least) return;
    if (this.sessions && this.sessions.at(startTime).endTime <= endTime) {
      this.closed += ns;
      return;
    }
    const gap = { ns, startTime, endTime };
    if (!this.sessions && isWeekend(gap)) this.weekends.push(gap);
    else this.keep(gap);
  }

  private keep(gap: Gap): void {
    const place = this.gaps.findIndex(({ ns }) => ns < gap.ns);
    this.gaps.splice(place < 0 ? this.gaps.length : place, 0, gap);
    if (this.gaps.length > mostGaps) this.gaps.pop();
    if (this.gaps.length === mostGaps) this.least = this.gaps[mostGaps - 1]!.ns;
  }

  /** Batches are shorter than a day, or a few days long where trades are few. */
  private saturdays(time: BigInt64Array, rows: number): void {
    if (this.onSaturdays) return;
    const [first, last] = [dayOf(time[0]!), dayOf(time[rows - 1]!)];
    for (let day = first; day <= last && !this.onSaturdays; day++) {
      if (!isSaturday(day)) continue;
      const row = firstAtOrAfter(time, BigInt(day) * BigInt(dayNs), 0, rows);
      this.onSaturdays = row < rows && dayOf(time[row]!) === day;
    }
  }

  /** Weekends are outages where trades come on others. */
  private settle(): void {
    for (const gap of this.weekends.splice(0)) {
      if (this.onSaturdays) this.keep(gap);
      else this.closed += gap.ns;
    }
  }

  summary(): CourseSummary {
    const { startTime, endTime } = this;
    this.settle();
    const gaps = this.gaps.slice(0, listedGaps).map((gap) => ({ startTime: gap.startTime, endTime: gap.endTime }));
    return { startTime, endTime, gaps, outages: this.outages(), outliers: this.outliers.summary() };
  }

  private outages(): OutageSummary {
    const over = (outageMeans * (Number(this.endTime - this.startTime) - this.closed)) / Math.max(1, this.trades - 1);
    const long = this.gaps.filter(({ ns }) => ns > over);
    const seconds = long.reduce((sum, { ns }) => sum + ns / 1e9, 0);
    return { over: over / 1e9, count: long.length, more: long.length === mostGaps, seconds };
  }
}

/** Ns from row i to row k. */
const between = (words: Int32Array, i: number, k: number): number =>
  (words[2 * k + 1]! - words[2 * i + 1]!) * 4_294_967_296 + ((words[2 * k]! >>> 0) - (words[2 * i]! >>> 0));
