/** What travels between engines, declared once: the columns of each type of message, where it goes, and what may not be lost. */
import { quoteColumns, tradeColumns } from "../../market/trade_columns.js";
import type { Columns } from "../bus.js";

const time = { dtype: "i64" } as const;
const real = { dtype: "f64" } as const;
const id = { dtype: "u32" } as const;
const whole = { dtype: "i32" } as const;
const sign = { dtype: "i8" } as const;
const flag = { dtype: "u8" } as const;

interface Declared {
  readonly columns: Columns;
  /** `market`: one feed to many engines. `engine`: what engines tell each other. `compute`: work and its results. */
  readonly lane: "market" | "engine" | "compute";
  /** Of a slot, and slots, where whoever makes the topic does not say. */
  readonly rows: number;
  readonly slots: number;
  /** `evict` where nothing is worth waiting for once something newer is there. */
  readonly backpressure: "block" | "evict";
  /** Must survive the server: kept in an append-only file where the bus is Redis. */
  readonly durable?: true;
  /** Options add columns or rows to these; the function that makes the topic by them, or how to. */
  readonly varies?: string;
  /** Columns hold vectors as long as the options say, and not one value a row. */
  readonly vectors?: true;
}

const lasting = { rows: 256, slots: 64, backpressure: "block" } as const;
const fleeting = { rows: 256, slots: 64, backpressure: "evict" } as const;
const stream = { rows: 1024, slots: 8, backpressure: "block" } as const;

const price = { time, price: real, instrument: id } as const;
const bucket = {
  ...{ vpin: real, cdf: real, alarm: flag, imbalance: real, buy: real, sell: real },
  ...{ startTime: time, endTime: time, endIndex: real, lastPrice: real, instrument: id },
} as const;
const fill = { time, instrument: id, order: time, price: real, size: real, side: sign, fee: real } as const;

/**
 * `time` is in nanoseconds UTC; `instrument`, `engine`, `metric`, `factor` and codes are symbols of the topic. The topics that engines
 * make have these columns, rows and slots.
 */
