/** Each program of examples/, as somebody runs it, and its answers held against what the kernels say here. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Table, TimestampMicrosecond, tableFromArrays, tableFromIPC, tableToIPC, vectorFromArray } from "apache-arrow";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { collectTrades } from "../../src/files/read/trades.js";
import { fromCcxt, vpin } from "../../src/index.js";
import { requireBuilt, temporaryFolder } from "../support/cli.js";
import { install } from "../support/installed.js";

const root = packageRoot();
const examples = join(root, "examples");
const room = temporaryFolder();
beforeAll(requireBuilt);

/** Runs a program in an empty folder. */
function run(file: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { cwd: room, encoding: "utf8" });
  return { status, stdout, stderr };
}
const answerOf = (file: string, ...args: string[]): string => {
  const { status, stdout, stderr } = run(join(examples, file), ...args);
  expect({ status, stderr }, file).toEqual({ status: 0, stderr: "" });
  return stdout;
};
/** What a program says of input that it does not take: a sentence, and what to do. */
const refusalOf = (file: string, ...args: string[]): string => {
  const { status, stderr } = run(join(examples, file), ...args);
  expect(status, stderr).toBe(1);
  expect(stderr).not.toMatch(/^ {4}at /m);
  return stderr;
};
function written(name: string, content: string | Uint8Array): string {
  const path = join(room, name);
  writeFileSync(path, content);
  return path;
}

interface Tape {
  readonly time: BigInt64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly side: Int8Array;
}
const { simulatedTrades } = (await import(/* @vite-ignore */ join(examples, "simulated_trades.mjs"))) as {
  simulatedTrades(count: number): Tape;
};
const inBuckets = (trades: Tape, buckets: number, window: number) =>
  vpin(trades, { bucketVolume: trades.size.reduce((sum, size) => sum + size, 0) / buckets, window });
const highest = (values: ArrayLike<number>) => Math.max(...Array.from(values).filter(Number.isFinite));

