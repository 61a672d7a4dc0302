import { loadStrategy, placed, shippedNames } from "../../backtest/load/load_strategy.js";
import { checkParams } from "../../backtest/strategy/check_params.js";
import type { AnyStrategy } from "../../backtest/strategy/strategy.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { requestsTopic } from "../../engines/kit/trading_topics.js";
import { LiveStrategy, type LiveStrategyOptions } from "../../engines/strategy/live_strategy.js";
import { defineEngine, type Settings, type TakenTopic } from "../kit/engine.js";
import { bookChangesTaken, shownQuotesTaken, tradesTaken } from "./taken.js";

const whole = { type: "number", integer: true, min: 1 } as const;

const options = {
  strategy: {
    type: "file",
    names: shippedNames,
    doc: "one of those that ship with tickforge, or a module whose default export is made by defineStrategy of tickforge/backtest",
  },
  params: { type: "values", optional: true, doc: "parameters of the strategy by name; those left out have their defaults" },
  book: {
    type: "text",
    values: ["quotes", "book_changes", "none"],
    default: "quotes",
    doc: "what books are made of: the topic of best quotes, that of every change of a book, or none, where trades tell the mid",
  },
  depth: { ...whole, max: 100_000, default: 1000, unit: "levels", doc: "of book_changes: levels held of each side" },
  tick: {
    type: "numbers",
    above: 0,
    default: 0.01,
    unit: "price",
    doc: "prices of orders are multiples of it; as the engine execution has it",
  },
  lot: {
    type: "numbers",
    above: 0,
    default: 1 / 1024,
    unit: "units",
    doc: "sizes of orders are multiples of it; as the engine execution has it",
  },
  orders: { ...whole, max: 10_000, default: 256, unit: "orders", doc: "own orders that are sent or rest, of all instruments together" },
  values: {
    ...whole,
    max: 10_000,
    default: 256,
    unit: "columns",
    doc: "of all topics together: columns whose newest values it may ask for",
  },
  waitingBytes: {
    ...{ ...whole, min: 4096, max: 2 ** 28, default: 2 ** 18, unit: "bytes" },
    doc: "for rows that wait for onRows; where they are full it is called earlier than every so many rows of the market",
  },
} as const;
type Own = Settings<typeof options>;

/** By the option: modules are loaded before anything else is asked. */
const loaded = new Map<string, AnyStrategy>();

function engineOptions({ options: { strategy: given, params, orders, ...own }, instruments, name }: Own): LiveStrategyOptions {
  const strategy = loaded.get(given);
  if (!strategy)
    throw new TickforgeError("E_ENGINE", `engine '${name}': its strategy ${given} is not loaded`, { hint: "await load() before" });
  return { ...own, strategy, params: checkParams(strategy, params), instruments, mostOrders: orders };
}

const news = {
  doc: "what became of its orders, fills too, as the engine execution tells it",
  topic: "order_news",
  columns: {
    ...{ time: { dtype: "i64" }, happened: { dtype: "i64" }, instrument: { dtype: "u32", instrument: true }, order: { dtype: "i64" } },
    ...{ kind: { dtype: "u8", min: 1, max: 5 }, reason: { dtype: "u8", max: 8 }, price: { dtype: "f64", nan: true, above: 0 } },
    ...{ size: { dtype: "f64", min: 0 }, left: { dtype: "f64", min: 0 }, maker: { dtype: "u8", max: 1 }, fee: { dtype: "f64" } },
    queue: { dtype: "f64", nan: true, min: 0 },
  },
  answers: true,
} as const satisfies TakenTopic;
const other = (topic: string, doc: string) => ({ doc, topic, columns: {}, optional: true }) as const satisfies TakenTopic;

export const strategy = defineEngine({
  name: "strategy",
  doc:
    "Runs a strategy on the topics of the system, as a back-test runs it over recordings: it is asked at timers, fills, answers, alarms and batches of " +
    "rows, and its orders go to the engine execution. Nothing of it leaves the system.",
  options,
  async load({ options: { strategy: given } }) {
    if (loaded.has(given)) return;
    try {
      loaded.set(given, await loadStrategy(given));
    } catch (cause) {
      if (!(cause instanceof TickforgeError)) throw cause;
      const { code, message, hint } = cause;
      throw new TickforgeError(code, message, { cause, option: "strategy", ...(hint !== undefined && { hint }) });
    }
  },
  takes: ({ options: { book } }) => ({
    order_news: news,
    ...(book === "quotes" && { quotes: shownQuotesTaken }),
    ...(book === "book_changes" && { book_changes: bookChangesTaken }),
    trades: book === "none" ? tradesTaken : ({ ...tradesTaken, optional: true } as const),
    toxicity: other("toxicity", "alarms for onAlarm, and the newest VPIN of each instrument"),
    features: other("features", "what context.feature answers"),
    topics: { ...other("", "other topics that context.feature answers, and onRows is given"), many: true },
  }),
  gives: () => ({ orders: { doc: "what it asks for; decision is the mid that it knew", topic: requestsTopic() } }),
  stateBytes: (settings) => LiveStrategy.stateBytes(engineOptions(settings)),
  begin({ state, takes, gives, log, ...settings }) {
    const topics = Object.fromEntries(Object.entries(takes).map(([port, { topic }]) => [port, topic]));
    /** What the strategy throws, with the line of its file. */
    const inFile = <T>(act: () => T): T => {
      try {
        return act();
      } catch (error) {
        throw placed(error, settings.options.strategy);
      }
    };
    const engine = new LiveStrategy(settings.name, { ...engineOptions(settings), state }, topics, gives.orders!, log);
    return {
      take: (port, batch, from) => inFile(() => engine.take(port, batch, from)),
      // A system that goes down goes on later: its last row was not the last of all.
      done: (draining) => draining || inFile(() => engine.end()),
    };
  },
});
