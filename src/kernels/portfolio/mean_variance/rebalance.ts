import { kernel } from "../../../core/call/kernel.js";
import { spread } from "../../parts/sample.js";

/** Lots that are whole but for rounding are whole. */
const dust = 1e-9;

interface Account {
  held: ArrayLike<number>;
  target: ArrayLike<number>;
  price: ArrayLike<number>;
  lot: ArrayLike<number> | undefined;
  minimum: ArrayLike<number> | undefined;
  rate: ArrayLike<number> | undefined;
  cash: number;
  reserve: number;
}

/** What the account is worth once the trades to its targets are paid for: costs and what they leave are found together. */
function worthAfterCosts({ held, target, price, rate, cash }: Account): number {
  let equity = cash;
  for (let i = 0; i < price.length; i++) equity += held[i]! * price[i]!;
  let net = equity;
  for (let round = 0; round < 100; round++) {
    let cost = 0;
    for (let i = 0; i < price.length; i++) cost += (rate?.[i] ?? 0) * Math.abs(target[i]! * net - held[i]! * price[i]!);
    const next = equity - cost;
    if (Math.abs(next - net) <= 1e-15 * Math.abs(equity)) break;
    net = next;
  }
  return net;
}

/** Units traded with purchases at `share` of what is wanted, and the whole lots of these. */
function tradesAt(share: number, want: Float64Array, { held, price, lot, minimum }: Account) {
  const lots = new Float64Array(want.length);
  const trades = want.map((units, i) => {
    const step = lot?.[i] ?? 1;
    if (step === 0) lots[i] = units > 0 ? units * share : units;
    else if (units > 0) lots[i] = Math.floor((units * share) / step + dust);
    else {
      const nearest = -Math.floor(-units / step + 0.5);
      const crosses = held[i]! + nearest * step < -dust * step && held[i]! + units >= -dust * step;
      lots[i] = crosses ? nearest + 1 : nearest;
    }
    const trade = step === 0 ? lots[i]! : lots[i]! * step;
    return Math.abs(trade) * price[i]! < (minimum?.[i] ?? 0) ? 0 : trade;
  });
  return { lots, trades };
}

function paid(trades: Float64Array, { price, rate, cash }: Account): { cash: number; cost: number } {
  let [left, cost] = [cash, 0];
  for (let i = 0; i < trades.length; i++) {
    const money = trades[i]! * price[i]!;
    const own = (rate?.[i] ?? 0) * Math.abs(money);
    left -= money + own;
    cost += own;
  }
  return { cash: left, cost };
}

/** Trades that bring an account to its target weights, in whole lots and with the cash there is. */
function rebalanced(of: Account): { trades: Float64Array; share: number } {
  const { held, target, price, lot, minimum, rate, reserve } = of;
  const net = worthAfterCosts(of);
  if (!(net > 0)) return { trades: new Float64Array(price.length), share: Number.NaN };
  const want = Float64Array.from({ length: price.length }, (_, i) => (target[i]! * net) / price[i]! - held[i]!);
  let share = 1;
  if (!(paid(tradesAt(1, want, of).trades, of).cash >= reserve)) {
    let above = 1;
    share = 0;
    for (let halving = 0; halving < 60; halving++) {
      const middle = 0.5 * (share + above);
      if (paid(tradesAt(middle, want, of).trades, of).cash >= reserve) share = middle;
      else above = middle;
    }
  }
  const { lots, trades } = tradesAt(share, want, of);
  let targetCash = net;
  for (let i = 0; i < price.length; i++) targetCash -= target[i]! * net;
  const rest = want.map((units, i) => ((lot?.[i] ?? 1) > 0 && units > 0 ? units / (lot?.[i] ?? 1) - lots[i]! : 0));
  const order = Array.from(rest.keys())
    .filter((i) => rest[i]! > dust)
    .sort((a, b) => rest[b]! - rest[a]! || a - b);
  let { cash } = paid(trades, of);
  for (const i of order) {
    const more = (lots[i]! + 1) * (lot?.[i] ?? 1);
    const money = (more - trades[i]!) * price[i]!;
    const left = cash - money - (rate?.[i] ?? 0) * money;
    if (left < reserve || more * price[i]! < (minimum?.[i] ?? 0)) continue;
    const nearer = (Math.abs(trades[i]! - want[i]!) - Math.abs(more - want[i]!)) * price[i]!;
    if (Math.abs(left - targetCash) - Math.abs(cash - targetCash) > nearer) continue;
    trades[i] = more;
    cash = left;
  }
  // Added up anew, sums may round to the other side of the reserve: the lot that came last goes.
  for (let k = order.length - 1; k >= 0 && paid(trades, of).cash < reserve; k--) {
    const i = order[k]!;
    const less = lots[i]! * (lot?.[i] ?? 1);
    trades[i] = less * price[i]! < (minimum?.[i] ?? 0) ? 0 : less;
  }
  return { trades, share };
}

