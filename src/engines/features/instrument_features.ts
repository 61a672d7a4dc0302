/** What one instrument's trades and quotes say, bar by bar. */
import type { BoundKernel } from "../../core/call/bind.js";
import { microprice } from "../../kernels/flow/liquidity/microprice.js";
import { bipowerVariation } from "../../kernels/flow/variation/bipower_variation.js";
import { realizedVariance } from "../../kernels/flow/variation/realized_variance.js";
import type { States } from "../states.js";

export interface InstrumentFeaturesOptions {
  /** Bars. */
  readonly window: number;
  readonly price: "trade" | "mid";
  /** 0: the smallest spread so far stands for it. */
  readonly tickSize: number;
  readonly backend?: string | undefined;
}

const real = { dtype: "f64" } as const;
export const featureColumns = {
  time: { dtype: "i64" },
  instrument: { dtype: "u32" },
  /** Of the bar. */
  price: real,
  volume: real,
  trades: real,
  quotes: real,
  /** Of the last bars. */
  ofi: real,
  tradeImbalance: real,
  intensity: real,
  buyIntensity: real,
  sellIntensity: real,
  realizedVariance: real,
  bipowerVariation: real,
  /** Of the quote in force when the bar ended. */
  mid: real,
  microprice: real,
  queueImbalance: real,
  spread: real,
  spreadState: real,
} as const;

/** Sums over a bar, in the order of the ring's rows. */
const sums = { trades: 0, buys: 1, sells: 2, volume: 3, signed: 4, quotes: 5, ofi: 6 } as const;
const count = 7;
const nan = Number.NaN;

export class InstrumentFeatures {
  /** The open bar, and the last `window` ended ones. */
  private readonly open: Float64Array;
  private readonly ring: Float64Array;
  /** When each of them began. */
  private readonly starts: BigInt64Array;
  /** Bars ended, price of the last trade (0: none), smallest spread above 0, quotes so far. */
  private readonly own: Float64Array;
  private readonly quoted: {
    readonly bid: Float64Array;
    readonly bidSize: Float64Array;
    readonly ask: Float64Array;
    readonly askSize: Float64Array;
  };
  private readonly micro = new Float64Array(1);
  private readonly last = new Float64Array(1);
  private readonly variances = { realized: new Float64Array(1), bipower: new Float64Array(1) };
  private readonly kernels: { readonly [name in "micro" | "realized" | "bipower"]: BoundKernel };

