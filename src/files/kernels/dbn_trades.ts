import { kernel } from "../../core/call/kernel.js";
import { countCheck } from "../../core/contract/contract.js";
import {
  comparedBytes,
  dbnCounted as counted,
  dbnBad,
  dbnWanted,
  headBytes,
  lengthUnit,
  longestRecord,
  otherSymbol,
  tradeFields,
  undefinedPrice,
  undefinedSize,
} from "./dbn_record.js";
import { sampleRecords } from "./dbn_sample.js";
import { type ValueRefusal, valueRefusal } from "./value_refusals.js";

const exact = { f64: { exact: true }, f32: { exact: true } } as const;
const one = <const D extends "i64" | "f64" | "i8" | "u32">(dtype: D, unit: string, doc: string) =>
  ({ dtype, shape: ["trade"], unit, doc }) as const;

interface State {
  counts: BigInt64Array;
  lastTime: BigInt64Array;
  gap: BigInt64Array;
  bad: BigInt64Array;
  kind: Int32Array;
  until: BigInt64Array;
  wanted: BigInt64Array;
  carried: Int32Array;
  record: Uint8Array;
  previous: Uint8Array;
  ids: Uint32Array;
  idCount: Uint32Array;
}
interface Options {
  named: number;
  tsOut: number;
  time: string;
}
interface Columns {
  time: BigInt64Array;
  price: Float64Array;
  size: Float64Array;
  side: Int8Array;
  instrument: Uint32Array;
}
const lastMoment = 2n ** 63n - 1n;

/** What became of a record: `stop`, it was not taken; `refused`, it was, and the call ends. */
type Outcome = "passed" | "taken" | "refused" | "stop";

/** Id of an instrument by open addressing: -1 where the table does not hold it, and was to be filled, or is full. */
export function instrumentId({ ids, idCount }: Pick<State, "ids" | "idCount">, instrument: number, given?: number): number {
  const places = ids.length / 2;
  let place = Math.imul(instrument, 2654435769) >>> 0;
  place %= places;
  let left = places;
  for (; ids[2 * place + 1]; place = (place + 1) % places) {
    if (left-- === 0) return -1;
    if (ids[2 * place] === instrument) return ids[2 * place + 1]! - 1;
  }
  const id = given ?? -1;
  if (id < 0 || 2 * idCount[0]! >= places) return -1;
  ids.set([instrument, id + 1], 2 * place);
  idCount[0]!++;
  return id;
}

function refuse(state: State, code: ValueRefusal, instrument: number, value: bigint): Outcome {
  state.counts[counted.refused]!++;
  state.bad[dbnBad.code] = BigInt(valueRefusal(code));
  state.bad[dbnBad.instrument] = BigInt(instrument);
  state.bad[dbnBad.value] = value;
  return "refused";
}

