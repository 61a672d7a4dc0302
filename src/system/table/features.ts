import type { Batch } from "../../bus/bus.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { mostLevels } from "../../engines/features/book_features.js";
import { FlowFeatures, featuresTopic } from "../../engines/features/flow_features.js";
import { defineEngine, type Settings } from "../kit/engine.js";
import { booksTaken, quotesTaken, tradesTaken } from "./taken.js";

const options = {
  clock: {
    type: "text",
    values: ["time", "volume"],
    default: "time",
    doc: "what a bar is: so many seconds of event time, or so much volume",
  },
  barSeconds: {
    type: "number",
    above: 0,
    max: 864_000,
    default: 1,
    unit: "s",
    doc: "of clock time: all instruments' bars end together, aligned to UTC; an instrument that had no row has no bar",
  },
  barVolume: {
    type: "numbers",
    min: 0,
    default: 0,
    unit: "volume",
    doc: "of clock volume: a bar ends with the trade that reaches it, for all instruments or for each",
  },
  window: {
    type: "number",
    integer: true,
    min: 2,
    max: 100_000,
    default: 60,
    unit: "bars",
    doc: "bars that flows, intensities and variances roll over",
  },
  price: {
    type: "text",
    values: ["trade", "mid"],
    default: "trade",
    doc: "what variances are of: the last trade of each bar, or the middle of its last quote",
  },
  tickSize: {
    type: "numbers",
    min: 0,
    default: 0,
    unit: "price",
    doc: "spreadState is the spread in ticks; 0: the smallest spread so far stands for a tick",
  },
  levels: {
    type: "number",
    integer: true,
    min: 0,
    max: mostLevels,
    default: 0,
    unit: "levels",
    doc: "levels of the topic of books, whose flows are told level by level; 0: no topic of books is taken",
  },
} as const;
type Own = Settings<typeof options>;

function engineOptions({ name, options: given, instruments }: Own) {
  const none = given.barVolume.indexOf(0);
  if (given.clock === "volume" && none >= 0)
    throw new TickforgeError(
      "E_OPTION_MISSING",
      `engine '${name}': option 'barVolume' is missing for ${instruments[none]}: clock is volume`,
      {
        ...{ option: "barVolume", hint: "give it as a number > 0, or an object with one for each instrument" },
      },
    );
  return { ...given, instruments: instruments.length };
}

export const features = defineEngine({
  name: "features",
  doc:
    "Rolling columns of each instrument on one clock: order-flow, queue and trade imbalance, microprice, spread, realized and bipower variance, " +
    "intensities, and with `levels` order-flow imbalance of each level of a book. Without quotes those of quotes are NaN, and `quotes` is 0.",
  options,
  takes: ({ options: { levels } }) => ({ trades: tradesTaken, quotes: quotesTaken, ...(levels > 0 && { book: booksTaken(levels) }) }),
  gives: ({ options: { levels } }) => ({
    features: {
      doc: "a row for each bar in which an instrument had a trade, a quote or a change of its book",
      topic: featuresTopic(levels),
    },
  }),
  stateBytes: (settings) => FlowFeatures.stateBytes(engineOptions(settings)),
  begin({ state, gives, ...settings }) {
    const engine = new FlowFeatures({ ...engineOptions(settings), state }, gives.features!);
    return {
      take(port, batch, from) {
        if (port === "book") return engine.takeBooks(batch as Batch<never>, from);
        return port === "trades" ? engine.takeTrades(batch as Batch<never>, from) : engine.takeQuotes(batch as Batch<never>, from);
      },
    };
  },
});
