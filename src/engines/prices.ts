import type { Topic } from "../bus/bus.js";
import { topic } from "../bus/frame.js";
import { messages } from "../bus/routing/message_types.js";
import { object } from "../core/contract/arguments.js";

const usual = messages.prices;
export type PriceColumns = typeof usual.columns;

/** Topic of prices as they come: of one instrument, or of several told apart by their row in a table of instruments. */
export function pricesTopic(options: { name?: string; rows?: number; slots?: number } = {}): Topic<PriceColumns> {
  const { name = "prices", rows = usual.rows, slots = usual.slots } = object("pricesTopic: options", options);
  return topic({ name, columns: usual.columns, rows, slots, backpressure: "block" });
}