/** One whole record. */
function take(bytes: Uint8Array, params: Options, state: State, out: Columns, row: number): Outcome {
  const { counts, kind, lastTime, gap, until, wanted } = state;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields = tradeFields(bytes[1]!);
  if (!fields || (kind[0]! >= 0 && bytes[1] !== kind[0])) {
    counts[counted.lines]!++;
    counts[counted.otherKinds]!++;
    return "passed";
  }
  if (String.fromCharCode(bytes[fields.action]!) !== "T") {
    kind[0] = bytes[1]!;
    counts[counted.lines]!++;
    counts[counted.notTrades]!++;
    return "passed";
  }
  if (row === out.time.length) return "stop"; // no room
  const instrument = view.getUint32(4, true);
  const received = view.getBigUint64(fields.tsRecv, true);
  const time = params.time === "ts_event" ? view.getBigUint64(8, true) : received;
  let id = instrumentId(state, instrument);
  if (params.named && until[0]! < lastMoment && received >= until[0]! && received <= lastMoment) {
    wanted.set([BigInt(dbnWanted.day), BigInt.asIntN(64, received)]);
    return "stop";
  }
  if (params.named && id < 0) {
    wanted.set([BigInt(dbnWanted.instrument), BigInt(instrument)]);
    return "stop";
  }
  kind[0] = bytes[1]!;
  counts[counted.lines]!++;
  if (id === otherSymbol) {
    counts[counted.otherSymbols]!++;
    return "passed";
  }
  const compared = bytes.subarray(0, Math.min(comparedBytes, fields.bytes));
  const repeated = compared.every((byte, i) => byte === state.previous[i]);
  state.previous.fill(0).set(compared);
  const price = view.getBigInt64(fields.price, true);
  const size = view.getUint32(fields.size, true);
  const side = { A: -1, B: 1, N: 0 }[String.fromCharCode(bytes[fields.side]!)];
  if (time >= 2n ** 63n) return refuse(state, "time_range", instrument, BigInt.asIntN(64, time));
  if (price === undefinedPrice) return refuse(state, "empty", instrument, price);
  if (price <= 0n) return refuse(state, "price", instrument, price);
  if (size === undefinedSize) return refuse(state, "size", instrument, BigInt(size));
  if (side === undefined) return refuse(state, "side", instrument, BigInt(bytes[fields.side]!));
  if (time < lastTime[0]!) return refuse(state, "time_backwards", instrument, time);
  if (id < 0) id = instrumentId(state, instrument, state.idCount[0]);
  if (id < 0) return refuse(state, "symbols_full", instrument, BigInt(instrument));
  counts[counted.rows]!++;
  if (size === 0) counts[counted.zeroSizes]!++;
  if (side === 0) counts[counted.unknownSides]!++;
  if (repeated) counts[counted.repeats]!++;
  if (lastTime[0]! >= 0n && time - lastTime[0]! > gap[0]!) gap.set([time - lastTime[0]!, counts[counted.lines]!]);
  lastTime[0] = time;
  out.time[row] = time;
  out.price[row] = Number(price) / 1e9;
  out.size[row] = size;
  out.side[row] = side;
  out.instrument[row] = id;
  return "taken";
}

