/** What the portfolio holds, and the trades to its target. Without a topic of holdings trades count as done at the prices that they were made at. */
import type { BoundKernel } from "../../core/call/bind.js";
import { rebalance } from "../../kernels/portfolio/mean_variance/rebalance.js";
import type { States } from "../states.js";

export interface AccountOptions {
  readonly assets: number;
  /** Cash to begin with; 0: there is no account. */
  readonly capital: number;
  readonly lot: Float64Array;
  readonly minimumTrade: Float64Array;
  readonly costRate: Float64Array;
  /** Seconds after which a price is too old to trade at; 0: none is. */
  readonly staleSeconds: number;
  /** What is held comes as a topic. */
  readonly told: boolean;
  readonly backend?: string | undefined;
}

const never = Number.MAX_VALUE;
const one = () => new Float64Array(1);

export class TradingAccount {
  /** 0: none yet. */
  readonly price: Float64Array;
  private readonly priced: BigInt64Array;
  readonly held: Float64Array;
  /** What was held before there was a price to pay for it. */
  private readonly owed: Float64Array;
  /** Cash, and 1 once it is there. */
  private readonly own: Float64Array;
  private readonly staged;
  private readonly out;
  private run: BoundKernel | undefined;

  constructor(
    private readonly options: AccountOptions,
    states: States,
  ) {
    const n = options.assets;
    this.price = states.numbers(n);
    this.priced = states.times(n);
    this.held = states.numbers(n);
    this.owed = states.numbers(n);
    this.own = states.numbers(2);
    const each = () => new Float64Array(n);
    this.staged = { held: each(), target: each(), cash: one(), price: each(), minimumTrade: each() };
    this.out = {
      ...{ trade: each(), position: each(), weights: each(), cash: one(), cost: one() },
      ...{ worth: one(), turnover: one(), deviation: one(), bought: one() },
    };
  }

  /** Once the state is in place: a fresh account has its capital. */
  open(): void {
    if (this.own[1] === 0) this.own.set([this.options.capital, 1]);
  }

  /** NaN where there is no account. */
  get cash(): number {
    return this.options.capital > 0 ? this.own[0]! : Number.NaN;
  }
  /** Of cash and of what is held and has a price. */
  get worth(): number {
    return this.held.reduce((sum, units, i) => sum + units * this.price[i]!, this.cash);
  }

  setPrice(asset: number, price: number, time: bigint): void {
    this.price[asset] = price;
    this.priced[asset] = time;
    this.own[0]! -= this.owed[asset]! * price;
    this.owed[asset] = 0;
  }

  /** What is held changes, paid at the last price. */
  hold(asset: number, quantity: number): void {
    const bought = quantity - this.held[asset]!;
    this.held[asset] = quantity;
    if (this.price[asset]! > 0) this.own[0]! -= bought * this.price[asset]!;
    else this.owed[asset]! += bought;
  }

  /** Weights at present prices, into `into`; false where there is no account, or it is worth nothing. */
  weights(into: Float64Array): boolean {
    const { worth, held, price } = this;
    if (!(worth > 0)) return false;
    for (let i = 0; i < into.length; i++) into[i] = (held[i]! * price[i]!) / worth;
    return true;
  }

  private stale(asset: number, now: bigint): boolean {
    const { staleSeconds } = this.options;
    return staleSeconds > 0 && Number(now - this.priced[asset]!) > staleSeconds * 1e9;
  }

  /**
   * Trades towards `target`, into `trade`: none of an asset without a price or with a stale one, no purchase of those in `frozen`. Undefined where
   * there is no account or it is worth nothing.
   */
  trades(target: Float64Array, frozen: Float64Array, now: bigint, trade: Float64Array) {
    const { options, staged, out, price, held } = this;
    const worth = this.worth;
    trade.fill(0);
    if (!(worth > 0)) return undefined;
    // The kernel takes no debt: what positions are worth beyond it is shared out, and what is left pays it back.
    const debt = Math.max(0, -this.cash);
    const unpriced: number[] = [];
    for (let i = 0; i < target.length; i++) {
      const known = price[i]! > 0;
      const old = known && this.stale(i, now);
      if ((!known || old) && (target[i] !== 0 || held[i] !== 0)) unpriced.push(i);
      const weight = (held[i]! * price[i]!) / worth;
      const wanted = frozen[i] === 1 && target[i]! > weight ? Math.max(0, weight) : target[i]!;
      staged.price[i] = known ? price[i]! : 1;
      staged.held[i] = known ? held[i]! : 0;
      staged.target[i] = (known ? wanted : 0) * (worth / (worth + debt));
      staged.minimumTrade[i] = known && !old ? options.minimumTrade[i]! : never;
    }
    staged.cash[0] = Math.max(0, this.cash);
    (this.run ??= rebalance.bind(
      { in: { ...staged, lot: options.lot, costRate: options.costRate }, out },
      { assets: target.length },
      options.backend === undefined ? {} : { backend: options.backend },
    ))();
    trade.set(out.trade);
    const cost = out.cost[0]!;
    if (!options.told) {
      for (let i = 0; i < trade.length; i++) held[i]! += trade[i]!;
      this.own[0] = out.cash[0]! - debt;
    }
    return { unpriced, cost, cash: out.cash[0]! - debt, worth: worth - cost };
  }
}
