/**
 * Trades in an Arrow file -> VPIN -> an Arrow file with a row for each bucket: node main.mjs [TRADES.arrow [BUCKETS.arrow]]
 *
 * The file may come from anything that writes Arrow's IPC format: polars `df.write_ipc(path, compression="uncompressed")`, pyarrow, DuckDB,
 * pandas `to_feather(compression="uncompressed")`. It needs the columns time, price, size and side; without a file one is made.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { tableFromArrays, tableFromIPC, tableToIPC } from "apache-arrow";
import { fromArrow, vpin } from "tickforge";
import { simulatedTrades } from "../simulated_trades.mjs";

const [from, into = "buckets.arrow"] = process.argv.slice(2);

/** Arrow's integers do not tell their unit, its timestamps do. */
const declared = { time: { dtype: "i64", unit: "ns" }, price: "f64", size: "f64", side: "i8" };
const timestamped = (table) => table.schema.fields.some(({ name, type }) => name === "time" && String(type).startsWith("Timestamp"));

try {
  const table = from === undefined ? tableFromArrays(simulatedTrades(100_000)) : tableFromIPC(readFileSync(from));
  const trades = fromArrow(table, timestamped(table) ? { ...declared, time: "i64" } : declared);
  const shared = trades.price.buffer === table.getChild("price").data[0].values.buffer;
  console.log(`${trades.time.length.toLocaleString("en-US")} trades, prices ${shared ? "where Arrow has them" : "copied"}`);

  const volume = trades.size.reduce((sum, size) => sum + size, 0);
  const buckets = vpin(trades, { bucketVolume: volume / 500, window: 50 });

  // Typed arrays are Arrow's own columns, so nothing is copied on the way back either. NaN where the window is not full yet.
  const { endTime, vpin: values, cdf, lastPrice } = buckets;
  writeFileSync(into, tableToIPC(tableFromArrays({ time: endTime, vpin: values, cdf, price: lastPrice }), "file"));

  const highest = values.indexOf(values.reduce((most, value) => (value > most ? value : most), 0));
  const when = highest < 0 ? undefined : new Date(Number(endTime[highest] / 1_000_000n)).toISOString();
  console.log(
    `${values.length} buckets in ${into}; VPIN is highest at ${when ?? "no time, for no window is full"}: ${values[highest]?.toFixed(3)}`,
  );
} catch (error) {
  const packed = /compressed/.test(error.message) && 'write it with compression="uncompressed"';
  const hint = packed || error.hint;
  console.error(`${error.message}${hint ? `\n  fix     ${hint}` : ""}`);
  process.exitCode = 1;
}