export const messages = {
  trades: {
    ...{ lane: "market", columns: tradeColumns, varies: "tradesTopic({ quotes, bought })" },
    // 16,384 trades take half a megabyte: a slot that was just written is still in the second cache when it is read.
    ...{ rows: 16_384, slots: 4, backpressure: "block" },
  },
  quotes: { lane: "market", columns: { time, instrument: id, ...quoteColumns }, ...stream },
  /** Changes of books as a venue told them, a level a row; a message is changed whole: `state` says where it begins and ends. */
  depth: {
    ...{ lane: "market", rows: 4096, slots: 8, backpressure: "block" },
    columns: {
      ...{ time, instrument: id, side: sign, price: real, size: real, received: time, first: time, id: time, previous: time },
      ...{ checksum: id, priceDigits: flag, sizeDigits: flag, state: flag },
    },
  },
  /** What a feed knows about itself: gaps, refills, lost connections, broken books. */
  feed_status: {
    ...{ lane: "market", ...lasting },
    columns: {
      ...{ time, instrument: id, channel: flag, state: flag, connection: whole },
      ...{ from: time, to: time, count: real, seconds: real },
    },
  },
  /** The best levels after a change: `bid` to `askSize` from the best on, NaN behind the last; `bids`, `asks`: levels that are known. */
  book: {
    ...{ lane: "market", rows: 256, slots: 16, backpressure: "block", varies: "bookTopic({ levels })", vectors: true },
    columns: {
      ...{ time, instrument: id, received: time, id: time, bids: whole, asks: whole },
      ...{ bid: real, bidSize: real, ask: real, askSize: real },
    },
  },
  /** Each change of a book: the level's size now and before, its place (0: the best, -1: none), `outcome` and `flags` as of the kernel `book`. */
  book_changes: {
    ...{ lane: "market", rows: 4096, slots: 8, backpressure: "block" },
    columns: {
      ...{ time, instrument: id, received: time, id: time, side: sign, price: real, size: real },
      ...{ before: real, place: whole, outcome: flag, flags: flag },
    },
  },
  prices: { lane: "market", columns: price, ...stream },
  /** `time` is the end of the bar, `trades` how many are in it. */
  bars: {
    ...{ lane: "market", ...stream },
    columns: { time, instrument: id, open: real, high: real, low: real, close: real, volume: real, trades: real },
  },
  /** `endIndex` is the number of the trade that closed the bucket, `lastPrice` its price. */
  toxicity: {
    ...{ lane: "compute", columns: bucket, varies: "toxicityTopic({ measures })" },
    ...{ rows: 4096, slots: 2, backpressure: "block" },
  },
  features: { lane: "compute", columns: { time, instrument: id }, ...stream, varies: 'messageTopic("features", { columns })' },
  risk: {
    ...{ lane: "compute", ...stream },
    columns: { time, instrument: id, price: real, loss: real, var: real, es: real, volatility: real, alarm: flag },
  },
  margin: {
    ...{ lane: "engine", ...lasting, slots: 2, varies: "marginTopic({ accounts })" },
    columns: { time, equity: real, maintenance: real, initial: real, excess: real, call: real, unpriced: whole },
  },
  /** Changes of a book: `position` is the row in it. */
  positions: { lane: "engine", columns: { time, position: id, quantity: real, expiry: real, volatility: real }, ...stream },
  /** What is held of each instrument. */
  holdings: { lane: "engine", columns: { time, instrument: id, quantity: real }, ...stream },
  cross_sections: {
    ...{ lane: "compute", columns: { time, returns: real, cap: real, weights: real } },
    ...{ rows: 1, slots: 4, backpressure: "block", varies: "crossSectionTopic({ assets, styles })", vectors: true },
  },
  factor_risk: {
    ...{ lane: "compute", rows: 1, slots: 4, backpressure: "block", varies: "factorRiskTopic({ sectors, styles })", vectors: true },
    columns: {
      ...{ time, factorReturns: real, standardErrors: real, tStatistics: real, rSquared: real, used: whole, rank: whole },
      ...{ minimumNorm: sign, covariance: real, total: real, factor: real, specificRisk: real, exposures: real, contributions: real },
    },
  },
  /** What each asset of a factor model is exposed to, the covariance of the factors, and the volatility that is the asset's own. */
  risk_model: {
    ...{ lane: "compute", rows: 1, slots: 4, backpressure: "block", varies: "riskModelTopic({ assets, factors })", vectors: true },
    columns: { time, loading: real, covariance: real, specific: real },
  },
  /** Return that is expected of an instrument, over a period of the risk model; NaN: nothing is. */
  signals: { lane: "compute", columns: { time, instrument: id, expected: real }, ...stream },
  /** How weights were found, and the proof that none are better by more than `gap`; `solve` counts from 1. */
  portfolio: {
    ...{ lane: "compute", ...lasting },
    columns: {
      ...{
        time,
        solve: real,
        cause: flag,
        status: whole,
        kept: flag,
        objective: real,
        primalResidual: real,
        dualResidual: real,
        gap: real,
      },
      ...{ iterations: whole, risk: real, expectedReturn: real, turnover: real, assets: whole, missing: whole, alarmed: whole },
      ...{ unsignaled: whole, unpriced: whole, orders: whole, cost: real, cash: real, worth: real },
      ...{ budgetCertificate: real, turnoverCertificate: real, grossCertificate: real, shortCertificate: real },
    },
  },
  target_weights: {
    ...{ lane: "compute", ...lasting },
    columns: { time, instrument: id, solve: real, weight: real, before: real, there: flag, alarm: flag },
  },
  /** `price` NaN: at the market; `size` 0: the order is withdrawn. */
  orders: {
    lane: "engine",
    columns: { time, instrument: id, order: time, price: real, size: real, side: sign },
    ...lasting,
    durable: true,
  },
  /** What became of orders as it is told, fills too: `kind` and `reason` as of the kernel `matching`; `queue` NaN: not known. */
  order_news: {
    ...{ lane: "engine", ...lasting, durable: true },
    columns: {
      ...{ time, happened: time, instrument: id, order: time, kind: flag, reason: flag, side: sign },
      ...{ price: real, size: real, left: real, maker: flag, fee: real, queue: real },
    },
  },
  fills: { lane: "engine", columns: fill, ...lasting, durable: true },
  /** In which order an engine took its inputs: up to row `upTo` of the one with this number; `time` is that of the first of the rows. */
  order: { lane: "engine", columns: { time, port: id, upTo: real }, ...lasting },
  market_data: {
    ...{ lane: "market", ...fleeting },
    columns: { time, instrument: id, price: real, size: real, side: sign, bid: real, ask: real, bidSize: real, askSize: real },
  },
  price_update: { lane: "market", columns: price, ...fleeting },
  trade_execution: { lane: "engine", columns: fill, ...lasting, durable: true },
  strategy_signal: { lane: "engine", columns: { time, instrument: id, strategy: id, signal: real, confidence: real }, ...lasting },
  risk_alert: {
    ...{ lane: "engine", ...lasting, durable: true },
    columns: { time, instrument: id, rule: id, value: real, limit: real, severity: sign },
  },
  engine_health: { lane: "engine", columns: { time, engine: id, state: sign, lag: real, heapBytes: real }, ...fleeting },
  performance_metric: { lane: "engine", columns: { time, engine: id, metric: id, value: real }, ...fleeting },
  error_alert: { lane: "engine", columns: { time, engine: id, code: id, severity: sign, count: real }, ...lasting },
  system_alert: { lane: "engine", columns: { time, code: id, severity: sign, value: real }, ...lasting },
  ml_prediction: {
    ...{ lane: "compute", ...lasting },
    columns: { time, instrument: id, model: id, value: real, confidence: real, horizon: real },
  },
  vpin_calculation: { lane: "compute", columns: bucket, ...lasting },
  analytics_result: { lane: "compute", columns: { time, instrument: id, metric: id, value: real }, ...lasting },
  factor_calculation: { lane: "compute", columns: { time, instrument: id, factor: id, exposure: real, value: real }, ...lasting },
  portfolio_update: {
    ...{ lane: "engine", ...lasting },
    columns: { time, instrument: id, position: real, price: real, value: real, weight: real },
  },
  gpu_computation: { lane: "compute", columns: { time, job: time, kernel: id, state: sign, seconds: real, value: real }, ...lasting },
} as const satisfies Record<string, Declared>;

export type MessageType = keyof typeof messages;
export const types = Object.keys(messages) as MessageType[];
/** The declaration of a type, with what it need not have. */
export const declaredOf = (type: MessageType): Declared => messages[type];

/** Columns of each type of message. */
export const messageTypes = Object.fromEntries(types.map((type) => [type, messages[type].columns])) as {
  readonly [type in MessageType]: (typeof messages)[type]["columns"];
};

/** Columns of which some hold so many values a row. */
export const widened = <C extends Columns>(columns: C, widths: { readonly [name in keyof C]?: number }): C =>
  Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, { ...column, width: widths[name] ?? 1 }])) as unknown as C;