  constructor(
    private readonly options: InstrumentFeaturesOptions,
    states: States,
  ) {
    const { window, backend } = options;
    this.open = states.numbers(count);
    this.ring = states.numbers(window * count);
    this.starts = states.times(window);
    this.own = states.numbers(4);
    const quote = states.numbers(4);
    const [bid, bidSize, ask, askSize] = [0, 1, 2, 3].map((i) => quote.subarray(i, i + 1)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    this.quoted = { bid, bidSize, ask, askSize };
    const how = backend === undefined ? {} : { backend };
    const { last: price, quoted, variances } = this;
    const state = {
      realized: states.kernel(realizedVariance as never, { window }),
      bipower: states.kernel(bipowerVariation as never, { window }),
    };
    this.kernels = {
      micro: microprice.bind({ in: quoted, out: { price: this.micro } }, {}, how),
      realized: realizedVariance.bind({ in: { price }, out: { variance: variances.realized }, state: state.realized }, { window }, how),
      bipower: bipowerVariation.bind({ in: { price }, out: { variation: variances.bipower }, state: state.bipower }, { window }, how),
    };
  }

  /** Volume of the open bar. */
  get volume(): number {
    return this.open[sums.volume]!;
  }
  /** Whether the open bar has any row. */
  get begun(): boolean {
    return this.open[sums.trades]! > 0 || this.open[sums.quotes]! > 0;
  }

  trade(price: number, size: number, side: number): void {
    const { open } = this;
    open[sums.trades]!++;
    if (side > 0) open[sums.buys]!++;
    else if (side < 0) open[sums.sells]!++;
    open[sums.volume]! += size;
    open[sums.signed]! += side * size;
    this.own[1] = price;
  }

  quote(bid: number, bidSize: number, ask: number, askSize: number): void {
    const { quoted, own, open } = this;
    if (own[3]!++ > 0) open[sums.ofi]! += this.flow(bid, bidSize, ask, askSize); // the first quote changes nothing
    quoted.bid[0] = bid;
    quoted.bidSize[0] = bidSize;
    quoted.ask[0] = ask;
    quoted.askSize[0] = askSize;
    open[sums.quotes]!++;
    const spread = ask - bid;
    if (spread > 0 && (own[2] === 0 || spread < own[2]!)) own[2] = spread;
  }

  /** e_n as order_flow_imbalance has it, to the bit: a call of the kernel for each quote would cost ten times as much as all else. */
  private flow(bid: number, bidSize: number, ask: number, askSize: number): number {
    const { quoted } = this;
    const demand = (bid >= quoted.bid[0]! ? bidSize : 0) - (bid <= quoted.bid[0]! ? quoted.bidSize[0]! : 0);
    const supply = (ask <= quoted.ask[0]! ? askSize : 0) - (ask >= quoted.ask[0]! ? quoted.askSize[0]! : 0);
    return demand - supply;
  }

  /** Ends the open bar, which began at `start`. */
  end(start: bigint, end: bigint) {
    const { own, ring, open, starts } = this;
    const { window } = this.options;
    const at = own[0]! % window;
    const bar = { volume: open[sums.volume]!, trades: open[sums.trades]!, quotes: open[sums.quotes]! };
    ring.set(open, at * count);
    starts[at] = start;
    open.fill(0);
    const full = ++own[0]! >= window;
    const seconds = full ? Number(end - starts[own[0]! % window]!) / 1e9 : nan;
    return { ...bar, ...this.flows(full, seconds), ...this.quotesNow(), ...this.priced() };
  }

  /** Sums anew: what is taken off a running sum never quite leaves it. */
  private flows(full: boolean, seconds: number) {
    const total = new Float64Array(count);
    for (let i = 0; full && i < this.ring.length; i++) total[i % count]! += this.ring[i]!;
    const ratio = (part: number, whole: number) => (full && whole > 0 ? part / whole : nan);
    return {
      ofi: full && this.own[3]! > 0 ? total[sums.ofi]! : nan,
      tradeImbalance: ratio(total[sums.signed]!, total[sums.volume]!),
      intensity: ratio(total[sums.trades]!, seconds),
      buyIntensity: ratio(total[sums.buys]!, seconds),
      sellIntensity: ratio(total[sums.sells]!, seconds),
    };
  }

  private quotesNow() {
    const { own, quoted } = this;
    if (own[3] === 0) return { mid: nan, microprice: nan, queueImbalance: nan, spread: nan, spreadState: nan };
    const [bid, bidSize, ask, askSize] = [quoted.bid[0]!, quoted.bidSize[0]!, quoted.ask[0]!, quoted.askSize[0]!];
    this.kernels.micro();
    const tick = this.options.tickSize || own[2]!;
    const spread = ask - bid;
    return {
      mid: bid + spread / 2,
      microprice: this.micro[0]!,
      queueImbalance: bidSize + askSize > 0 ? (bidSize - askSize) / (bidSize + askSize) : nan,
      spread,
      // `+ 0` makes no spread 0, and never -0.
      spreadState: tick > 0 ? Math.round(spread / tick) + 0 : nan,
    };
  }

  private priced() {
    const { own, quoted, last, kernels, variances } = this;
    const byMid = this.options.price === "mid";
    const price = byMid ? (quoted.bid[0]! + quoted.ask[0]!) / 2 : own[1]!;
    if (!(price > 0)) return { price: nan, realizedVariance: nan, bipowerVariation: nan };
    last[0] = price;
    kernels.realized();
    kernels.bipower();
    return { price, realizedVariance: variances.realized[0]!, bipowerVariation: variances.bipower[0]! };
  }
}