describe("examples/ccxt", () => {
  const recorded = JSON.parse(readFileSync(join(examples, "ccxt/trades.json"), "utf8")) as { id: string; timestamp: number }[];

  it("reads what ccxt gave, each trade once", () => {
    const { vpin: values } = inBuckets(fromCcxt(recorded) as unknown as Tape, 40, 10);
    const lines = answerOf("ccxt/main.mjs").trim().split("\n");
    expect(lines[0]).toBe("240 trades of BTC/USDT, 2 that pages had twice left out");
    expect(lines.slice(1).map((line) => line.match(/VPIN (\S+)$/)![1])).toEqual([9, 19, 29, 39].map((i) => values[i]!.toFixed(3)));
  });

  it("asks an exchange page by page until there is nothing new, and misses no trade", () => {
    const installed = join(room, "live");
    install(installed);
    cpSync(join(examples, "ccxt/main.mjs"), join(installed, "main.mjs"));
    mkdirSync(join(installed, "node_modules/ccxt"));
    // An exchange with ccxt's own words, and pages of a hundred.
    const exchange = `const all = ${JSON.stringify(recorded)}.filter((one, i, all) => all.findIndex(({ id }) => id === one.id) === i);
export default { binance: class { async fetchTrades(symbol, since) {
  const shift = Date.now() - 600_000 - all[0].timestamp + 1000;
  this.shift ??= shift;
  return all.map((one) => ({ ...one, timestamp: one.timestamp + this.shift })).filter(({ timestamp }) => timestamp >= since).slice(0, 100);
} } };`;
    writeFileSync(join(installed, "node_modules/ccxt/index.mjs"), exchange);
    writeFileSync(join(installed, "node_modules/ccxt/package.json"), '{ "name": "ccxt", "type": "module", "exports": "./index.mjs" }');
    const { stdout, stderr } = run(join(installed, "main.mjs"), "--live", "binance", "BTC/USDT");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^240 trades of BTC\/USDT, 3 that pages had twice left out\n/);
    expect(run(join(installed, "main.mjs"), "--live", "nowhere", "BTC/USDT").stderr).toBe("ccxt has no exchange 'nowhere'\n");
  });

  it("says what is wrong with trades that are none", () => {
    expect(refusalOf("ccxt/main.mjs", written("half.json", '[{"timestamp":1,"price":2}]'))).toMatch(/'amount' of row 0 .*\n {2}fix {5}/);
    expect(refusalOf("ccxt/main.mjs", "--live")).toContain("--live binance BTC/USDT");
  });

  const offline = process.env.TICKFORGE_DEEP ? "" : " (skipped: installs ccxt, 67 MB, with TICKFORGE_DEEP=1 only)";
  it.skipIf(offline)(`the recorded trades are what ccxt itself makes of Binance's${offline}`, { timeout: 300_000 }, () => {
    const folder = join(room, "ccxt");
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    const npm = spawnSync("npm", ["install", "--no-audit", "--no-fund", "ccxt@4"], { cwd: folder, encoding: "utf8" });
    expect(npm.status, npm.stderr).toBe(0);
    const [one] = recorded as unknown as Record<string, number | string>[];
    const raw = { a: Number(one!.id), p: String(one!.price), q: String(one!.amount), T: one!.timestamp, m: one!.side === "sell" };
    const script = `import ccxt from "ccxt";
const exchange = new ccxt.binance();
const market = { ...exchange.safeMarket("BTCUSDT", undefined, undefined, "spot"), symbol: "BTC/USDT", base: "BTC", quote: "USDT" };
console.log(JSON.stringify(exchange.parseTrades([${JSON.stringify(raw)}], market)[0]));
process.exit(0);`;
    writeFileSync(join(folder, "parse.mjs"), script);
    const parsed = spawnSync(process.execPath, ["parse.mjs"], { cwd: folder, encoding: "utf8" });
    expect(JSON.parse(parsed.stdout), parsed.stderr).toMatchObject(one!);
  });
});

describe("examples/duckdb", () => {
  const csv = (trades: Tape) =>
    `time,price,size,side\n${[...trades.time].map((time, i) => `${new Date(Number(time / 1_000_000n)).toISOString().replace("Z", "")},${trades.price[i]},${trades.size[i]},${trades.side[i]}`).join("\n")}\n`;

  it("computes on a query, and SQL joins the answer to the trades", () => {
    const table = answerOf("duckdb/main.mjs");
    expect(table).toMatch(/^200,000 trades, 500 buckets, VPIN of the last 0\.\d+\n/);
    const [toxic, rest] = ["above", "else"].map((word) => new RegExp(`'${word}.*'[^│]*│ *(\\d+) *│ *(\\S+) *│ *(\\S+) *│`).exec(table)!);
    expect(Number(toxic![3])).toBeGreaterThan(2 * Number(rest![3])); // buyers, where VPIN is high
    expect(Number(toxic![1]) + Number(rest![1])).toBeLessThanOrEqual(200_000);
  });

  it("takes a file, whose VPIN is that of the same columns here", () => {
    const trades = simulatedTrades(80_000);
    const { vpin: values } = inBuckets(trades, 500, 50);
    const table = answerOf("duckdb/main.mjs", written("trades.csv", csv(trades)));
    expect(table.split("\n")[0]).toBe(`80,000 trades, ${values.length} buckets, VPIN of the last ${values.at(-1)!.toFixed(3)}`);
  });

  it("refuses a null, and names a column that is missing", () => {
    const path = written("holes.csv", `${csv(simulatedTrades(3)).replace(/,\d+,(-?1)\n$/, ",,$1\n")}`);
    expect(refusalOf("duckdb/main.mjs", path)).toBe("'size' of row 2 is null: leave such rows out with WHERE size IS NOT NULL\n");
    expect(refusalOf("duckdb/main.mjs", written("other.csv", "time,price,size\n2026-01-05,1,2\n"))).toMatch(/"?side"?/);
  });
});

