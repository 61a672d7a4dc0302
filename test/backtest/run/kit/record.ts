/** Recordings made by hand. */

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

/** Writes rows as a recording of a topic of the market, instruments in the order in which they come; `more`: columns of times besides its own. */
export function record(
  path: string,
  type: "trades" | "book_changes" | "quotes" | "toxicity",
  rows: readonly object[],
  more: readonly string[] = [],
): string {
  const topic = messageTopic(type, { columns: Object.fromEntries(more.map((name) => [name, { dtype: "i64" as const }])) });
  const bus = new MemoryBus();
  const [publisher, subscription] = [bus.publisher(topic as never), bus.subscribe(topic as never)];
  const writer = new RecordingWriter(path, topic, publisher.symbols);
  const all = rows as readonly (Record<string, number | bigint> & { of?: string })[];
  for (let from = 0; from < all.length; from += topic.rows) {
    const part = all.slice(from, from + topic.rows);
    const columns = Object.fromEntries(
      Object.entries(topic.columns).map(([name, { dtype }]) => [
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
