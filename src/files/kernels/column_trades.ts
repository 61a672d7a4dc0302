import { kernel } from "../../core/call/kernel.js";
import { countCheck } from "../../core/contract/contract.js";
import { type ValueRefusal, valueRefusal } from "./value_refusals.js";

const exact = { f64: { exact: true }, f32: { exact: true } } as const;
const row = <const D extends "i64" | "f64" | "i8" | "u32" | "u8">(dtype: D, unit: string, doc: string) =>
  ({ dtype, shape: ["row"], unit, doc }) as const;
const one = <const D extends "i64" | "f64" | "i8" | "u32">(dtype: D, unit: string, doc: string) =>
  ({ dtype, shape: ["trade"], unit, doc }) as const;

/** Places of the `counts` and `bad` state ports; columns in the order of their numbers. */
export const columnCounted = { lines: 0, rows: 1, zeroSizes: 2, unknownSides: 3, refused: 4 } as const;
export const columnBad = { code: 0, column: 1 } as const;
export const valueColumns = ["time", "price", "size", "side", "symbol"] as const;
export type ValueColumn = (typeof valueColumns)[number];
/** What the `flaw` input says of a row that cannot be taken. */
export const flawOf = (code: ValueRefusal, column: ValueColumn): number => valueRefusal(code) + 16 * valueColumns.indexOf(column);

const latest = 2n ** 63n - 1n;

