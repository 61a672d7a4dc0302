import type { Batch } from "../../bus/bus.js";
import { PaperVenue, type PaperVenueOptions } from "../../engines/execution/paper_venue.js";
import { fillsTopic, holdingsTopic, orderNewsTopic } from "../../engines/kit/trading_topics.js";
import { defineEngine, type Settings, type TakenTopic } from "../kit/engine.js";
import { bookChangesTaken, shownQuotesTaken, tradesTaken } from "./taken.js";

const latency = { type: "number", min: 0, max: 1e12, default: 0, unit: "ns" } as const;
const fee = { type: "numbers", default: 0, unit: "ratio" } as const;
const whole = { type: "number", integer: true, min: 1 } as const;

const options = {
  book: {
    type: "text",
    values: ["quotes", "book_changes", "none"],
    default: "quotes",
    doc: "what the venue's book is made of: the topic of best quotes, that of every change of a book, or trades alone",
  },
  queue: {
    type: "text",
    values: ["risk_averse", "power"],
    default: "risk_averse",
    doc: "what moves an order up that waits: trades at its price alone, or also a share of what is cancelled, by the third power",
  },
  beyond: {
    type: "text",
    values: ["unknown", "empty"],
    default: "unknown",
    doc: "what lies beyond the worst level that is known: nobody knows, and an order there waits until its level is told; or nothing. Without a book: empty",
  },
  depth: { ...whole, max: 100_000, default: 1000, unit: "levels", doc: "of book_changes: levels held of each side" },
  tick: { type: "numbers", above: 0, default: 0.01, unit: "price", doc: "prices are multiples of it; orders at others are rejected" },
  lot: { type: "numbers", above: 0, default: 1 / 1024, unit: "units", doc: "sizes of orders are multiples of it; others are rejected" },
  makerFee: { ...fee, doc: "of a fill that rested, of the money traded; below 0 a rebate" },
  takerFee: { ...fee, doc: "of a fill that took, of the money traded" },
  entryLatency: { ...latency, doc: "event time from an order to its arrival at the venue" },
  answerLatency: { ...latency, doc: "event time from what happens at the venue until it is told" },
  ownOrders: {
    ...whole,
    max: 10_000,
    default: 64,
    unit: "orders",
    doc: "of an instrument: own orders that rest on a side, and requests on their way",
  },
  answers: { ...whole, min: 256, max: 1_000_000, default: 1024, unit: "answers", doc: "of an instrument: answers on their way" },
} as const;
type Own = Settings<typeof options>;

function engineOptions({ options: { makerFee, takerFee, ownOrders, answers, ...own } }: Own): PaperVenueOptions {
  // As many as the kernel wants at the least: of each order that rests one, and those of an order that takes.
  return { ...own, maker: makerFee, taker: takerFee, own: ownOrders, answers: Math.max(answers, 2 * ownOrders + 128) };
}

const instrument = { dtype: "u32", instrument: true } as const;
const ordersTaken = {
  doc:
    "orders and what is asked of them: price NaN at the market, size 0 withdraws; or `kind` as of the kernel matching: 8 limit, 9 market, 10 only makes, " +
    "11 the rest goes, 12 whole or not, 13 cancel, 14 replace, 15 replace that only makes",
  topic: "orders",
  columns: {
    ...{ time: { dtype: "i64" }, instrument, order: { dtype: "i64" }, price: { dtype: "f64", nan: true, above: 0 } },
    ...{ size: { dtype: "f64", min: 0 }, side: { dtype: "i8", min: -1, max: 1 } },
    ...{ kind: { dtype: "u8", min: 8, max: 15, optional: true }, decision: { dtype: "f64", nan: true, optional: true } },
  },
} as const satisfies TakenTopic;

export const execution = defineEngine({
  name: "execution",
  doc:
    "Orders on paper: a venue that is made of the market's topics, in which own orders wait their turn, with latencies and fees; the same kernel as " +
    "in a back-test. Nothing of it leaves the system.",
  options,
  takes: ({ options: { book } }) => ({
    orders: ordersTaken,
    trades: tradesTaken,
    ...(book === "quotes" && { quotes: shownQuotesTaken }),
    ...(book === "book_changes" && { book_changes: bookChangesTaken }),
  }),
  gives: () => ({
    fills: { doc: "a row for each fill; decision is that of its order", topic: fillsTopic() },
    order_news: {
      doc: "a row for each answer of the venue, fills too; reason 8: off the grid, or of no side",
      topic: orderNewsTopic(),
      optional: true,
    },
    holdings: {
      doc: "after each fill: what is held of its instrument, cash and fees of all its fills",
      topic: holdingsTopic(),
      optional: true,
    },
  }),
  stateBytes: (settings) => PaperVenue.stateBytes(engineOptions(settings)),
  begin({ state, gives, log, ...settings }) {
    const outputs = { fills: gives.fills!, news: gives.order_news, holdings: gives.holdings };
    const engine = new PaperVenue({ ...engineOptions(settings), state }, outputs, log);
    const takes = {
      orders: (batch: Batch<never>, from: number) => engine.takeOrders(batch, from),
      trades: (batch: Batch<never>, from: number) => engine.takeTrades(batch, from),
      quotes: (batch: Batch<never>, from: number) => engine.takeQuotes(batch, from),
      book_changes: (batch: Batch<never>, from: number) => engine.takeChanges(batch, from),
    };
    return { take: (port, batch, from) => takes[port as keyof typeof takes](batch as Batch<never>, from) };
  },
});
