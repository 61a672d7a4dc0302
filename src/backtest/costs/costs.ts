/** What trading costs and what a venue lets through: one object a run, asked in the order of time. */
import { needArray } from "../../core/contract/arguments.js";
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import type { Side } from "../strategy/strategy.js";
import { Borrow, type BorrowOptions } from "./borrow.js";
import type { FeeTable } from "./fee_tables.js";
import { Fees, feeTableOf } from "./fees.js";
import { Funding, type FundingOptions } from "./funding.js";
import { checkImpact, type ImpactOptions, impactOf } from "./impact.js";
import { OrderRate, type RateLimit } from "./order_rate.js";
import { type Meeting, meetingOf, type RestingOrder, type SelfTrade, selfTrades } from "./self_trade.js";

export interface CostOptions {
  /** A table by name, one of your own, or two rates; none: nothing is charged. */
  readonly fees?: string | FeeTable | { readonly maker: number; readonly taker: number };
  /** Traded in the thirty days before the first fill, in the table's currency: it decides the first tier. Default 0. */
  readonly volumeBefore?: number;
  readonly funding?: FundingOptions;
  readonly borrow?: BorrowOptions;
  /** All have to hold. */
  readonly orderRate?: readonly RateLimit[];
  /** Default `allow`. */
  readonly selfTrade?: SelfTrade;
  /** By instrument; without one an order costs what the recorded book says. */
  readonly impact?: ImpactOptions | readonly (ImpactOptions | undefined)[];
}

export interface CostFill {
  /** ns UTC at the venue; never falling from one fill to the next. */
  readonly time: bigint;
  readonly instrument: number;
  readonly price: number;
  /** In units, above 0. */
  readonly size: number;
  readonly maker: boolean;
}

/** An order that took, after its last fill of that moment. */
export interface Taken {
  readonly instrument: number;
  /** Filled of it, in units. */
  readonly size: number;
  /** What stood at the best price when it arrived; 0 where nobody knows. */
  readonly there: number;
  /** Mid when it arrived. */
  readonly mid: number;
  /** What its fills cost beside the mid already, in currency: the sum of side * (price - mid) * size. */
  readonly paid: number;
}

/** What is held is paid for: money, below 0 where it is paid. */
export interface Carried {
  readonly funding: number;
  readonly borrow: number;
}

/**
 * Asked by a run: `admit` when a request is sent, `meet` when it is at the venue, `fee` at every fill, `impact` once an order that took, `carry` whenever the
 * position of an instrument changed, at every time that `nextCarry` names, and at the end. The same questions give the same answers.
 */
export interface Costs {
  /** What the figures rest on, in sentences. */
  readonly remarks: readonly string[];
  /** Of what asks for an order, new or replaced: cancels are never turned away. Counts it against the venue's rate; why it is turned away, in words, or nothing. Times never fall. */
  admit(now: bigint): string | undefined;
  readonly selfTrade: SelfTrade;
  /** What a new order and own resting ones of the other side, the first to be met first, make of each other. */
  meet(order: RestingOrder & { readonly side: Side }, resting: readonly RestingOrder[]): Meeting;
  /** In currency; below 0 a rebate. Counts the fill for the tiers of those after it. */
  fee(fill: CostFill): number;
  /** In currency, 0 or above: what an order costs beside its fills, where it was larger than what was there. */
  impact(order: Taken): number;
  /** The first time after this one at which something is paid for what is held; undefined: none. */
  nextCarry(instrument: number, after: bigint): bigint | undefined;
  /** For a position held from `from` (excluded) to `to` (included), in units, at the mark price of `to`. */
  carry(instrument: number, position: number, mark: number, from: bigint, to: bigint): Carried;
}

/** Costs of one run: throws where an option is wrong. */
export function costsOf(options: CostOptions = {}): Costs {
  const table = feeTableOf(options.fees);
  const fees = new Fees(table, options.volumeBefore);
  const funding = options.funding && new Funding(options.funding);
  const borrow = options.borrow && new Borrow(options.borrow);
  const { orderRate = [] } = options;
  needArray("costs.orderRate", orderRate);
  const rates = orderRate.map((limit) => new OrderRate(limit));
  const impacts = options.impact;
  for (const impact of isList(impacts) ? impacts : [impacts]) if (impact !== undefined) checkImpact(impact);
  const impactFor = (instrument: number) => (isList(impacts) ? impacts[instrument] : impacts);
  const { selfTrade = "allow" } = options;
  if (!selfTrades.includes(selfTrade)) {
    const near = didYouMean(String(selfTrade), selfTrades);
    throw new TickforgeError("E_OPTION_RANGE", `selfTrade is ${said(selfTrade)}${near ? `: did you mean "${near}"?` : ""}`, {
      option: "selfTrade",
      value: selfTrade,
      hint: `It is one of ${selfTrades.join(", ")}.`,
    });
  }
  return {
    selfTrade,
    remarks: [...fees.remarks, ...(funding?.remarks ?? []), ...(borrow?.remarks ?? [])],
    admit(now) {
      const full = rates.find((rate) => !rate.roomAt(now));
      if (full) return full.says;
      for (const rate of rates) rate.count(now);
      return undefined;
    },
    meet: (order, resting) => meetingOf(selfTrade, order, resting),
    fee: (fill) => fees.of(fill),
    impact(order) {
      const of = impactFor(order.instrument);
      return of ? impactOf(of, order) : 0;
    },
    nextCarry: (instrument, after) => funding?.next(instrument, after),
    carry: (instrument, position, mark, from, to) => ({
      funding: funding?.paid(instrument, position, mark, from, to) ?? 0,
      borrow: borrow?.paid(position, mark, from, to) ?? 0,
    }),
  };
}

const isList = <T>(of: T | readonly T[]): of is readonly T[] => Array.isArray(of);
