import type { Topic } from "../bus/bus.js";
import { topic } from "../bus/frame.js";
import { object } from "../core/contract/arguments.js";

const priceColumns = { time: { dtype: "i64" }, price: { dtype: "f64" }, instrument: { dtype: "u32" } } as const;
export type PriceColumns = typeof priceColumns;

/** Topic of prices as they come: of one instrument, or of several told apart by their row in a table of instruments. */
export function pricesTopic(options: { name?: string; rows?: number; slots?: number } = {}): Topic<PriceColumns> {
  const { name = "prices", rows = 1024, slots = 8 } = object("pricesTopic: options", options);
  return topic({ name, columns: priceColumns, rows, slots, backpressure: "block" });
}