const money = (doc: string) => ({ dtype: "f64", shape: ["portfolio"], unit: "currency", doc }) as const;
const each = (unit: string, doc: string) => ({ dtype: "f64", shape: ["portfolio", "assets"], unit, doc }) as const;
const close = { f64: { relative: 1e-12, floor: 1 }, f32: { relative: 1e-12, floor: 1 } } as const;

/** Trades from what accounts hold to target weights: lots, least trades, costs, and cash that is never negative. */
export const rebalance = kernel({
  name: "rebalance",
  rows: "portfolio",
  doc:
    "Trades that bring accounts from what they hold to target weights at given prices. Targets are shares of what an account is worth once " +
    "the trades are paid for; what they leave of 1 stays cash. Sales are rounded to the nearest lot, and not through 0 where no short " +
    "position is wanted; purchases are rounded down, then lots are added by largest remainder while that brings holdings and cash together " +
    "nearer to the target. Trades below their minimum are left out. Where cash would not do, all purchases are cut by the same share. Cash " +
    "is never below 0, nor below the reserve where trades can help it; cash before is cash after, money traded and costs, to rounding.",
  source:
    "Balinski & Young (1982), Fair Representation, chapter 2: largest remainders; costs as in Perold (1988), J. Portfolio Management 14(3): on money traded",
  inputs: {
    held: { ...each("units", "units of each asset that each account holds, short ones negative. NaN is refused"), check: {} },
    target: { ...each("share of worth", "target weights; their sum may be below 1: the rest is cash. NaN is refused"), check: {} },
    cash: { ...money("cash of each account, >= 0"), check: { min: 0 } },
    price: { dtype: "f64", shape: ["assets"], check: { above: 0 }, unit: "currency per unit", doc: "price of a unit of each asset, > 0" },
    lot: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: { min: 0 },
      unit: "units",
      doc: "trades are multiples of this; 0: any fraction; 1 where left out",
    },
    minimumTrade: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: { min: 0 },
      unit: "currency",
      doc: "trades of less money than this are left out; 0 where left out",
    },
    costRate: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: { min: 0, max: 0.5 },
      unit: "share of money traded",
      doc: "cost of trading each asset, paid in cash; 0 where left out",
    },
  },
  params: {
    assets: { type: "i32", min: 1, max: 1_000_000, unit: "assets", doc: "columns of held and target" },
    reserve: { type: "f64", min: 0, default: 0, unit: "currency", doc: "cash that purchases leave untouched, for each account" },
  },
  outputs: {
    trade: each("units", "to buy, or, below 0, to sell"),
    position: each("units", "held and trade"),
    weights: each("share of worth", "of the position; NaN where the account is worth nothing"),
    cash: money("cash after the trades"),
    cost: money("paid for trading"),
    worth: money("cash and positions after the trades: that before, less cost"),
    turnover: { ...money("money traded over the worth before; NaN where that is 0"), unit: "1" },
    deviation: { ...money("half the sum over assets and cash of |share - target share|: what is not where it should be"), unit: "1" },
    bought: {
      ...money(
        "purchases as a share of those wanted that cash allowed, before rounding: 1 where it did not bind; NaN where worth is not above 0: no trades",
      ),
      unit: "1",
    },
  },
  workspace: true,
  compare: {
    trade: close,
    position: close,
    weights: close,
    cash: { f64: { relative: 1e-9, floor: 1 }, f32: { relative: 1e-9, floor: 1 } },
    cost: close,
    worth: close,
    turnover: close,
    deviation: { f64: { relative: 1e-9, floor: 1e-3 }, f32: { relative: 1e-9, floor: 1e-3 } },
    bought: close,
  },
  cost: ({ portfolio = 0 }, { assets }) => ({ flops: 60 * portfolio * assets, bytes: 8 * portfolio * assets * 5 }),
  reference({ in: { held, target, cash, price, lot, minimumTrade, costRate }, params: { assets, reserve }, out }) {
    for (let p = 0; p < cash.length; p++) {
      const row = (of: Float64Array) => of.subarray(p * assets, (p + 1) * assets);
      const [own, wanted] = [row(held), row(target)];
      const account = { held: own, target: wanted, price, lot, minimum: minimumTrade, rate: costRate, cash: cash[p]!, reserve };
      const { trades, share } = rebalanced(account);
      const left = paid(trades, account);
      let [before, worth, traded, off, shares] = [cash[p]!, left.cash, 0, 0, 1];
      for (let i = 0; i < assets; i++) {
        before += own[i]! * price[i]!;
        worth += (own[i]! + trades[i]!) * price[i]!;
        traded += Math.abs(trades[i]!) * price[i]!;
      }
      for (let i = 0; i < assets; i++) {
        const position = own[i]! + trades[i]!;
        const weight = worth === 0 ? Number.NaN : (position * price[i]!) / worth;
        out.trade[p * assets + i] = trades[i]!;
        out.position[p * assets + i] = position;
        out.weights[p * assets + i] = weight;
        off += Math.abs(weight - wanted[i]!);
        shares -= wanted[i]!;
      }
      out.cash[p] = left.cash;
      out.cost[p] = left.cost;
      out.worth[p] = worth;
      out.turnover[p] = before === 0 ? Number.NaN : traded / before;
      out.deviation[p] = worth === 0 ? Number.NaN : 0.5 * (off + Math.abs(left.cash / worth - shares));
      out.bought[p] = share;
    }
  },
  sample({ portfolio = 0 }, random, { assets }) {
    const price = Float64Array.from({ length: assets }, () => 5 + 20 * random() + 0.05 * spread(random));
    return {
      held: Float64Array.from({ length: portfolio * assets }, (_, at) =>
        at % 5 === 3 ? -20 * random() : Math.floor(random() * 300) + (at % 7 ? 0 : 0.5),
      ),
      target: Float64Array.from({ length: portfolio * assets }, (_, at) =>
        at % 9 === 4 ? 0 : at % 13 === 5 ? -0.2 / assets : (1.9 * random()) / assets,
      ),
      cash: Float64Array.from({ length: portfolio }, (_, p) => (p % 4 === 2 ? 0 : 2_000 * random())),
      price,
      lot: Float64Array.from({ length: assets }, (_, i) => [1, 10, 0, 0.01][i % 4]!),
      minimumTrade: Float64Array.from({ length: assets }, (_, i) => (i % 3 ? 100 * random() : 0)),
      costRate: Float64Array.from({ length: assets }, (_, i) => (i % 6 ? 0.001 * random() : 0)),
    };
  },
  golden: [
    {
      source:
        "hand calculation. Worth 1,000: 33.3 and 22.2 units wanted; 33 and 22 cost 990, 10 are left, which buy the unit at 10 with the larger " +
        "remainder, 0.33 against 0.22",
      inputs: { held: [0, 0], target: [1 / 3, 2 / 3], cash: [1000], price: [10, 30] },
      options: { assets: 2 },
      outputs: { trade: [34, 22], cash: [0], cost: [0], worth: [1000], turnover: [1], weights: [0.34, 0.66], bought: [1] },
      relative: 1e-12,
    },
    {
      source:
        "hand calculation: all of one asset, 1 % of the money as cost: worth 1,000 is 100 / 1.01 of 10 each; without fractions 99, paid 990 + 9.9",
      inputs: { held: [0, 0], target: [1, 0], cash: [1000], price: [10, 7], costRate: [0.01, 0.01] },
      options: { assets: 2 },
      outputs: { trade: [99, 0], cash: [0.1], cost: [9.9], worth: [990.1], turnover: [0.99] },
      relative: 1e-12,
    },
    {
      source:
        "hand calculation: 12.5 units of lots of 5 are to go: 15 would leave -2.5, so 10 go; the purchase of 40 for 3.2 is below its minimum of 150",
      inputs: { held: [12.5, 0], target: [0, 0.4], cash: [0], price: [8, 12.5], lot: [5, 1], minimumTrade: [0, 150] },
      options: { assets: 2 },
      outputs: { trade: [-10, 0], position: [2.5, 0], cash: [80], worth: [100], deviation: [0.4] },
      relative: 1e-12,
    },
    {
      source:
        "hand calculation: nothing may be sold, the sale is below its minimum, so that of 50 units wanted 20 can be paid: 2 / 5 of them",
      inputs: {
        held: [50, 0],
        target: [0.2857142857142857, 0.7142857142857143],
        cash: [20],
        price: [1, 1],
        lot: [1, 1],
        minimumTrade: [100, 0],
      },
      options: { assets: 2 },
      outputs: { trade: [0, 20], cash: [0], worth: [70] },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { portfolio: 0 } },
    { dims: { portfolio: 1 }, options: { assets: 1 } },
    { dims: { portfolio: 4 }, options: { assets: 7 }, without: ["lot", "minimumTrade", "costRate"] },
    { dims: { portfolio: 9 }, options: { assets: 53, reserve: 300 } },
    { dims: { portfolio: 3 }, options: { assets: 400 }, without: ["minimumTrade"] },
  ],
  bench: [{ dims: { portfolio: 100 }, options: { assets: 500 }, label: "500 assets" }],
  example: { assets: 4 },
});
