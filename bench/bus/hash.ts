/** Rows of trades a second through a TopicHash, with the add-on and without; both must have the same digest. */
import { install } from "../../src/backends/index.js";
import type { Views } from "../../src/bus/bus.js";
import { Frames, layoutOf } from "../../src/bus/frame.js";
import { type Checksum, TopicHash } from "../../src/bus/topic_hash.js";
import { checksum } from "../../src/engines/checksum.js";
import { tradesTopic } from "../../src/engines/trades.js";
import type { TradeColumns } from "../../src/market/trade_columns.js";
import { median, print } from "./row.js";

const slots = 16;

function frames(rows: number): Views<TradeColumns>[] {
  const layout = layoutOf(tradesTopic({ rows, slots }));
  const made = new Frames(layout, new SharedArrayBuffer(layout.stride * slots), 0, slots);
  return made.slots.map(({ columns }, slot) => {
    for (let i = 0; i < rows; i++) {
      columns.time[i] = BigInt(slot * rows + i) * 1_000_003n;
      columns.price[i] = 100 + Math.sin(slot * rows + i);
      columns.size[i] = i % 13;
      columns.side[i] = (i % 3) - 1;
    }
    return columns;
  });
}

export function hashRows(seconds: number, runs: number): void {
  install();
  for (const rows of [16, 256, 4096]) {
    const all = frames(rows);
    const digests = new Set<string>();
    for (const [name, crc32c] of [
      ["hash, add-on", checksum()],
      ["hash, JavaScript", undefined],
    ] as [string, Checksum | undefined][]) {
      const first = new TopicHash(tradesTopic({ rows, slots }), { crc32c });
      for (const columns of all) first.take(columns, 0, rows);
      digests.add(first.digest);
      const rate = () => {
        const hash = new TopicHash(tradesTopic({ rows, slots }), { crc32c });
        const start = performance.now();
        while (performance.now() - start < seconds * 1000) for (const columns of all) hash.take(columns, 0, rows);
        return hash.rows / ((performance.now() - start) / 1000);
      };
      print(name, rows, { recordsPerSecondMedian: Math.round(median(Array.from({ length: runs }, rate))) });
    }
    if (digests.size > 1) throw new Error(`frames of ${rows} rows have the digests ${[...digests].join(" and ")}`);
  }
}
