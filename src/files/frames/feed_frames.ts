import { kernel } from "../../core/call/kernel.js";
import { countCheck } from "../../core/contract/contract.js";
import { latin } from "../kernels/line.js";
import { symbolId } from "../kernels/symbol_table.js";
import { type FrameRow, frameRows } from "./frame_rows.js";
import { encodeRules, type MessageRule, readRules } from "./frame_rules.js";

const exact = { f64: { exact: true }, f32: { exact: true } } as const;
const one = <const D extends "i64" | "f64" | "i8" | "u8" | "u32">(dtype: D, unit: string, doc: string) =>
  ({ dtype, shape: ["row"], unit, doc }) as const;

const mostSymbols = 1 << 20;
const bytesPerSymbol = 32;
const known = { min: 0, upTo: "symbols" } as const;

const outputs = {
  kind: one(
    "u8",
    "-",
    "0 a trade, 1 a quote, 2 a level of a book, 3 a print that is no trade of the market, 4 a frame that fits no rule, 5 a frame that fits one and has no rows",
  ),
  state: one(
    "u8",
    "bits",
    "1 first and 2 last row of its frame, 4 of a snapshot, 8 without a time of the exchange, 16 with one that is years off, 32 of several fills, 64 with a checksum, 128 a change of a book without a level",
  ),
  side: one("i8", "-", "trades: +1 the buyer was the aggressor, -1 the seller; levels: +1 bid, -1 ask; else 0"),
  priceDigits: one("u8", "digits", "decimals with which the price was written"),
  sizeDigits: one("u8", "digits", "decimals with which the size was written"),
  instrument: one("u32", "id", "place among `instruments`; 4294967295 where the frame names none"),
  frame: one("u32", "count", "number of the frame, from 0"),
  checksum: one("u32", "-", "of the book after this message, where `state` says that there is one"),
  time: one("i64", "ns since 1970 UTC", "time of the exchange; of receipt where it tells none, or one that is years off"),
  received: one("i64", "ns since 1970 UTC", "time of receipt"),
  id: one("i64", "-", "of the trade, or the last update that the message stands for; -1 where there is none; of a refused frame why"),
  first: one("i64", "-", "levels: the first update that the message stands for; -1 where there is none"),
  previous: one("i64", "-", "levels: the update before that; -1 where there is none; of a refused frame the field"),
  price: one("f64", "price", "> 0; of the bid for quotes; NaN where there is none"),
  size: one("f64", "size", ">= 0; of a level what is now there; NaN where it is not told"),
  ask: one("f64", "price", "quotes: of the ask; NaN where there is none"),
  askSize: one("f64", "size", "quotes: of the ask; NaN where it is not told"),
} as const;

const sampleRules: readonly MessageRule[] = [
  {
    rows: "trade",
    when: { e: "trade" },
    symbol: "s",
    time: { at: "T", form: "ms" },
    id: "t",
    ...{ price: "p", size: "q", side: { at: "m", up: "false", down: "true" } },
    drop: { at: "X", words: ["NA"] },
  },
  {
    rows: "depth",
    when: { e: "depth*", u: true },
    ...{ symbol: "s", time: { at: "E", form: "iso" }, first: "U", id: "u", checksum: "c" },
    levels: [
      { at: "b", side: 1, price: "0", size: "1" },
      { at: "a", side: -1, price: "price", size: "qty", optional: true, snapshot: true },
    ],
  },
  { rows: "quote", when: { e: false }, symbol: "^s", each: "list", bid: "0", bidSize: "1", ask: "-2", askSize: "-1" },
];
const sampleSymbols = ["BTCUSDT", "X", "ETH-USD"];