describe("examples/arrow", () => {
  const trades = simulatedTrades(100_000);
  const { vpin: values, endTime, cdf } = inBuckets(trades, 500, 50);

  it("computes on Arrow's memory, and writes the answer as Arrow", () => {
    expect(answerOf("arrow/main.mjs")).toBe(
      `100,000 trades, prices where Arrow has them\n500 buckets in buckets.arrow; VPIN is highest at 2026-01-05T15:26:56.550Z: ${highest(values).toFixed(3)}\n`,
    );
    const table = tableFromIPC(readFileSync(join(room, "buckets.arrow")));
    expect(table.getChild("vpin")!.toArray()).toEqual(values);
    expect(table.getChild("cdf")!.toArray()).toEqual(cdf);
    expect(table.getChild("time")!.toArray()).toEqual(endTime);
  });

  it("reads timestamps by the unit that they tell, as polars and pyarrow write them", () => {
    const micros = vectorFromArray(
      [...trades.time].slice(0, 9000).map((time) => Number(time / 1_000_000n)),
      new TimestampMicrosecond(),
    );
    const first = Object.fromEntries(Object.entries(trades).map(([name, column]) => [name, column.slice(0, 9000)])) as unknown as Tape;
    const columns = {
      time: micros,
      ...Object.fromEntries(["price", "size", "side"].map((name) => [name, vectorFromArray(first[name as "side"])])),
    };
    const path = written("stamps.arrow", tableToIPC(new Table(columns), "file"));
    answerOf("arrow/main.mjs", path, "stamped.arrow");
    const { endTime } = inBuckets(first, 500, 50);
    expect(
      tableFromIPC(readFileSync(join(room, "stamped.arrow")))
        .getChild("time")!
        .toArray(),
    ).toEqual(endTime);
  });

  // 500 made-up trades, written once: polars.* by polars 1.44.2 in Python (write_ipc, write_parquet), nodejs_polars.arrow by nodejs-polars
  // 0.26.1 (writeIPC) of the Parquet; times are Datetime("us").
  it("reads what polars wrote, and says of what it compressed how to write it", async () => {
    const fixture = (name: string) => join(root, "test/fixtures", name);
    const { columns } = await collectTrades(fixture("polars.parquet"));
    const { endTime, vpin: values } = inBuckets(columns as Tape, 500, 50);
    expect(columns.time.length).toBe(500);
    for (const name of ["polars.arrow", "nodejs_polars.arrow"]) {
      expect(answerOf("arrow/main.mjs", fixture(name), "of_polars.arrow"), name).toMatch(/^500 trades, prices where Arrow has them\n/);
      const table = tableFromIPC(readFileSync(join(room, "of_polars.arrow")));
      expect([table.getChild("time")!.toArray(), table.getChild("vpin")!.toArray()], name).toEqual([endTime, values]);
    }
    expect(refusalOf("arrow/main.mjs", fixture("polars_zstd.arrow"))).toMatch(
      /compressed.*\n {2}fix {5}write it with compression="uncompressed"\n/,
    );
  });

  it("names a column that is missing", () => {
    const { price, size } = trades;
    const path = written("few.arrow", tableToIPC(tableFromArrays({ price, size }), "file"));
    expect(refusalOf("arrow/main.mjs", path)).toMatch(/time/);
  });
});

describe("examples/electron", () => {
  it("moves the columns of a hundred messages, whose buckets are those of the whole tape", () => {
    const { vpin: values, cdf } = vpin(simulatedTrades(200_000), { bucketVolume: 2000, window: 50 });
    expect(answerOf("electron/main.mjs")).toBe(
      `200,000 trades in 100 messages, ${values.length} buckets\nVPIN is ${values.at(-1)!.toFixed(3)}, above ${(100 * cdf.at(-1)!).toFixed(1)} % of earlier values\n`,
    );
  });
});
