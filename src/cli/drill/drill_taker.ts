/** Started as an engine of the system under drill: takes trades, no faster than it is told, and gives them on where their topic may lose some. */
import type { Views } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { type TradeColumns, tradeColumns } from "../../market/trade_columns.js";
import { defineEngine } from "../../system/kit/engine.js";

/** So long at most in one call. */
const longestMs = 20;

const trades = Object.fromEntries(Object.entries(tradeColumns).map(([name, { dtype }]) => [name, { dtype }]));

export default defineEngine({
  name: "drill_taker",
  doc: "Takes trades no faster than so many a second, as one who writes them to a slow disk; gives them again on a topic that evicts.",
  options: { rowsPerSecond: { type: "number", min: 0, default: 0, unit: "rows/s", doc: "0: as fast as they come" } },
  takes: () => ({ trades: { doc: "trades", topic: "trades", columns: trades } }),
  gives: () => ({
    copy: {
      doc: "the same trades; who is too slow for them loses some, and is told",
      topic: topic({ name: "trades_copy", columns: tradeColumns, rows: 1024, slots: 32, backpressure: "evict" }),
      optional: true,
    },
  }),
  stateBytes: () => 0,
  begin({ gives: { copy }, options: { rowsPerSecond } }) {
    const bed = new Int32Array(new SharedArrayBuffer(4));
    const most = Math.max(1, Math.floor((rowsPerSecond * longestMs) / 1000));
    return {
      take(_, batch, from) {
        if (copy) {
          const slot = copy.claim();
          if (!slot) return from;
          const [into, columns] = [slot.columns, batch.columns] as unknown as [Views<TradeColumns>, Views<TradeColumns>];
          const to = Math.min(batch.rows, from + copy.topic.rows);
          for (const name of Object.keys(tradeColumns) as (keyof TradeColumns)[])
            (into[name] as Float64Array).set((columns[name] as Float64Array).subarray(from, to));
          copy.commit(to - from);
          return to;
        }
        if (rowsPerSecond === 0) return batch.rows;
        const to = Math.min(batch.rows, from + most);
        // It stands still as one who waits for a disk does: its thread is its own.
        Atomics.wait(bed, 0, 0, (1000 * (to - from)) / rowsPerSecond);
        return to;
      },
    };
  },
});
