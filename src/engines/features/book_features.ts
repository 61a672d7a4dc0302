/** What one instrument's book says, bar by bar: order-flow imbalance of each of its best levels, and how its volume is spread. */
import type { States } from "../states.js";

const nan = Number.NaN;
const real = { dtype: "f64" } as const;
/** Most levels that are looked at. */
export const mostLevels = 20;

export interface BookRows {
  readonly bid: Float64Array;
  readonly bidSize: Float64Array;
  readonly ask: Float64Array;
  readonly askSize: Float64Array;
}

const ofiNames = Array.from({ length: mostLevels }, (_, level) => `levelOfi${level + 1}`);
/** `books`: rows of the book in the bar; `depthImbalance`: of the volume of all levels when the bar ended; `levelOfi1` to that of the last one. */
export const bookColumns = (levels: number): Readonly<Record<string, typeof real>> => ({
  ...(levels > 0 && { books: real, depthImbalance: real }),
  ...Object.fromEntries(ofiNames.slice(0, levels).map((name) => [name, real])),
});

export class BookFeatures {
  /** Rows and flows of the open bar, and of each of the last `window` ended ones. */
  private readonly open: Float64Array;
  private readonly ring: Float64Array;
  /** Bars ended; whether the book is known; whether it ever was. */
  private readonly own: Float64Array;
  /** Bid, its size, ask, its size of each level; where there is none, a price that nothing is worse than, and no size. */
  private readonly last: Float64Array;
  private readonly now: Float64Array;

  constructor(
    private readonly levels: number,
    private readonly window: number,
    states: States,
  ) {
    this.open = states.numbers(1 + levels);
    this.ring = states.numbers(window * (1 + levels));
    this.own = states.numbers(3);
    this.last = states.numbers(4 * levels);
    this.now = new Float64Array(4 * levels);
  }

  get begun(): boolean {
    return this.open[0]! > 0;
  }

  /** A book without any level is one that nobody knows: what it is next is no flow. */
  take({ bid, bidSize, ask, askSize }: BookRows, row: number): void {
    const { levels, open, own, last, now } = this;
    let known = false;
    for (let level = 0; level < levels; level++) {
      const at = row * levels + level;
      const [noBid, noAsk] = [Number.isNaN(bid[at]!), Number.isNaN(ask[at]!)];
      known ||= !noBid || !noAsk;
      now[4 * level] = noBid ? -Infinity : bid[at]!;
      now[4 * level + 1] = noBid ? 0 : bidSize[at]!;
      now[4 * level + 2] = noAsk ? Infinity : ask[at]!;
      now[4 * level + 3] = noAsk ? 0 : askSize[at]!;
    }
    if (known && own[1] === 1) for (let level = 0; level < levels; level++) open[1 + level]! += this.flow(4 * level);
    open[0]!++;
    own[1] = known ? 1 : 0;
    if (known) own[2] = 1;
    last.set(now);
  }

  /** e_n of a level, as order_flow_imbalance has it of the best. Source: Xu, Gould & Howison (2019), Multi-level order-flow imbalance. */
  private flow(at: number): number {
    const { last, now } = this;
    const demand = (now[at]! >= last[at]! ? now[at + 1]! : 0) - (now[at]! <= last[at]! ? last[at + 1]! : 0);
    const supply = (now[at + 2]! <= last[at + 2]! ? now[at + 3]! : 0) - (now[at + 2]! >= last[at + 2]! ? last[at + 3]! : 0);
    return demand - supply;
  }

  /** Ends the open bar. */
  end(): Record<string, number> {
    const { levels, window, open, ring, own } = this;
    const width = 1 + levels;
    ring.set(open, (own[0]! % window) * width);
    const books = open[0]!;
    open.fill(0);
    const full = ++own[0]! >= window && own[2] === 1;
    const row: Record<string, number> = { books, depthImbalance: this.imbalance() };
    for (let level = 0; level < levels; level++) {
      let sum = 0;
      for (let bar = 0; full && bar < window; bar++) sum += ring[bar * width + 1 + level]!;
      row[ofiNames[level]!] = full ? sum : nan;
    }
    return row;
  }

  private imbalance(): number {
    const { levels, last, own } = this;
    if (own[1] === 0) return nan;
    let [bids, asks] = [0, 0];
    for (let level = 0; level < levels; level++) {
      bids += last[4 * level + 1]!;
      asks += last[4 * level + 3]!;
    }
    return bids + asks > 0 ? (bids - asks) / (bids + asks) : nan;
  }
}
