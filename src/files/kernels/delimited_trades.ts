import { kernel } from "../../core/call/kernel.js";
import { countCheck } from "../../core/contract/contract.js";
import { isBlank, type LineOptions, latin, type Refused, readLine, readWords, roles, type Trade } from "./line.js";
import { timeFormats } from "./line_time.js";
import { counted, longestLine, passed, refusalNumber } from "./refusals.js";
import { sampleOptions, sampleText, sampleWords } from "./sample_text.js";
import { type SymbolState, symbolId } from "./symbol_table.js";
import { refuseWritten, writtenOf, writtenParams } from "./written.js";

const none = -1;
const column = (doc: string) => ({ type: "i32", min: none, max: 511, default: none, doc: `${doc}, from 0; -1: there is none` }) as const;
const exact = { f64: { exact: true }, f32: { exact: true } } as const;
const one = <const D extends "i64" | "f64" | "i8" | "u32">(dtype: D, unit: string, doc: string) =>
  ({ dtype, shape: ["trade"], unit, doc }) as const;

const mostSymbols = 1 << 20;
const bytesPerSymbol = 16;
const longestNames = bytesPerSymbol * mostSymbols;
const known = { min: 0, upTo: "symbols" } as const;

/** Writes a row and counts what is odd about it; refused where its symbol finds no place. */
function accept(
  trade: Trade,
  repeated: boolean,
  params: { instrument: number; symbolColumn: number },
  state: SymbolState & { counts: BigInt64Array; lastTime: BigInt64Array; gap: BigInt64Array },
  out: { time: BigInt64Array; price: Float64Array; size: Float64Array; side: Int8Array; instrument: Uint32Array },
  row: number,
): Refused | undefined {
  const { counts, lastTime, gap } = state;
  const id = trade.symbol === undefined ? params.instrument : symbolId(state, Buffer.from(trade.symbol, "latin1"));
  if (id < 0) return { code: "symbols_full", column: params.symbolColumn, field: trade.symbolField! };
  counts[counted.rows]!++;
  if (trade.size === 0) counts[counted.zeroSizes]!++;
  if (trade.side === 0) counts[counted.unknownSides]!++;
  if (repeated) counts[counted.repeats]!++;
  if (lastTime[0]! >= 0n && trade.time - lastTime[0]! > gap[0]!) gap.set([trade.time - lastTime[0]!, counts[counted.lines]!]);
  lastTime[0] = trade.time;
  out.time[row] = trade.time;
  out.price[row] = trade.price;
  out.size[row] = trade.size;
  out.side[row] = trade.side;
  out.instrument[row] = id;
  return undefined;
}

interface Options {
  separator: number;
  decimal: number;
  group: number;
  columns: number;
  timeColumn: number;
  clockColumn: number;
  priceColumn: number;
  sizeColumn: number;
  sideColumn: number;
  symbolColumn: number;
  kindColumn: number;
  timeFormat: string;
  priceScale: number;
  day: number;
  signedSize: number;
  otherKinds: number;
}

/** `paths`: number of what it leads to, length, bytes; and again, as words are. */
function lineOptions(params: Options, words: Uint8Array, paths: Uint8Array | undefined, zone: BigInt64Array | undefined): LineOptions {
  const { timeColumn, clockColumn, priceColumn, sizeColumn, sideColumn, symbolColumn, kindColumn, decimal, group, ...rest } = params;
  const column = {
    time: timeColumn,
    clock: clockColumn,
    price: priceColumn,
    size: sizeColumn,
    side: sideColumn,
    symbol: symbolColumn,
    kind: kindColumn,
  };
  const lead = readWords(paths ?? new Uint8Array(0)).filter((p) => p.meaning < roles.length && p.word !== "");
  return {
    ...rest,
    timeFormat: rest.timeFormat as LineOptions["timeFormat"],
    column,
    written: writtenOf(decimal, group),
    words: readWords(words),
    paths: lead.map((p) => ({ role: p.meaning, path: p.word })),
    zone,
  };
}

