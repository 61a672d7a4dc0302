/** One portfolio on its way: its account, the weights it was given, and what went otherwise than asked. */
import type { OutlierReturn, PaidOut, Trouble, Turn, WalkedPortfolio } from "../../analysis/walk_forward.js";
import { KernelError, TickforgeError } from "../../core/contract/errors.js";
import { Account } from "./account.js";
import type { Estimate } from "./estimate.js";
import type { Market } from "./market.js";
import type { Objective, Weighed } from "./objectives.js";
import { outliersOf } from "./outliers.js";
import type { RiskModel } from "./risk_models.js";
import { impossibleBound, optionError, type Settings } from "./walk_options.js";

export class WalkedAccount {
  private readonly account: Account;
  private readonly values = [1];
  private readonly turns: Turn[] = [];
  private readonly troubles: Trouble[] = [];
  private readonly paidOut: PaidOut[] = [];
  private readonly outliers: OutlierReturn[] = [];
  /** Shares of the value that were held on dates of decision, by their places. */
  private readonly seen = new Map<number, Float64Array>();
  /** Weights of the last decision, of all assets. */
  private decided: Float64Array | undefined;
  private begun = false;
  private last = 0;

  constructor(
    private readonly objective: Objective,
    private readonly role: WalkedPortfolio["role"],
    private readonly market: Market,
    private readonly settings: Settings,
  ) {
    this.account = new Account(market.assets.length);
  }

  /** A date goes by: assets that have left are paid out at what they were last worth, the others return what they did. */
  drift(date: number, leaving: readonly { asset: number; last: number }[]): void {
    const { account, market, settings } = this;
    this.last = date;
    for (const { asset, last } of leaving) {
      const share = account.held[asset]! / account.value;
      if (share === 0) continue;
      this.paidOut.push({ asset, last, at: date, share });
      account.payOut(asset, settings.delistingReturn);
    }
    const width = market.assets.length;
    this.outliers.push(...outliersOf(market, date, account.held, account.value, settings.window));
    account.drift(market.returns.subarray(date * width, (date + 1) * width));
    if (!(account.value > 0)) this.ruined(date);
  }

  /** What is held on a date of decision, as it is known then. */
  see(date: number): void {
    const { held, value } = this.account;
    this.seen.set(
      date,
      held.map((money) => money / value),
    );
  }

  /** Short positions can lose more than there is. */
  private ruined(date: number): never {
    const { assets, time, returns } = this.market;
    const { held } = this.account;
    const lost = (a: number) => (held[a]! / (1 + returns[date * assets.length + a]!)) * -returns[date * assets.length + a]!;
    const worst = Array.from(held.keys()).reduce((most, a) => (held[a] !== 0 && !(lost(a) <= lost(most)) ? a : most), 0);
    const day = new Date(Number(time[date]! / 1_000_000n)).toISOString().slice(0, 10);
    const times = Number((1 + returns[date * assets.length + worst]!).toPrecision(4));
    throw new TickforgeError(
      "E_RUINED",
      `${this.objective.name} is worth nothing on ${day}: long and short it lost more than it had, most of it by ${assets[worst]} (price times ${times})`,
      { hint: "look at that price, or allow fewer short positions" },
    );
  }

  rebalance(date: number, estimate: Estimate, risk: RiskModel): void {
    const weighed = this.weigh(estimate, risk);
    this.seen.delete(estimate.date);
    if (weighed === undefined) return;
    const { market, account, settings } = this;
    const width = market.assets.length;
    this.decided = new Float64Array(width);
    weighed.forEach((w, i) => void (this.decided![estimate.assets[i]!] = w));
    const tradable = (a: number) => market.priced[date * width + a] === 1;
    const weights = weighed.map((w, i) => (tradable(estimate.assets[i]!) ? w : 0));
    const reached = weights.reduce((a, b) => a + b, 0);
    // The delay may end on a date without a price of anything wanted: then there is nothing to trade.
    if (!(reached > 0)) return void this.told(estimate.date, "no asset with a weight has a price on the date of trade", "what was held");
    const all = new Float64Array(width);
    // Beside short positions what cannot be bought stays cash: what is left need not sum to much.
    const whole = settings.limits.short > 0 ? 1 : reached;
    weights.forEach((w, i) => {
      weights[i] = w / whole;
      all[estimate.assets[i]!] = w / whole;
    });
    const traded = account.trade(all, tradable, settings.costs);
    const covariance = risk.times(weights);
    const variance = weights.reduce((sum, w, i) => sum + w * covariance[i]!, 0);
    const riskShares = weights.map((w, i) => (w * covariance[i]!) / variance);
    this.turns.push({
      ...{ decided: estimate.date, traded: date, assets: estimate.assets, weights, riskShares, forecast: Math.sqrt(variance) },
      ...traded,
    });
  }

