/** Equity bar by bar, and what is said of it: return, drawdown, volatility, Sharpe ratio. */
import type { States } from "../states.js";

const at = { bars: 0, equity: 1, peak: 2, worst: 3, mean: 4, squares: 5 } as const;

export class TrackRecord {
  private readonly own: Float64Array;

  constructor(
    private readonly capital: number,
    private readonly periodsPerYear: number,
    states: States,
  ) {
    this.own = states.numbers(Object.keys(at).length);
  }

  /** Ends a bar with so much profit since the beginning. */
  next(profit: number) {
    const { own, capital, periodsPerYear } = this;
    const equity = capital + profit;
    const before = own[at.bars] === 0 ? capital : own[at.equity]!;
    // What has lost everything has no returns any more.
    const gain = before > 0 ? equity / before - 1 : Number.NaN;
    const bars = ++own[at.bars]!;
    own[at.equity] = equity;
    own[at.peak] = Math.max(own[at.peak]!, capital, equity);
    const drawdown = 1 - equity / own[at.peak]!;
    own[at.worst] = Math.max(own[at.worst]!, drawdown);
    // Welford's updates: no sum of squares that cancels.
    const off = gain - own[at.mean]!;
    own[at.mean]! += off / bars;
    own[at.squares]! += off * (gain - own[at.mean]!);
    const deviation = bars > 1 ? Math.sqrt(own[at.squares]! / (bars - 1)) : Number.NaN;
    const sharpe = deviation > 0 ? (own[at.mean]! / deviation) * Math.sqrt(periodsPerYear) : Number.NaN;
    const volatility = deviation * Math.sqrt(periodsPerYear);
    return { equity, returns: gain, drawdown, maxDrawdown: own[at.worst]!, volatility, sharpe };
  }
}