/** Text -> trades. A call ends before a line that finds no room, and after a refused one, which `bad` and `text` then describe. */
export const delimitedTrades = kernel({
  name: "delimited_trades",
  rows: "byte",
  produces: "trade",
  doc: "Reads trades from delimited text, or from lines that hold a JSON record each, in pieces of any length. Numbers are rounded correctly; what is not a trade is refused with its line and column.",
  source: "RFC 4180 without line breaks inside quotes; RFC 8259; decimal rounding as in IEEE 754-2019, 5.12.2",
  inputs: {
    bytes: { dtype: "u8", shape: ["byte"], unit: "text", doc: "the next piece of the text; a line may end in a later piece" },
    words: {
      dtype: "u8",
      shape: ["word"],
      unit: "text",
      doc: "what a word means, its length, its bytes; and again. Of the side: 1 buy, 2 sell, 0 unknown; of the kind of row: 3 a trade, 16 and more to be passed over; 4 a symbol that is asked for. Letters of side and kind match in either case",
    },
    paths: {
      dtype: "u8",
      shape: ["path"],
      optional: true,
      unit: "text",
      doc: "lines are JSON: where in a record time (0), clock (1), price (2), size (3), side (4), symbol (5) and kind (6) are, in the form of words: data.p, or 2 for a place of an array",
    },
    zone: {
      dtype: "i64",
      shape: ["change", 2],
      optional: true,
      unit: "s",
      doc: "of times that do not name their zone: seconds since 1970 on its wall clock, and how far it is ahead of UTC from there on",
    },
  },
  params: {
    separator: { type: "i32", min: 1, max: 127, default: 44, doc: "byte between fields" },
    ...writtenParams,
    columns: { type: "i32", min: 1, max: 512, doc: "fields of every line; one with more or fewer is refused" },
    timeColumn: { type: "i32", min: 0, max: 511, doc: "column of the time, from 0" },
    clockColumn: column("column of the time of day, where date and time are apart"),
    priceColumn: { type: "i32", min: 0, max: 511, doc: "column of the price, from 0" },
    sizeColumn: { type: "i32", min: 0, max: 511, doc: "column of the size, from 0" },
    sideColumn: column("column of the side"),
    symbolColumn: column("column of the symbol"),
    kindColumn: column("column that says which rows are trades"),
    timeFormat: {
      type: "enum",
      values: timeFormats,
      default: "ms",
      doc: "count since 1970 UTC, with decimals, or ISO 8601; iso_us: its fraction is a number of microseconds, not padded; mdy: MM/DD/YYYY and a time; of_day: seconds since midnight",
    },
    priceScale: { type: "i32", min: 0, max: 18, default: 0, doc: "prices are divided by 10 to this power" },
    day: { type: "i32", default: 0, doc: "days since 1970 of times of day" },
    signedSize: { type: "i32", min: 0, max: 1, default: 0, doc: "1: a negative size is a sale" },
    otherKinds: { type: "i32", min: 0, max: 1, default: 0, doc: "1: rows of a kind that is not known are passed over, not refused" },
    instrument: { type: "i32", min: 0, default: 0, doc: "instrument of all rows where there is no symbol column" },
    symbols: { type: "i32", min: 1, max: mostSymbols, default: 16_384, doc: "symbols that the table can hold" },
  },
  state: {
    counts: {
      dtype: "i64",
      shape: [8],
      check: countCheck,
      unit: "count",
      doc: "lines, rows, empty lines, sizes of 0, unknown sides, repeats of the row before, refused lines, rows passed over",
    },
    kinds: {
      dtype: "i64",
      shape: [passed.places],
      check: countCheck,
      unit: "count",
      doc: "rows passed over: of kinds not known, of symbols not asked for, and of each kind in order of its number",
    },
    lastTime: { dtype: "i64", shape: [1], init: -1n, unit: "ns", doc: "time of the last row; -1: none" },
    gap: { dtype: "i64", shape: [2], unit: "ns, line", doc: "longest time without a trade, and the line that ended it" },
    bad: {
      dtype: "i64",
      shape: [6],
      places: { 5: { min: 0, max: longestLine } },
      unit: "-",
      doc: "the line refused last: why, line, column, offset and length of the field, bytes of the line kept in `text`",
    },
    carried: {
      dtype: "i32",
      shape: [1],
      check: { min: -1, max: longestLine },
      unit: "bytes",
      doc: "bytes in `text` of a line whose end is still to come; -1: the rest of a line too long",
    },
    text: { dtype: "u8", shape: [longestLine], unit: "text", doc: "an unfinished line, or the refused one" },
    previousLength: { dtype: "i32", shape: [1], check: { min: 0, max: longestLine }, unit: "bytes", doc: "length of the line before" },
    previous: { dtype: "u8", shape: [longestLine], unit: "text", doc: "the line before" },
    names: { dtype: "u8", shape: ["symbols", bytesPerSymbol], unit: "text", doc: "symbols, one after the other" },
    nameEnds: { dtype: "u32", shape: ["symbols"], check: { max: longestNames }, unit: "bytes", doc: "where each symbol ends in `names`" },
    nameTable: {
      dtype: "u32",
      shape: ["symbols", 4],
      places: { 1: known, 3: known },
      unit: "-",
      doc: "hash and id + 1, by open addressing",
    },
    nameCount: { dtype: "u32", shape: [1], check: known, unit: "count", doc: "symbols known" },
  },
  outputs: {
    time: one("i64", "ns since 1970 UTC", "time of the trade; never falls"),
    price: one("f64", "price", "> 0"),
    size: one("f64", "size", ">= 0"),
    side: one("i8", "-", "+1 the buyer was the aggressor, -1 the seller, 0 unknown"),
    instrument: one("u32", "id", "symbols in order of appearance"),
  },
  compare: { time: exact, price: exact, size: exact, side: exact, instrument: exact },
  refuse(p) {
    const all = [p.timeColumn, p.clockColumn, p.priceColumn, p.sizeColumn, p.sideColumn, p.symbolColumn, p.kindColumn];
    const columns = all.filter((c) => c >= 0);
    if (new Set(columns).size < columns.length) return "two roles have the same column";
    if (columns.some((c) => c >= p.columns)) return `a role has column ${Math.max(...columns)}, but lines have ${p.columns} columns`;
    if (p.clockColumn >= 0 && !/^iso|^mdy/.test(String(p.timeFormat)))
      return "a column for the time of day needs timeFormat iso, iso_us or mdy";
    if (p.signedSize && p.sideColumn >= 0) return "the side comes from the side column or from the sign of the size, not from both";
    return [10, 13, 34].includes(p.separator) ? "the separator cannot be a line end or a quote" : refuseWritten(p);
  },
  cost: ({ byte = 0 }) => ({ flops: byte, bytes: 1.5 * byte }),
  reference({ in: { bytes, words, paths, zone }, params, state, out }) {
    const { counts, kinds, lastTime, bad, carried, text, previousLength, previous } = state;
    const separator = String.fromCharCode(params.separator);
    const rule = lineOptions(params, words, paths, zone);
    let [at, produced] = [0, 0];
    let pending = carried[0]! > 0 ? latin(text.subarray(0, carried[0])) : "";
    let skipping = carried[0]! < 0;
    let before = latin(previous.subarray(0, previousLength[0]));
    let refused: Refused | undefined;
    bad.fill(0n);
    while (at < bytes.length && !refused) {
      const newline = bytes.indexOf(10, at);
      const open = newline < 0;
      if (!open && produced === out.time.length) break;
      const line = pending + latin(bytes.subarray(at, open ? bytes.length : newline));
      at = open ? bytes.length : newline + 1;
      pending = "";
      if (!open) counts[counted.lines]!++;
      if (skipping) {
        skipping = open;
      } else if (line.length > longestLine) {
        refused = { code: "line_long", column: 0, field: { start: 0, end: line.length } };
        skipping = open;
        before = "";
      } else if (open) {
        pending = line;
      } else if (isBlank(line, separator)) {
        counts[counted.emptyLines]!++;
      } else {
        const read = readLine(line, rule, lastTime[0]!);
        const repeated = line === before;
        before = line;
        if ("passed" in read) {
          kinds[read.passed]!++;
          counts[counted.passed]!++;
          continue;
        }
        refused = "code" in read ? read : accept(read, repeated, params, state, out, produced);
        if (!refused) produced++;
      }
      if (refused) {
        counts[counted.refused]!++;
        pending = line.slice(0, longestLine);
        const { code, column, field } = refused;
        const number = Number(counts[counted.lines]) + (open ? 1 : 0);
        bad.set([refusalNumber(code), number, column, field.start, field.end - field.start, pending.length].map(BigInt));
      }
    }
    carried[0] = skipping ? -1 : refused ? 0 : pending.length;
    text.fill(0).set(Buffer.from(pending, "latin1"));
    previousLength[0] = before.length;
    previous.fill(0).set(Buffer.from(before, "latin1"));
    return { consumed: at, produced };
  },
  example: sampleOptions,
  sample: ({ byte = 0 }, random) => ({ bytes: sampleText(byte, random), words: sampleWords }),
  golden: [
    {
      source: "hand reading of two rows; 0.1 and 61837.63 are the nearest doubles that the language prints so",
      inputs: {
        bytes: [...Buffer.from("1,61837.63000000,0.1,1723161255342,sell,BTC\n2,61838,2e-3,1723161255343,buy,ETH\n")],
        words: [...sampleWords],
      },
      options: sampleOptions,
      outputs: {
        time: [1723161255342000000n, 1723161255343000000n],
        price: [61837.63, 61838],
        size: [0.1, 0.002],
        side: [-1, 1],
        instrument: [0, 1],
      },
      relative: 0,
    },
  ],
  parity: [0, 1, 50, 3_000, 70_000].map((byte) => ({ dims: { byte, word: sampleWords.length } })),
  bench: [{ dims: { byte: 16_000_000, word: sampleWords.length } }],
});
