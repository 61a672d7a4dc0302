/** What a strategy is: parameters, state and hooks; and all that a hook sees and may do. The same object runs over recordings and on paper. */
import type { Params, ParamValue } from "../../core/contract/contract.js";

export type Side = 1 | -1;
export type OrderType = "limit" | "market" | "post_only" | "immediate" | "whole";

/** What is asked for, in the units of the instrument; prices and sizes off its grid are refused where they are asked. */
export interface OrderRequest {
  readonly instrument: number;
  /** +1 buy, -1 sell. */
  readonly side: Side;
  /** Of the instrument's currency, on its tick; left out of a market order alone. */
  readonly price?: number;
  /** Above 0, on its lot. */
  readonly size: number;
  /** Default `limit`: what does not trade at once rests. `immediate` (IOC) and `whole` (FOK) never rest, `post_only` never takes. */
  readonly type?: OrderType;
}

/** An own order as the trader knows it: what was told up to now, not what is already true at the venue. */
export interface OwnOrder extends Required<Omit<OrderRequest, "price">> {
  readonly id: number;
  /** NaN of a market order. */
  readonly price: number;
  readonly left: number;
  /** `sent`: nothing was told of it yet. */
  readonly state: "sent" | "resting" | "ended";
  /** Volume of the market ahead of it as told last; Infinity: not known. */
  readonly queue: number;
}

export interface Fill {
  readonly order: OwnOrder;
  /** ns UTC: when it was told, and when it happened at the venue. */
  readonly time: bigint;
  readonly happened: bigint;
  readonly instrument: number;
  readonly side: Side;
  readonly price: number;
  readonly size: number;
  /** It rested. */
  readonly maker: boolean;
  /** In currency; below 0 a rebate. */
  readonly fee: number;
}

/** What became of a request, beside fills. */
export interface OrderNews {
  readonly order: OwnOrder;
  readonly kind: "accepted" | "replaced" | "cancelled" | "rejected";
  /** In words; empty where it was asked for. */
  readonly reason: string;
}

/** An alarm of an instrument that began, or ended. */
export interface AlarmNews {
  readonly instrument: number;
  readonly began: boolean;
  readonly vpin: number;
  /** Its place in the distribution of earlier ones. */
  readonly cdf: number;
}

/** Equity was below what the positions need: own orders that rested are taken away, and orders of the venue close the positions. */
export interface LiquidationNews {
  /** ns UTC at the venue. */
  readonly happened: bigint;
  readonly equity: number;
  readonly maintenance: number;
}

/** Rows of one topic in the order in which they were told: columns by name, as in its recording; valid within the hook alone. */
export interface RowsSeen {
  readonly topic: string;
  readonly rows: number;
  readonly columns: Readonly<Record<string, { readonly [row: number]: number | bigint; readonly length: number }>>;
}

/** The best levels as the trader has been told them: arrays of its own, good until the hook ends. NaN and 0 where there are none. */
export interface BookSeen {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
  /** (bid + ask) / 2; without a book the last traded price; NaN before the first. */
  readonly mid: number;
  /** ns UTC: of the last row that changed it. */
  readonly time: bigint;
  /** Levels of a side, the best first. */
  levels(side: Side): readonly { readonly price: number; readonly size: number }[];
}

export interface InstrumentSeen {
  readonly name: string;
  /** Its number in all calls and columns. */
  readonly id: number;
  readonly tick: number;
  readonly lot: number;
}

/** All that a hook sees: nothing of it is later than `now`, the trader's own clock. */
export interface Context {
  readonly now: bigint;
  readonly instruments: readonly InstrumentSeen[];
  book(instrument: number): BookSeen;
  /** In units, by the fills that were told. */
  position(instrument: number): number;
  /** Own orders that are sent or rest. */
  orders(instrument?: number): readonly OwnOrder[];
  /** Of all fills told, with their fees; what is held not included. */
  readonly cash: number;
  /** Cash and what is held at the mid. */
  readonly equity: number;
  /** The newest value of a column of a topic that was told of this instrument; NaN before the first. As `features.queue_imbalance`. */
  feature(name: string, instrument: number): number;
  /** Values that the strategy declared as its state, zeros to begin with: kept over restarts. */
  readonly state: Readonly<Record<string, Float64Array>>;
  /** The same of an instrument, as `stateEach` declares them. */
  stateOf(instrument: number): Readonly<Record<string, Float64Array>>;
  /** The id of the order. Throws where the request itself is wrong: off the grid, no such instrument, a size not above 0. */
  submit(request: OrderRequest): number;
  /** What has ended already is told by `onOrder`, rejected. */
  cancel(order: number): void;
  replace(order: number, to: { readonly price: number; readonly size: number }): void;
  /** Calls `onTimer` once at that time, or right away where it is past. One timer of a name. */
  timer(name: string, at: bigint): void;
  log(message: string): void;
}

export interface Hooks {
  onStart?(context: Context): void;
  onTimer?(context: Context, name: string): void;
  onFill?(context: Context, fill: Fill): void;
  onOrder?(context: Context, news: OrderNews): void;
  onAlarm?(context: Context, alarm: AlarmNews): void;
  /** Told once it happened; cancels and fills of it are told beside, by `onOrder` and `onFill`. */
  onLiquidation?(context: Context, news: LiquidationNews): void;
  onRows?(context: Context, rows: RowsSeen): void;
  onEnd?(context: Context): void;
}

/** How many values each name of a state has, or what makes that of the parameters. */
export type StateSizes<P extends Params = Params> =
  | Readonly<Record<string, number>>
  | ((params: { readonly [K in keyof P]: ParamValue<P[K]> }) => Readonly<Record<string, number>>);

export interface Strategy<P extends Params = Params> {
  readonly name: string;
  /** One sentence. */
  readonly doc: string;
  /** Declared as those of kernels: checked, listed and swept by name. */
  readonly params: P;
  /** Values that are kept over restarts, by name; all else that hooks remember begins anew then. */
  readonly state?: StateSizes<P>;
  /** The same, of every instrument. */
  readonly stateEach?: StateSizes<P>;
  /** Topics whose rows `onRows` is given; every so many rows of the market, at most. */
  readonly rows?: { readonly topics: readonly string[]; readonly every: number };
  /** The hooks of one run: nothing outlives it but what lies in `state`. */
  begin(params: { readonly [K in keyof P]: ParamValue<P[K]> }): Hooks;
}

/** Declares a strategy with inference of its parameters; what its module exports as `default`. */
export const defineStrategy = <const P extends Params>(strategy: Strategy<P>): Strategy<P> => strategy;

export type AnyStrategy = Strategy<any>;
