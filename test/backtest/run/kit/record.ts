/** Recordings made by hand. */

import { topic } from "../../../../src/bus/frame.js";
import { MemoryBus } from "../../../../src/bus/memory_bus.js";
import { RecordingWriter } from "../../../../src/bus/recording/recording_writer.js";
import { messageTopic } from "../../../../src/bus/routing/topology.js";
import { viewOf } from "../../../../src/core/contract/contract.js";

export interface Trade {
  readonly time: bigint;
  readonly side: number;
  readonly price: number;
  readonly size: number;
  readonly of?: string;
}
export interface Level extends Trade {
  readonly flags: number;
}
/** A row of a market by orders; `kind` as of the kernel `matching`, 2 to 7. */
export interface Order extends Trade {
  readonly kind: number;
  readonly order: bigint;
}

const [real, time, id, flag, sign] = [{ dtype: "f64" }, { dtype: "i64" }, { dtype: "u32" }, { dtype: "u8" }, { dtype: "i8" }] as const;
const byOrders = { time, instrument: id, kind: flag, order: time, side: sign, price: real, size: real } as const;

/**
 * Writes rows as a recording of a topic of the market, instruments in the order in which they come; `more`: columns of times besides its own;
 * `frame`: rows of a frame.
 */
export function record(
  path: string,
  type: "trades" | "book_changes" | "quotes" | "toxicity" | "fills" | "market_orders",
  rows: readonly object[],
  more: readonly string[] = [],
  frame = 1024,
): string {
  const of =
    type === "market_orders"
      ? topic({ name: type, columns: byOrders, rows: 1024, slots: 8, backpressure: "block" })
      : messageTopic(type, { columns: Object.fromEntries(more.map((name) => [name, { dtype: "i64" as const }])) });
  const bus = new MemoryBus();
  const [publisher, subscription] = [bus.publisher(of as never), bus.subscribe(of as never)];
  const writer = new RecordingWriter(path, of as never, publisher.symbols);
  const all = rows as readonly (Record<string, number | bigint> & { of?: string })[];
  const step = Math.min(frame, of.rows);
  for (let from = 0; from < all.length; from += step) {
    const part = all.slice(from, from + step);
    const columns = Object.fromEntries(
      Object.entries(of.columns).map(([name, { dtype }]) => [
        name,
        (viewOf(dtype) as unknown as typeof Float64Array).from(
          part.map((row) => {
            const of = row.of ?? "ABC";
            if (name === "instrument") return publisher.symbols.find(of) ?? publisher.symbols.add(of);
            return row[name] ?? (dtype === "i64" ? 0n : 0);
          }) as never,
        ),
      ]),
    );
    publisher.publish(columns as never);
    subscription.poll((batch) => void writer.append(batch as never));
  }
  writer.close();
  bus.close();
  return path;
}
