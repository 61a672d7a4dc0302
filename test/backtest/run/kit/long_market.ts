/** A recording of many rows in small frames: what a run holds for each row, or for each frame, shows. */
import { MemoryBus } from "../../../../src/bus/memory_bus.js";
import { RecordingWriter } from "../../../../src/bus/recording/recording_writer.js";
import { messageTopic } from "../../../../src/bus/routing/topology.js";

const start = 1_700_000_000_000_000_000n;
const frame = 128;
const tick = 0.5;

/** Changes of a book of twenty levels a side, one each millisecond, from a row on. */
export function longMarket(path: string, from: number, rows: number): void {
  const of = messageTopic("book_changes", { rows: frame });
  const bus = new MemoryBus();
  const [publisher, subscription] = [bus.publisher(of), bus.subscribe(of)];
  const writer = new RecordingWriter(path, of, publisher.symbols);
  publisher.symbols.add("ABC");
  for (let at = from; at < from + rows; at += frame) {
    const { columns } = publisher.claim()!;
    for (let i = 0; i < frame; i++) {
      const side = (at + i) % 2 === 0 ? 1 : -1;
      columns.time[i] = start + BigInt(at + i) * 1_000_000n;
      columns.side[i] = side;
      columns.price[i] = 100 - side * tick * (1 + ((at + i) % 20));
      columns.size[i] = 1 + ((at + i) % 7);
      columns.flags[i] = 2;
    }
    publisher.commit(frame);
    subscription.poll((batch) => void writer.append(batch));
  }
  writer.close();
  bus.close();
}
