/** A member of a group that shares shards: a running sum for each key, whose state moves with its shard. */
import { fork } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { topic } from "../../../src/bus/frame.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { Share } from "../../../src/bus/routing/shares.js";

export const SHARDS = 6;
export const fills = topic({
  name: "fills",
  columns: { key: { dtype: "u32" }, size: { dtype: "f64" } },
  rows: 4,
  slots: 64,
  backpressure: "block",
});
export const sums = topic({
  name: "sums",
  columns: { key: { dtype: "u32" }, sum: { dtype: "f64" }, count: { dtype: "f64" } },
  rows: 4,
  slots: 64,
  backpressure: "block",
});
type Sums = Record<number, [sum: number, count: number]>;

export function startMember(url: string) {
  return fork(fileURLToPath(new URL("../../../dist/test/bus/kit/share_process.js", import.meta.url)), [url]);
}

function member(url: string): void {
  const share = new Share(new RedisBus({ url }), {
    ...{ group: "sums", shards: SHARDS, input: fills, output: sums, leaseMs: 400 },
    work: (_shard, saved) => {
      const state: Sums = saved === undefined ? {} : JSON.parse(saved);
      return {
        take({ columns, rows }) {
          const out = { key: columns.key.slice(0, rows), sum: new Float64Array(rows), count: new Float64Array(rows) };
          for (let i = 0; i < rows; i++) {
            const entry = (state[columns.key[i]!] ??= [0, 0]);
            out.sum[i] = entry[0] += columns.size[i]!;
            out.count[i] = ++entry[1];
          }
          return out;
        },
        save: () => JSON.stringify(state),
      };
    },
  });
  setInterval(() => process.send!(share.working), 20);
  process.on("message", () => void share.close().then(() => process.exit(0)));
}

if (process.send && import.meta.url === pathToFileURL(process.argv[1]!).href) {
  process.on("disconnect", () => process.exit(1));
  member(process.argv[2]!);
}
