/** Sides of trades from the quotes beside them, and how good these quotes are. */
import { roundingOf, sideOfMid, tickSign } from "../kernels/flow/parts/trade_sign.js";
import type { TradeViews } from "./gather.js";
import type { TradeBatch } from "./trades.js";

export const quoteRules = ["lee_ready", "emo", "quote_rule"] as const;
export type QuoteRule = (typeof quoteRules)[number];
export const isQuoteRule = (classify: string | undefined): classify is QuoteRule => quoteRules.includes(classify as QuoteRule);

export const quoteFlaws = ["missing", "zero", "crossed", "locked", "far"] as const;
export type QuoteFlaw = (typeof quoteFlaws)[number];

/** A quote so far from the price is not that of the trade. */
const farTimes = 10;

/** Why a quote is none to go by; undefined where it is open and near the price. Holden and Jacobsen (2014) leave out locked and crossed ones too. */
export function flawOf(price: number, bid: number, ask: number): QuoteFlaw | undefined {
  if (bid > 0 && bid < ask && ask <= farTimes * price && price <= farTimes * bid) return undefined;
  if (Number.isNaN(bid) || Number.isNaN(ask)) return "missing";
  if (bid <= 0 || ask <= 0) return "zero";
  return bid > ask ? "crossed" : bid === ask ? "locked" : "far";
}

export interface QuoteSummary {
  /** `given`: sides are those of the file, and quotes are looked at for what is measured of them. */
  rule: QuoteRule | "given";
  trades: number;
  /** Trades without a quote to go by, by why. */
  flaws: Record<QuoteFlaw, number>;
  /** Trades whose side is not known after all. */
  unknown: number;
  unknownVolume: number;
  /** Of the trades whose side the file gives: those where the rule, or lee_ready beside sides as given, says the same, the opposite, or nothing. */
  given: { same: number; opposite: number; nothing: number };
}

/** The tick test of one instrument. */
interface Ticks {
  price: Float64Array;
  sign: Int8Array;
}
const rounding = roundingOf(new Float64Array(0));

/** As the kernels of these names have it; a bid of NaN is no quote. */
function sideOf(rule: QuoteRule, price: number, bid: number, ask: number, tick: number): number {
  if (rule === "emo") return Number.isNaN(bid) ? tick : price === ask ? 1 : price === bid ? -1 : tick;
  const byQuote = sideOfMid(price, bid, ask, rounding);
  return rule === "lee_ready" ? byQuote || tick : byQuote;
}

export class QuoteSides {
  /** By slot: kernels are bound to them. */
  private readonly batches: TradeViews[] = [];
  private readonly ticks: Ticks[] = [];
  private readonly flaws: Record<QuoteFlaw, number> = { missing: 0, zero: 0, crossed: 0, locked: 0, far: 0 };
  private readonly given = { same: 0, opposite: 0, nothing: 0 };
  private trades = 0;
  private unknown = 0;
  private unknownVolume = 0;

  constructor(private readonly rule: QuoteRule | "given") {}

  /** The batch with sides by the rule in the place of those given. */
  take(batch: TradeBatch): TradeBatch {
    const { columns, rows, slot } = batch;
    const into = (this.batches[slot] ??= { ...columns, side: new Int8Array(columns.side.length) });
    const { price, size, side, instrument, bid, ask } = columns as TradeViews;
    for (let i = 0; i < rows; i++) {
      const { price: last, sign } = (this.ticks[instrument[i]!] ??= { price: new Float64Array(1), sign: new Int8Array(1) });
      const tick = tickSign(price[i]!, last, sign);
      const flaw = flawOf(price[i]!, bid![i]!, ask![i]!);
      if (flaw) this.flaws[flaw]++;
      const found = this.rule === "given" ? side[i]! : sideOf(this.rule, price[i]!, flaw ? Number.NaN : bid![i]!, ask![i]!, tick);
      into.side[i] = found;
      const held = this.rule === "given" ? sideOf("lee_ready", price[i]!, flaw ? Number.NaN : bid![i]!, ask![i]!, tick) : found;
      if (found === 0) this.nothing(size[i]!);
      if (side[i] !== 0) this.given[held === 0 ? "nothing" : held === side[i] ? "same" : "opposite"]++;
    }
    this.trades += rows;
    const { from, sequence, timeNs, producer, epoch, lost } = batch;
    return { slot, rows, from, sequence, timeNs, producer, epoch, lost, columns: into, intact: () => batch.intact() };
  }

  private nothing(size: number): void {
    this.unknown++;
    this.unknownVolume += size;
  }

  summary(): QuoteSummary {
    const { rule, trades, flaws, unknown, unknownVolume, given } = this;
    return { rule, trades, flaws, unknown, unknownVolume, given };
  }
}
