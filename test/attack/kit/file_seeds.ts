/** Small good files of every format that is read, made here or cut from real ones where they are present. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import * as arrow from "apache-arrow";
import { packageRoot } from "../../../src/addon/addon.js";
import { Xxh64 } from "../../../src/files/bytes/xxh64.js";
import type { ColumnOptions } from "../../../src/files/layout/layout.js";
import { dbnFile, trade } from "../../files/kit/dbn_file.js";
import { zip } from "../../files/kit/zip_file.js";
import { recording } from "./file_recording.js";

export interface Seed {
  name: string;
  bytes: Buffer;
  /** What tells how many rows there are: line ends, the document, or nothing but the file itself. */
  form: "lines" | "document" | "binary" | "records" | "packed" | "recording";
  read: "trades" | "table";
  /** Columns that are named, where they are not told from the file. */
  asked?: ColumnOptions;
}

const start = 1_700_000_000_000;
const count = 60;
const numbers = Array.from({ length: count }, (_, i) => i);
const price = (i: number) => (100 + (i % 7) / 4).toFixed(2);
const lines = (of: (i: number) => string, end = "\n") => numbers.map((i) => of(i) + end).join("");
const spotLine = (i: number) => `${9000 + i},${price(i)},0.5${i},12.5,${start + 500 * i},${i % 3 ? "True" : "False"},True\n`;
const spot = numbers.map(spotLine).join("");
const named = `timestamp,symbol,side,price,amount\n${lines((i) => `${start + i},"BTC${i % 2}",${i % 2 ? "buy" : "sell"},${price(i)},${i + 1}`)}`;
const record = (i: number) => `{"id":${i},"price":"${price(i)}","qty":"1.5","time":${start + i},"isBuyerMaker":${i % 2 === 0}}`;
const wide = `Date,AAA,BBB,CCC\n${lines((i) => `${new Date(start + 86_400_000 * i).toISOString().slice(0, 10)},${price(i)},${price(i + 3)},${i + 2}`)}`;

function ipc(form: "file" | "stream", batches = 3): Buffer {
  const dictionary = arrow.vectorFromArray(["buy", "sell"], new arrow.Utf8());
  const words = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 1);
  const one = (from: number) => {
    const rows = numbers.slice(from, from + count / batches);
    const side = arrow.makeData({ type: words, length: rows.length, nullCount: 0, data: Int32Array.from(rows, (i) => i % 2), dictionary });
    return new arrow.Table({
      time: arrow.makeVector(BigInt64Array.from(rows, (i) => BigInt(start + i))),
      price: arrow.makeVector(Float64Array.from(rows, (i) => Number(price(i)))),
      size: arrow.vectorFromArray(
        rows.map((i) => (i % 11 ? i : null)),
        new arrow.Float64(),
      ),
      side: new arrow.Vector([side]),
      symbol: arrow.vectorFromArray(
        rows.map((i) => `S${i % 3}`),
        new arrow.Utf8(),
      ),
    }).batches;
  };
  const all = new arrow.Table(Array.from({ length: batches }, (_, i) => one((i * count) / batches)).flat());
  return Buffer.from(arrow.tableToIPC(all, form));
}

/** One frame that holds its content as it is, with its checksum. */
function zstd(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0b1010_0100, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(body.length, 5);
  head.writeUIntLE((body.length << 3) | 1, 9, 3);
  const sum = Buffer.alloc(4);
  const hash = new Xxh64();
  hash.update(body);
  sum.writeUInt32LE(Number(hash.digest() & 0xffffffffn));
  return Buffer.concat([head, body, sum]);
}

const packageFile = (name: string) => readFileSync(join(packageRoot(), "test/fixtures", name));

function made(): Seed[] {
  const seed = (
    name: string,
    bytes: string | Uint8Array,
    form: Seed["form"],
    read: Seed["read"] = "trades",
    asked: ColumnOptions = {},
  ): Seed => ({
    ...{ name, form, read, asked },
    bytes: Buffer.from(bytes as Uint8Array),
  });
  const inside = { time: "data.time", price: "data.price", size: "data.qty", side: "data.isBuyerMaker", buy: "false", sell: "true" };
  const [first, second] = [numbers.slice(0, 30), numbers.slice(30)].map((part) => part.map(spotLine)) as [string[], string[]];
  const list = `[${numbers.map(record).join(",\n")}]`;
  return [
    seed("spot.csv", spot, "lines"),
    seed("named.csv", named, "lines"),
    seed("named-crlf.csv", named.replaceAll("\n", "\r\n"), "lines"),
    seed("named.tsv", named.replaceAll(",", "\t"), "lines"),
    seed("records.jsonl", `${numbers.map(record).join("\n")}\n`, "lines"),
    seed(
      "feed.log",
      lines((i) => `${start + i}000000 {"stream":"x","data":${record(i)}}`),
      "lines",
      "trades",
      inside,
    ),
    seed("list.json", list, "document"),
    seed("wrapped.json", `{"code":0,"data":${list},"more":null}`, "document"),
    seed(
      "trades.dbn",
      dbnFile(
        {},
        numbers.map((i) => trade(i)),
      ),
      "records",
    ),
    seed("file.arrow", ipc("file"), "binary"),
    seed("stream.arrow", ipc("stream"), "binary"),
    seed("trades.parquet", packageFile("trades.parquet"), "binary", "trades", { time: "ts_event" }),
    seed("spot.csv.gz", gzipSync(spot), "packed"),
    seed("spot.csv.zst", zstd(spot), "packed"),
    seed(
      "spot.zip",
      zip([
        { name: "a.csv", text: first.join("") },
        { name: "b.csv", text: second.join("") },
      ]),
      "packed",
    ),
    seed("stream.arrow.gz", gzipSync(ipc("stream")), "packed"),
    seed("bus.tfr", recording(count), "recording"),
    seed("prices.csv", wide, "lines", "table"),
    seed("prices.parquet", packageFile("prices.parquet"), "binary", "table"),
    seed("prices.arrow", ipc("file", 2), "binary", "table"),
    seed("prices.csv.gz", gzipSync(wide), "packed", "table"),
  ];
}

/** The beginning of a real file, packed or not, up to a line end. */
const real: readonly [path: string, form: Seed["form"], read?: Seed["read"]][] = [
  ["binance_2024/hb_spot_btcusdt_20240808.gz", "lines"],
  ["binance_2024/hb_cm_btcusd_perp_20240809_visionlayout.csv.gz", "lines"],
  ["mtgox_2013/april_trades.csv.gz", "lines"],
  ["okcoin_2017/okcoinUSD.csv.gz", "lines"],
  ["lobster_aapl/AAPL_2012-06-21_34200000_57600000_message_10.csv.gz", "lines"],
  ["sierra/tbt.txt.gz", "lines"],
  ["databento/test_data.trades.dbn", "binary"],
  ["databento/futures_trades_20240701.dbn.zst", "packed"],
  ["skfolio_prices/sp500_dataset.csv.gz", "lines", "table"],
];

export function seeds(): Seed[] {
  const market = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");
  const found = real.filter(([path]) => existsSync(join(market, path)));
  const cut = found.map(([path, form, read = "trades"]): Seed => {
    const packed = readFileSync(join(market, path));
    const name = path.replace("/", "-");
    if (form !== "lines") return { name, form, read, bytes: packed };
    const text = gunzipSync(packed).subarray(0, 12_000);
    return { name: name.replace(/\.gz$/, ""), form, read, bytes: Buffer.from(text.subarray(0, text.lastIndexOf(10) + 1)) };
  });
  return [...made(), ...cut];
}
