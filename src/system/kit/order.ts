/** In which order an engine with several inputs took them: what a replay follows, so that it gives the same bits. */
import type { Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { messages } from "../../bus/routing/message_types.js";
import type { TakenTopic } from "./engine.js";

/** Of an engine: the topic, and the port under which it is given, or taken where a recording gives it. */
export const ORDER = "order";
export const orderName = (engine: string): string => `${ORDER}.${engine}`;

/** Each row: up to which row of which input (counted from 0, in the order of its wires) was taken next; `time` is that of the first of its rows. */
export const orderTopic = (engine: string): Topic<typeof messages.order.columns> => {
  const { columns } = messages.order;
  return topic({ name: orderName(engine), columns, rows: 16, slots: 256, backpressure: "block" });
};

export const orderTaken: TakenTopic = {
  doc: "the order in which the inputs were taken when this was recorded",
  topic: ORDER,
  columns: { time: { dtype: "i64" }, port: { dtype: "u32" }, upTo: { dtype: "f64", min: 0 } },
  optional: true,
};