/** Records of Databento's binary encoding -> trades. A call ends where there is no room, at a record whose instrument or day needs an answer first, and after a refused one. */
export const dbnTrades = kernel({
  name: "dbn_trades",
  rows: "byte",
  produces: "trade",
  doc: "Reads trades from the records of a DBN file, behind its metadata, in pieces of any length. Other records are passed over by their length.",
  source: "Databento Binary Encoding, versions 1 to 3: records trades, mbo, mbp-1, mbp-10, tbbo, cmbp-1, tcbbo",
  inputs: { bytes: { dtype: "u8", shape: ["byte"], unit: "-", doc: "the next piece; a record may end in a later piece" } },
  params: {
    named: {
      type: "i32",
      min: 0,
      max: 1,
      default: 0,
      doc: "1: instruments are those of `ids`, and a call ends before one that is not there; 0: they are numbered in order of appearance",
    },
    tsOut: { type: "i32", min: 0, max: 1, default: 0, doc: "1: every record ends with 8 bytes more, the time it was sent" },
    time: { type: "enum", values: ["ts_recv", "ts_event"], default: "ts_recv", doc: "which time of a record is the trade's" },
    symbols: { type: "i32", min: 1, max: 1 << 20, default: 16_384, doc: "instruments that the table can hold" },
  },
  state: {
    counts: {
      dtype: "i64",
      shape: [9],
      check: countCheck,
      unit: "count",
      doc: "records, rows, records of other kinds, sizes of 0, unknown sides, repeats of the trade before, refused, records of the kind that are no trades, trades of instruments not asked for",
    },
    lastTime: { dtype: "i64", shape: [1], init: -1n, unit: "ns", doc: "time of the last row; -1: none" },
    gap: { dtype: "i64", shape: [2], unit: "ns, record", doc: "longest time without a trade, and the record that ended it" },
    bad: {
      dtype: "i64",
      shape: [5],
      unit: "-",
      doc: "the record refused last: why, its number, its place in bytes, the value, its instrument",
    },
    place: { dtype: "i64", shape: [1], check: countCheck, unit: "bytes", doc: "where the next record begins" },
    kind: {
      dtype: "i32",
      shape: [1],
      init: -1,
      check: { min: -1, max: 255 },
      unit: "rtype",
      doc: "kind whose trades are taken; -1: the first that comes",
    },
    until: { dtype: "i64", shape: [1], init: lastMoment, unit: "ns", doc: "`ids` are good for records received before" },
    wanted: {
      dtype: "i64",
      shape: [2],
      unit: "-",
      doc: "why the call ended before a record: 1 and its instrument, 2 and its time; 0: nothing",
    },
    carried: {
      dtype: "i32",
      shape: [1],
      check: { min: 0, max: longestRecord - 1 },
      unit: "bytes",
      doc: "bytes in `record` of one whose end is still to come",
    },
    record: { dtype: "u8", shape: [longestRecord], unit: "-", doc: "an unfinished record" },
    previous: { dtype: "u8", shape: [comparedBytes], unit: "-", doc: "the trade before" },
    ids: {
      dtype: "u32",
      shape: ["symbols", 4],
      unit: "-",
      doc: "instrument and id + 1, by open addressing; id 2^32 - 2: its trades are passed over",
    },
    idCount: { dtype: "u32", shape: [1], check: { min: 0, upTo: "symbols" }, unit: "count", doc: "instruments in `ids`" },
  },
  outputs: {
    time: one("i64", "ns since 1970 UTC", "time of the trade; never falls"),
    price: one("f64", "price", "> 0; the nearest to the number of 1e-9 below 9,007,199"),
    size: one("f64", "size", ">= 0"),
    side: one("i8", "-", "+1 the buyer was the aggressor, -1 the seller, 0 unknown"),
    instrument: one("u32", "id", "instruments in order of appearance, or as `ids` says"),
  },
  compare: { time: exact, price: exact, size: exact, side: exact, instrument: exact },
  cost: ({ byte = 0 }) => ({ flops: 0, bytes: 1.6 * byte }),
  reference({ in: { bytes }, params, state, out }) {
    const { counts, bad, place, wanted, carried, record } = state;
    let [at, produced] = [0, 0];
    bad.fill(0n);
    wanted.fill(0n);
    while (at < bytes.length) {
      const begun = carried[0]!;
      const have = begun + bytes.length - at;
      const length = (begun > 0 ? record[0]! : bytes[at]!) * lengthUnit;
      const known = have < 2 ? undefined : tradeFields(begun > 1 ? record[1]! : bytes[at + 1 - begun]!);
      if (length < headBytes || begun >= length || (known && length !== known.bytes + 8 * params.tsOut)) {
        bad.set([valueRefusal("record_length"), counts[counted.lines]! + 1n, place[0]!, length, 0].map(BigInt));
        break;
      }
      if (have < length) {
        record.set(bytes.subarray(at), begun);
        carried[0] = have;
        at = bytes.length;
        break;
      }
      const whole = new Uint8Array(length);
      whole.set(record.subarray(0, begun));
      whole.set(bytes.subarray(at, at + length - begun), begun);
      const outcome = take(whole, params, state, out, produced);
      if (outcome === "stop") break;
      if (outcome === "refused") {
        bad[dbnBad.record] = counts[counted.lines]!;
        bad[dbnBad.offset] = place[0]!;
      }
      record.fill(0, 0, begun);
      carried[0] = 0;
      place[0]! += BigInt(length);
      at += length - begun;
      if (outcome === "taken") produced++;
      if (outcome === "refused") break;
    }
    return { consumed: at, produced };
  },
  sample: ({ byte = 0 }, random) => ({ bytes: sampleRecords(byte, random) }),
  golden: [
    {
      source: "the two records of the encoder's own test file test_data.trades (ESH1, 2020-12-28), read by hand",
      inputs: {
        bytes: [
          ...Buffer.from(
            "0c0001006a150000410784b2dbe2541680022e306203000005000000544181" +
              "00e90889b2dbe25416334b0000ccdb11000c0001006a1500002bfa0ab3dbe2541680022e306203000015000000544181003840" +
              "12b3dbe25416f8500000eedb1100",
            "hex",
          ),
        ],
      },
      outputs: {
        time: [1609160400099150057n, 1609160400108142648n],
        price: [3720.25, 3720.25],
        size: [5, 21],
        side: [-1, -1],
        instrument: [0, 0],
      },
      relative: 0,
    },
  ],
  parity: [0, 1, 48, 3_000, 70_000].map((byte) => ({ dims: { byte } })),
  bench: [{ dims: { byte: 16_000_000 } }],
});
