import type { Batch } from "../../bus/bus.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { FlowFeatures, featuresTopic } from "../../engines/features/flow_features.js";
import { defineEngine, type Settings } from "../kit/engine.js";
import { quotesTaken, tradesTaken } from "./taken.js";

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
    "intensities. Without quotes those of quotes are NaN, and `quotes` is 0.",
  options,
  takes: () => ({ trades: tradesTaken, quotes: quotesTaken }),
  gives: () => ({
    features: { doc: "a row for each bar in which an instrument had a trade or a quote", topic: featuresTopic() },
  }),
  stateBytes: (settings) => FlowFeatures.stateBytes(engineOptions(settings)),
  begin({ state, gives, ...settings }) {
    const engine = new FlowFeatures({ ...engineOptions(settings), state }, gives.features!);
    return {
      take: (port, batch, from) =>
        port === "trades" ? engine.takeTrades(batch as Batch<never>, from) : engine.takeQuotes(batch as Batch<never>, from),
    };
  },
});
