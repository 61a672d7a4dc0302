import type { Batch } from "../../bus/bus.js";
import { ToxicityEngine, toxicityTopic } from "../../engines/toxicity_engine.js";
import type { TradeColumns } from "../../market/trade_columns.js";
import { defineEngine, type Settings } from "../kit/engine.js";
import { tradesTaken } from "./taken.js";

const options = {
  bucketVolume: { type: "numbers", above: 0, unit: "volume", doc: "volume of a bucket, for all instruments or for each" },
  window: { type: "number", integer: true, min: 1, max: 1_000_000, default: 50, unit: "buckets", doc: "buckets averaged" },
  history: {
    type: "number",
    integer: true,
    min: 0,
    max: 1_000_000,
    default: 1000,
    unit: "buckets",
    doc: "earlier values that a VPIN is ranked among",
  },
  classify: {
    type: "text",
    values: ["given", "tick_rule"],
    default: "given",
    doc: "sides as the trades have them, or by the last price change",
  },
  threshold: { type: "number", above: 0, max: 1, default: 0.99, doc: "an alarm stands where this share of the earlier values lies below" },
  minHistory: {
    type: "number",
    integer: true,
    min: 1,
    optional: true,
    unit: "buckets",
    doc: "earlier values before the first alarm: 100, or history where that is less",
  },
  measures: { type: "text", default: "none", doc: "measured beside VPIN: a list such as kyle_lambda,roll_spread:500, all, or none" },
  barSeconds: { type: "number", above: 0, default: 60, unit: "s", doc: "time bars that measures of bars are made from" },
} as const;
type Own = Settings<typeof options>;

const engineOptions = ({ options: { bucketVolume, ...others } }: Own) => ({ ...others, bucketVolumes: bucketVolume });

export const toxicity = defineEngine({
  name: "toxicity",
  doc: "Volume buckets with VPIN, its rank among earlier values, an alarm, and what else is measured, of each instrument.",
  options,
  takes: () => ({ trades: tradesTaken }),
  gives: ({ options: { measures } }) => ({
    toxicity: { doc: "a row for each finished bucket", topic: toxicityTopic({ measures, rows: 256, slots: 64 }) },
  }),
  stateBytes: (settings) => ToxicityEngine.stateBytes(engineOptions(settings)),
  begin({ state, gives, ...settings }) {
    const engine = new ToxicityEngine({ ...engineOptions(settings), state }, gives.toxicity!);
    return { take: (_, batch, from) => engine.take(batch as unknown as Batch<TradeColumns>, from) };
  },
});
