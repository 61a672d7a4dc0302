/**
 * A query of DuckDB -> columns -> VPIN -> a table that SQL joins again: node main.mjs [TRADES]
 *
 * TRADES is any file that DuckDB reads (Parquet, CSV, JSON) with the columns time, price, size and side (+1 where the buyer was the
 * aggressor, -1 the seller); without one DuckDB makes a day of trades. Needs the package @duckdb/node-api.
 */
import { BIGINT, DOUBLE, DuckDBDataChunk, DuckDBInstance } from "@duckdb/node-api";
import { vpin } from "tickforge";

const [file] = process.argv.slice(2);

/** What informed buyers do to a tape, in the last third of each hour. */
const simulated = `
  SELECT epoch_ns(TIMESTAMP '2026-01-05 14:30:00') + i * 50000000 AS time,
         100 + sum(0.01 * side * (hash(i + 7) % 100) / 100) OVER (ORDER BY i) AS price,
         1 + hash(i + 3) % 9 AS size,
         side
  FROM (SELECT i, if(hash(i) % 100 < if(i % 72000 >= 48000, 70, 50), 1, -1) AS side FROM range(200000) AS rows(i))`;

/** A query's columns as typed arrays. A null has no place in them: it would become a zero. */
async function columnsOf(connection, query, types) {
  const reader = await connection.runAndReadAll(query);
  const names = reader.columnNames();
  return Object.fromEntries(
    reader.getColumns().map((values, c) => {
      const row = values.indexOf(null);
      if (row >= 0) throw new Error(`'${names[c]}' of row ${row} is null: leave such rows out with WHERE ${names[c]} IS NOT NULL`);
      return [names[c], types[c].from(values)];
    }),
  );
}

/** A table of columns; DuckDB takes them in chunks of 2,048 rows. */
async function createTable(connection, name, columns) {
  const fields = Object.entries(columns).map(([field, values]) => ({ field, values, big: values instanceof BigInt64Array }));
  await connection.run(`CREATE TABLE ${name} (${fields.map(({ field, big }) => `${field} ${big ? "BIGINT" : "DOUBLE"}`).join(", ")})`);
  const appender = await connection.createAppender(name);
  const types = fields.map(({ big }) => (big ? BIGINT : DOUBLE));
  for (let from = 0; from < fields[0].values.length; from += 2048) {
    const part = fields.map(({ values }) => [...values.subarray(from, from + 2048)]);
    const chunk = DuckDBDataChunk.create(types, part[0].length);
    chunk.setColumns(part);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

try {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const source = file === undefined ? `(${simulated})` : `'${file.replaceAll("'", "''")}'`;
  await connection.run(`CREATE TABLE trades AS SELECT * FROM ${source}`);
  const times = (await connection.runAndReadAll("SELECT typeof(time) FROM trades LIMIT 1")).getRows()[0]?.[0];
  const time = String(times).startsWith("TIMESTAMP") ? "epoch_ns(time)" : "time::BIGINT";

  // Trades of one time stay in the order of the file: the same trade closes the same bucket in each run.
  const trades = await columnsOf(
    connection,
    `SELECT ${time} AS time, price::DOUBLE AS price, size::DOUBLE AS size, side::TINYINT AS side FROM trades ORDER BY 1, rowid`,
    [BigInt64Array, Float64Array, Float64Array, Int8Array],
  );
  const volume = trades.size.reduce((sum, size) => sum + size, 0);
  const { endTime, vpin: values, cdf } = vpin(trades, { bucketVolume: volume / 500, window: 50 });
  await createTable(connection, "toxicity", { time: endTime, vpin: values, cdf });

  // The VPIN in force at each trade (ASOF), and what the price did while it was high.
  const summary = await connection.runAndReadAll(`
    SELECT if(x.cdf > 0.9, 'above 90 % of earlier values', 'else') AS vpin_is, count(*)::INTEGER AS trades,
           round(avg(x.vpin), 3) AS mean_vpin, round(avg(t.side), 3) AS mean_side
    FROM trades AS t ASOF JOIN (FROM toxicity WHERE NOT isnan(vpin)) AS x ON ${time.replace("time", "t.time")} >= x.time
    GROUP BY 1 ORDER BY 1`);
  console.log(
    `${trades.time.length.toLocaleString("en-US")} trades, ${values.length} buckets, VPIN of the last ${values.at(-1)?.toFixed(3)}`,
  );
  console.table(summary.getRowObjectsJS());
} catch (error) {
  console.error(`${error.message}${error.hint ? `\n  fix     ${error.hint}` : ""}`);
  process.exitCode = 1;
}