  /** Undefined: what is held stays. */
  private weigh(estimate: Estimate, risk: RiskModel): Float64Array | undefined {
    const { trouble, weights } = this.answer(estimate, risk);
    if (!trouble) return weights;
    if (trouble.usable) {
      this.told(estimate.date, trouble.what, "its weights all the same");
      return weights;
    }
    const held = this.turns.length > 0;
    this.told(estimate.date, trouble.what, held ? "what was held, drifting" : "equal weight");
    const count = estimate.assets.length;
    return held ? undefined : new Float64Array(count).fill(1 / count);
  }

  /** Bounds that the assets of the first date cannot meet are a wrong option; those of a later one are told of that date, as what a kernel refuses. */
  private answer(estimate: Estimate, risk: RiskModel): Weighed {
    const { objective, settings, decided } = this;
    const { returns, assets, date } = estimate;
    const seen = this.seen.get(date);
    const of = (all: Float64Array | undefined) => Float64Array.from(assets, (a) => all?.[a] ?? 0);
    // The first purchase sells nothing: a limit of what is traded would leave it nowhere.
    const limits = this.turns.length > 0 ? settings.limits : { ...settings.limits, turnover: undefined };
    const none = (what: string): Weighed => ({ weights: new Float64Array(0), trouble: { what, usable: false } });
    const [lower, upper] = settings.bounds;
    const impossible = objective.bounded ? impossibleBound(assets.length, settings.bounds) : undefined;
    if (impossible && this.turns.length === 0) throw optionError(...impossible);
    if (impossible) return none(`infeasible: ${assets.length} assets, and ${impossible[0]} is ${impossible[1]}, expected ${impossible[2]}`);
    try {
      return objective.weigh({
        ...{ risk, returns, lower, upper, riskAversion: settings.riskAversion, limits },
        ...{ held: of(seen), start: decided && of(decided) },
        expected: () => settings.expectedReturns.of(estimate, risk, settings),
        riskFree: settings.riskFreeRate / settings.periodsPerYear,
      });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return none(`refused: ${error.message}`);
    }
  }

  private told(decided: number, what: string, held: string): void {
    this.troubles.push({ decided, what, held });
  }

  /** The value of the date is kept; that of the first is the one before the first purchase. */
  close(): void {
    if (this.begun) this.values.push(this.account.value);
    this.begun = true;
  }

  /** Throws where the accounts are off by more than rounding. */
  walked(): Omit<WalkedPortfolio, "measures" | "drawdowns" | "withoutOutliers"> & { costs: number } {
    const { account, market, last } = this;
    const { gains, difference } = account.settle();
    const value = Float64Array.from(this.values);
    const width = market.assets.length;
    const unpriced = account.held.reduce((sum, money, a) => sum + (market.priced[last * width + a] ? 0 : money), 0);
    return {
      ...{ name: this.objective.name, role: this.role, value, returns: value.subarray(1).map((v, i) => v / value[i]! - 1) },
      ...{ turns: this.turns, troubles: this.troubles, paidOut: this.paidOut, outliers: this.outliers, costs: account.costs },
      ledger: {
        ...{ start: 1, gains, delistings: account.delistings, costs: account.costs, end: account.value, cash: account.cash },
        ...{ unpriced, difference },
      },
    };
  }
}
