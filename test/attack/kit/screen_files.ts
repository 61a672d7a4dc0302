/** Files for the attack on the command line: right ones for each command, and every wrong kind. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { seeded } from "../../../src/kernels/parts/sample.js";

const day = (i: number): string => new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10);
const lines = (...all: string[]) => `${all.join("\n")}\n`;
const many = (count: number, of: (i: number) => string | string[]) => Array.from({ length: count }, (_, i) => of(i)).flat();

function made(): Record<string, string | Uint8Array> {
  const random = seeded(5);
  const start = 1_768_176_000_000;
  const price = () => (100 + 10 * random()).toFixed(2);
  const comma = (text: string) => text.replace(".", ",");
  const trade = (i: number) => `${start + 1000 * i},${price()},${(5 * random()).toFixed(3)},${random() < 0.5 ? "buy" : "sell"}`;
  const trades = lines("time,price,size,side", ...many(400, trade));
  const prices = lines("date,A,B", ...many(120, (i) => `${day(i)},${price()},${price()}`));
  const panel = lines("date,symbol,close,cap", ...many(30, (t) => many(8, (a) => `${day(t)},S${a},${price()},${1000 + 10 * a + t}`)));
  return {
    "trades.csv": trades,
    "two.csv": lines("time,symbol,price,size,side", ...many(400, (i) => `${start + 1000 * i},${i % 2 ? "A" : "B"},${price()},1,buy`)),
    "eu.csv": lines("time;price;size;side", ...many(300, (i) => `${start + 1000 * i};${comma(price())};1,5;sell`)),
    "badrow.csv": trades.replace(/\n(\d+),[\d.]+,/g, (found, time, at) => (at > 6000 && at < 6100 ? `\n${time},x,` : found)),
    "trades.json": lines(...many(50, (i) => JSON.stringify({ time: start + i, price: 10, size: 1, side: "buy" }))),
    "cut.json": '[{"time":1768176000000,"price":1,"size":1},{"time":17681760',
    "trades.csv.gz": gzipSync(trades),
    "cut.csv.gz": gzipSync(trades).subarray(0, 2000),
    "prices.csv": prices,
    "long.csv": lines("date,symbol,close,volume", ...many(120, (i) => ["A", "B"].map((name) => `${day(i)},${name},${price()},5`))),
    "euprices.csv": lines("Date;Close;Volume", ...many(120, (i) => `${day(i)};${comma(price())};2216600`)),
    "either.csv": lines("Date;Close", ...many(120, (i) => `${day(i)};1,${100 + i}`)),
    "holes.csv": prices.replace(/,[\d.]+\n/, ",\n"),
    "volume.csv": lines("date,volume,flag", ...many(120, (i) => `${day(i)},${i},1`)),
    "panel.csv": panel,
    "textpanel.csv": panel.replaceAll(/,1(\d\d)\./g, ",x$1."),
    "sectors.csv": lines("symbol,sector", ...many(8, (a) => `S${a},${a % 2 ? "up" : "down"}`)),
    "weights.csv": lines("asset,weight", "A,0.5", "B,0.5"),
    "topics.json": '{ "topics": [{ "name": "trades", "columns": { "time": "i64", "price": "f64" } }] }',
    "empty.csv": "",
    "header.csv": "time,price,size,side\n",
    "line.csv": "one line alone",
    "utf16.csv": Buffer.from(`\ufeff${trades}`, "utf16le"),
    "latin.csv": Buffer.from("date,Caf\u00e9\n2024-01-01,5\n2024-01-02,6\n", "latin1"),
    "noise.bin": Uint8Array.from({ length: 3000 }, () => Math.floor(256 * random())),
    "zeros.csv": `${trades}${"\0".repeat(500)}`,
    "ragged.csv": prices.replace(/\n2023-02-01,.*/, "\n2023-02-01,1"),
    "quote.csv": prices.replace(/\n2023-02-01,/, '\n2023-02-01,"'),
    "part.tfr": Uint8Array.of(0x54, 0x46, 0x52, 0x43, 1, 0, 0, 0, 9),
    "magic.parquet": "PAR1 and nothing of the kind PAR1",
    "magic.arrow": "ARROW1\0\0 and nothing of the kind",
    "deep.json": "[".repeat(5000),
  };
}

const own = new Map<string, readonly string[]>(
  Object.entries({
    replay: ["trades.csv", "two.csv", "eu.csv", "badrow.csv", "trades.json", "trades.csv.gz"],
    validate: ["trades.csv", "two.csv", "eu.csv", "badrow.csv", "trades.json"],
    risk: ["prices.csv", "long.csv", "euprices.csv", "either.csv", "holes.csv"],
    factors: ["panel.csv", "panel.csv", "textpanel.csv", "long.csv", "sectors.csv"],
    bus: ["topics.json"],
  }),
);
/** Every name, and some that are no files. */
const all = [...Object.keys(made()), "folder", "missing.csv", "trades.csv/below", "-"];
export const filesOf = (command: string): readonly string[] => own.get(command) ?? all;

export function writeFiles(folder: string): void {
  mkdirSync(join(folder, "folder"), { recursive: true });
  for (const [name, content] of Object.entries(made())) writeFileSync(join(folder, name), content);
}