/** Frames of three kinds; a tenth of them wrong in one byte or more. */
function sampleFrames(count: number, random: () => number) {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const number = () =>
    pick([(10 ** (8 * random() - 4)).toFixed(8), (1e5 * random()).toFixed(2), String(10 ** (20 * random() - 10)), "0.00000000"]);
  const frames = Array.from({ length: count }, (_, i) => {
    const s = pick([...sampleSymbols, "UNKNOWN"]);
    const level = () => `["${number()}","${number()}"]`;
    const deep = () => `{"price":${number()},"qty":${number()},"more":[null,true,{"x":[1]}]}`;
    const quotes = () => Array.from({ length: 6 }, () => `["${number()}",${number()},${number()},"${number()}"]`).join(",");
    const levels = (of: () => string) => Array.from({ length: Math.floor(6 * random() ** 2) }, of).join(",");
    const ms = 1_700_000_000_000 + i + (random() < 0.05 ? 1e12 : 0);
    const text = pick([
      () =>
        `{"e":"trade","E":${ms},"T":${ms},"s":"${s}","t":${i},"p":"${number()}","q":"${number()}","X":"${pick(["MARKET", "NA"])}","m":${random() < 0.5}}`,
      () =>
        `{"stream":"x","data":{"e":"depthUpdate","E":"2023-11-14T22:13:${10 + (i % 50)}.12Z","s":"${s}","U":${i},"u":${i + 3},"b":[${levels(level)}],"a":[${levels(deep)}]}}`,
      () => ` {"s":"${s}","list":[[${number()},1,"${number()}",null],[null,null,0,1],${quotes()}],"text":"a\\"b"} `,
      () => `{"e":"depthSnap","s":"${s}","U":1,"u":${i},"b":[],"c":"${Math.floor(2 ** 32 * random())}"}`,
      () => '{"event":"heartbeat"}',
    ])();
    if (random() > 0.1) return text;
    const at = Math.floor(random() * text.length);
    return pick([
      text.slice(0, at),
      text.slice(0, at) + pick([...'{}[]",:-.eE0x\\ \n']) + text.slice(at + 1),
      text.slice(0, at) + text.slice(at + 2),
    ]);
  });
  const lengths = frames.map((text) => text.length);
  const ends = lengths.map(
    (
      (sum) => (length: number) =>
        (sum += length)
    )(0),
  );
  return {
    bytes: new Uint8Array(Buffer.from(frames.join(""), "latin1")),
    spans: Uint32Array.from(ends.flatMap((end, i) => [end - lengths[i]!, end])),
    received: BigInt64Array.from(frames, (_, i) => 1_700_000_000_000_000_000n + BigInt(i) * 1_000_000n),
    about: Int32Array.from(frames, () => -1),
    rules: encodeRules(sampleRules, "data"),
    instruments: encodeNames(sampleSymbols),
  };
}

/** Length and bytes of each name; an empty one, or one that is longer than 255 bytes, is an error of the caller's. */
export function encodeNames(names: readonly string[]): Uint8Array {
  return Uint8Array.from(
    names.flatMap((name) => {
      const bytes = Buffer.from(name, "utf8");
      if (bytes.length === 0 || bytes.length > 255)
        throw new RangeError(`an instrument's name has ${bytes.length} bytes, 1 to 255 can be read`);
      return [bytes.length, ...bytes];
    }),
  );
}