/** Columns as a table holds them -> trades. A call ends after a refused row, and where there is no room. */
export const columnTrades = kernel({
  name: "column_trades",
  rows: "row",
  produces: "trade",
  doc: "Takes trades from columns of values, such as those of an Arrow table, where they lie: times become nanoseconds, what is no trade is refused.",
  source: "none: the rules of every importer here, applied to values instead of text",
  inputs: {
    time: row("i64", "timeScale ns since 1970 UTC", "times"),
    price: row("f64", "price", "prices"),
    size: row("f64", "size", "sizes; negative ones are sales where `signedSize` is set"),
    side: { ...row("i8", "-", "+1 the buyer was the aggressor, -1 the seller, 0 unknown"), optional: true },
    instrument: { ...row("u32", "id", "instruments"), optional: true },
    flaw: { ...row("u8", "-", "rows known to be refused: why, and 16 times the column; 0: none"), optional: true },
  },
  params: {
    timeScale: { type: "i32", min: 1, max: 1_000_000_000, default: 1, doc: "ns of a unit of time" },
    signedSize: { type: "i32", min: 0, max: 1, default: 0, doc: "1: a negative size is a sale" },
    id: { type: "i32", min: 0, default: 0, doc: "instrument of all rows where there is no column of them" },
  },
  state: {
    counts: {
      dtype: "i64",
      shape: [5],
      check: countCheck,
      unit: "count",
      doc: "rows looked at, rows taken, sizes of 0, unknown sides, refused rows",
    },
    lastTime: { dtype: "i64", shape: [1], init: -1n, unit: "ns", doc: "time of the last row; -1: none" },
    gap: { dtype: "i64", shape: [2], unit: "ns, row", doc: "longest time without a trade, and the row that ended it" },
    bad: { dtype: "i64", shape: [2], unit: "-", doc: "the row refused last: why, and its column" },
  },
  outputs: {
    time: one("i64", "ns since 1970 UTC", "time of the trade; never falls"),
    price: one("f64", "price", "> 0"),
    size: one("f64", "size", ">= 0"),
    side: one("i8", "-", "+1 the buyer was the aggressor, -1 the seller, 0 unknown"),
    instrument: one("u32", "id", "instruments"),
  },
  compare: { time: exact, price: exact, size: exact, side: exact, instrument: exact },
  refuse(p, _, given) {
    return p.signedSize && given?.has("side")
      ? "the side comes from the side column or from the sign of the size, not from both"
      : undefined;
  },
  cost: ({ row: rows = 0 }) => ({ flops: 0, bytes: 58 * rows }),
  reference({ in: { time, price, size, side, instrument, flaw }, params, state: { counts, lastTime, gap, bad }, out }) {
    const refusedAt = (i: number): number => {
      const now = time[i]! * BigInt(params.timeScale);
      if (flaw?.[i]) return flaw[i]!;
      if (now < 0n || now > latest) return flawOf("time_range", "time");
      if (!Number.isFinite(price[i])) return flawOf("number", "price");
      if (!(price[i]! > 0)) return flawOf("price", "price");
      if (!Number.isFinite(size[i])) return flawOf("number", "size");
      if (size[i]! < 0 && !params.signedSize) return flawOf("size", "size");
      if (side && Math.abs(side[i]!) > 1) return flawOf("side", "side");
      return now < lastTime[0]! ? flawOf("time_backwards", "time") : 0;
    };
    bad.fill(0n);
    let produced = 0;
    for (let i = 0; i < time.length; i++) {
      const flawed = refusedAt(i);
      if (!flawed && produced === out.time.length) return { consumed: i, produced };
      counts[columnCounted.lines]!++;
      if (flawed) {
        counts[columnCounted.refused]!++;
        bad.set([BigInt(flawed % 16), BigInt(Math.floor(flawed / 16))]);
        return { consumed: i + 1, produced };
      }
      const now = time[i]! * BigInt(params.timeScale);
      const sign = params.signedSize ? Math.sign(size[i]!) : (side?.[i] ?? 0);
      counts[columnCounted.rows]!++;
      if (size[i] === 0) counts[columnCounted.zeroSizes]!++;
      if (sign === 0) counts[columnCounted.unknownSides]!++;
      if (lastTime[0]! >= 0n && now - lastTime[0]! > gap[0]!) gap.set([now - lastTime[0]!, counts[columnCounted.lines]!]);
      lastTime[0] = now;
      out.time[produced] = now;
      out.price[produced] = price[i]!;
      out.size[produced] = Math.abs(size[i]!);
      out.side[produced] = sign;
      out.instrument[produced] = instrument?.[i] ?? params.id;
      produced++;
    }
    return { consumed: time.length, produced };
  },
  sample({ row: rows = 0 }, random) {
    let time = 1_700_000_000_000_000n;
    const quiet = (i: number) => i > 0.4 * rows && i < 0.5 * rows;
    return {
      time: BigInt64Array.from(
        { length: rows },
        (_, i) => (time += quiet(i) ? 0n : BigInt(Math.floor(1e6 * random() * (i % 50 ? 1 : 1e3)))),
      ),
      price: Float64Array.from({ length: rows }, (_, i) => (quiet(i) ? 1 : 10 ** (6 * random() - 3))),
      size: Float64Array.from({ length: rows }, (_, i) => (quiet(i) ? 0 : 10 ** (6 * random() - 3))),
      side: Int8Array.from({ length: rows }, () => (random() < 0.55 ? 1 : random() < 0.9 ? -1 : 0)),
      instrument: Uint32Array.from({ length: rows }, () => Math.floor(20 * random() ** 3)),
      flaw: new Uint8Array(rows),
    };
  },
  golden: [
    {
      source: "hand reading of two rows in microseconds",
      inputs: {
        time: [1_700_000_000_000_001n, 1_700_000_000_000_003n],
        price: [61837.63, 61838],
        size: [0.1, 2],
        side: [-1, 1],
        instrument: [3, 4],
        flaw: [0, 0],
      },
      options: { timeScale: 1000 },
      outputs: {
        time: [1_700_000_000_000_001_000n, 1_700_000_000_000_003_000n],
        price: [61837.63, 61838],
        size: [0.1, 2],
        side: [-1, 1],
        instrument: [3, 4],
      },
      relative: 0,
    },
  ],
  parity: [
    ...[0, 1, 7, 1_003, 40_000].map((rows) => ({ dims: { row: rows }, options: { timeScale: 1000 } })),
    { dims: { row: 1_003 }, without: ["side", "instrument", "flaw"] },
    { dims: { row: 1_003 }, options: { signedSize: 1, id: 5 }, without: ["side", "instrument", "flaw"] },
  ],
  bench: [{ dims: { row: 1_000_000 }, options: { timeScale: 1000 }, without: ["flaw"] }],
});
