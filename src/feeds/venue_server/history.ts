/** What really happened on the venue: what its REST answers, and what a test holds a client against. */
import type { Said, SaidLevel, SaidTrade } from "./said.js";

/** Trades of a symbol that REST can still give: so many at least. */
const usualKept = 20_000;

export class Levels {
  /** Price and size as texts; by the number that the price is. */
  private readonly levels = new Map<number, SaidLevel>();
  /** The best first; undefined where it is to be made anew. */
  private prices: number[] | undefined = [];
  constructor(private readonly sign: 1 | -1) {}
  take(changes: readonly SaidLevel[]): void {
    for (const level of changes) {
      const price = Number(level[0]);
      const gone = Number(level[1]) === 0;
      if (gone === this.levels.has(price)) this.prices = undefined;
      if (gone) this.levels.delete(price);
      else this.levels.set(price, level);
    }
  }
  clear(): void {
    this.levels.clear();
    this.prices = [];
  }
  /** Those of the places from `from` up to `to`, the best first. */
  best(to: number, from = 0): SaidLevel[] {
    const { levels, sign } = this;
    this.prices ??= [...levels.keys()].sort((a, b) => sign * (a - b));
    return this.prices.slice(from, to).map((price) => levels.get(price)!);
  }
}

/** Trades in order of their ids. */
export class Trades {
  first = NaN;
  last = NaN;
  private trades: SaidTrade[] = [];
  constructor(private readonly kept: number) {}

  take(given: SaidTrade): void {
    const trade = Number.isNaN(given.id) ? { ...given, id: (this.last || 0) + 1 } : given;
    if (trade.id <= this.last) return;
    if (Number.isNaN(this.first)) this.first = trade.id;
    this.last = trade.id;
    this.trades.push(trade);
    if (this.trades.length >= 2 * this.kept) this.trades = this.trades.slice(-this.kept);
  }
  /** At most `limit` trades from this id on, oldest first. */
  from(id: number, limit: number): SaidTrade[] {
    const from = this.place(id);
    return this.trades.slice(from, from + limit);
  }
  /** The last ones before this id, oldest first. */
  before(id: number, limit: number): SaidTrade[] {
    const to = this.place(id);
    return this.trades.slice(Math.max(0, to - limit), to);
  }
  private place(id: number): number {
    let [low, high] = [0, this.trades.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.trades[middle]!.id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Of one symbol. */
export class Past {
  readonly trades: Trades;
  /** Those of Binance's aggTrade, which have ids of their own. */
  readonly aggregates: Trades;
  readonly bids = new Levels(-1);
  readonly asks = new Levels(1);
  /** Of the last change of the book. */
  lastUpdate = 0;

  constructor(kept: number) {
    this.trades = new Trades(kept);
    this.aggregates = new Trades(kept);
  }
  take({ trades = [], depth }: Said): void {
    for (const trade of trades) (trade.aggregated ? this.aggregates : this.trades).take(trade);
    // What a recorded answer of REST holds already may have been said after it was asked for.
    if (!depth || (!depth.whole && depth.last <= this.lastUpdate)) return;
    if (depth.whole) {
      this.bids.clear();
      this.asks.clear();
    }
    this.bids.take(depth.bids);
    this.asks.take(depth.asks);
    if (!Number.isNaN(depth.last)) this.lastUpdate = depth.last;
  }
}

export class History {
  private readonly pasts = new Map<string, Past>();
  constructor(private readonly kept = usualKept) {}

  take(said: Said): void {
    this.of(said.symbol).take(said);
  }
  /** Empty where nothing was said of the symbol. */
  of(symbol: string): Past {
    let past = this.pasts.get(symbol);
    if (!past) this.pasts.set(symbol, (past = new Past(this.kept)));
    return past;
  }
  has(symbol: string): boolean {
    return this.pasts.has(symbol);
  }
  symbols(): readonly string[] {
    return [...this.pasts.keys()];
  }
}