/** Messages of a venue -> rows. A call ends where the rows are full, in the middle of a frame too: the next one goes on there. */
export const feedFrames = kernel({
  name: "feed_frames",
  rows: "frame",
  produces: "row",
  doc: "Reads trades, quotes and changes of books from the JSON messages of a venue, by rules that say which key is what. A frame gives all its rows or, where anything in it is wrong, one that says why.",
  source: "RFC 8259 as JSON.parse takes it; decimal rounding as in IEEE 754-2019, 5.12.2",
  inputs: {
    bytes: { dtype: "u8", shape: ["byte"], unit: "text", doc: "frames as they came" },
    spans: { dtype: "u32", shape: ["frame", 2], unit: "bytes", doc: "where each begins and ends" },
    received: { dtype: "i64", shape: ["frame"], unit: "ns since 1970 UTC", doc: "when it came" },
    about: { dtype: "i32", shape: ["frame"], unit: "id", doc: "instrument of an answer that names none; -1: there is none" },
    rules: { dtype: "u8", shape: ["rule"], unit: "-", doc: "how messages become rows, as encodeRules writes it" },
    instruments: { dtype: "u8", shape: ["name"], unit: "text", doc: "length and bytes of each symbol; read where the state has none yet" },
  },
  params: {
    aheadSeconds: { type: "i32", min: 1, default: 86_400, doc: "times of the exchange further ahead of receipt are not believed" },
    behindSeconds: { type: "i32", min: 1, default: 366 * 86_400, doc: "times of the exchange further behind are not believed" },
    symbols: { type: "i32", min: 1, max: mostSymbols, default: 4096, doc: "symbols that the table can hold" },
  },
  state: {
    frames: { dtype: "i64", shape: [1], check: countCheck, unit: "count", doc: "frames that were taken" },
    given: { dtype: "i64", shape: [1], check: countCheck, unit: "count", doc: "rows of the next frame that were given already" },
    names: { dtype: "u8", shape: ["symbols", bytesPerSymbol], unit: "text", doc: "symbols, one after the other" },
    nameEnds: {
      dtype: "u32",
      shape: ["symbols"],
      check: { max: bytesPerSymbol * mostSymbols },
      unit: "bytes",
      doc: "where each ends in `names`",
    },
    nameTable: {
      dtype: "u32",
      shape: ["symbols", 4],
      places: { 1: known, 3: known },
      unit: "-",
      doc: "hash and id + 1, by open addressing",
    },
    nameCount: { dtype: "u32", shape: [1], check: known, unit: "count", doc: "symbols known" },
  },
  outputs,
  compare: Object.fromEntries(Object.keys(outputs).map((name) => [name, exact])) as { [name in keyof typeof outputs]: typeof exact },
  cost: ({ byte = 0 }) => ({ flops: 2 * byte, bytes: 2 * byte }),
  reference({ in: { bytes, spans, received, about, rules, instruments }, params, state, out }) {
    const { frames, given, nameCount } = state;
    if (nameCount[0] === 0)
      for (let at = 0; at < instruments.length && at + 1 + instruments[at]! <= instruments.length; at += 1 + instruments[at]!)
        symbolId(state, instruments.subarray(at + 1, at + 1 + instruments[at]!));
    const context = {
      ...readRules(rules),
      instrumentOf: (symbol: string) => {
        const id = symbolId(state, Buffer.from(symbol, "latin1"), false);
        return id < 0 ? undefined : id;
      },
      ahead: BigInt(params.aheadSeconds) * 1_000_000_000n,
      behind: BigInt(params.behindSeconds) * 1_000_000_000n,
    };
    let produced = 0;
    for (let at = 0; at < received.length; at++) {
      if (produced === out.kind.length) return { consumed: at, produced };
      const [begin, end] = [spans[2 * at]!, spans[2 * at + 1]!];
      const text = begin <= end && end <= bytes.length ? latin(bytes.subarray(begin, end)) : "";
      const asked = about[at]! < nameCount[0]! ? about[at]! : -1;
      const rows = frameRows(text, { ...context, received: received[at]!, about: asked });
      const from = Number(given[0]);
      const to = Math.min(rows.length, from + out.kind.length - produced);
      for (const row of rows.slice(from, to)) {
        for (const name of rowNames) (out[name] as { [i: number]: number | bigint })[produced] = row[name];
        out.frame[produced] = Number(BigInt.asUintN(32, frames[0]!));
        out.received[produced++] = received[at]!;
      }
      given[0] = to < rows.length ? BigInt(to) : 0n;
      if (to < rows.length) return { consumed: at, produced };
      frames[0]!++;
    }
    return { consumed: received.length, produced };
  },
  sample: ({ frame = 0 }, random) => sampleFrames(frame, random),
  golden: [
    {
      source: "hand reading of Binance's documented trade: the buyer is the maker, so the seller was the aggressor",
      inputs: {
        bytes: [...Buffer.from('{"e":"trade","s":"X","t":12345,"p":"0.001","q":"100","T":1672515782136,"X":"MARKET","m":true}')],
        spans: [0, 93],
        received: [1672515782200000000n],
        about: [-1],
        rules: [...encodeRules(sampleRules)],
        instruments: [...encodeNames(sampleSymbols)],
      },
      outputs: {
        kind: [0],
        state: [3],
        side: [-1],
        time: [1672515782136000000n],
        id: [12345],
        price: [0.001],
        size: [100],
        instrument: [1],
        priceDigits: [3],
      },
      relative: 0,
    },
  ],
  parity: [0, 1, 3, 50, 1_000, 3_000].map((frame) => ({ dims: { frame } })),
  bench: [{ dims: { frame: 20_000 } }],
});
const rowNames: readonly (keyof FrameRow)[] = [
  ...(["kind", "state", "side", "priceDigits", "sizeDigits", "instrument", "checksum"] as const),
  ...(["time", "id", "first", "previous", "price", "size", "ask", "askSize"] as const),
];
