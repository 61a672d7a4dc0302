/** The shaders of vpin by themselves, against whole numbers without end: every bit of what they write. */
import { seeded } from "../../../src/kernels/parts/sample.js";
import { type Program, run } from "./stand_in.js";

/** Trades of one piece; `start` and `bought` are what is in its bucket before them, in units. */
interface Piece {
  capacity: number;
  sizes: readonly number[];
  start?: bigint;
  bought?: bigint;
}

const wrap = (x: bigint) => BigInt.asUintN(64, x);
/** Bits of a number >= 0: mantissa 2^exponent. */
function binaryOf(x: number): { mantissa: bigint; exponent: number } {
  const bits = new BigUint64Array(Float64Array.of(x).buffer)[0]!;
  const power = Number(bits >> 52n);
  return { mantissa: (bits & 0xfffffffffffffn) | (power > 0 ? 1n << 52n : 0n), exponent: Math.max(power, 1) - 1075 };
}
/** `exact`: whole units. */
function inUnits(x: number, capacity: number): { units: bigint; exact: boolean } {
  const unit = binaryOf(capacity).exponent - 8; // 2^-60 of its power of two
  const { mantissa, exponent } = binaryOf(x);
  const by = BigInt(Math.abs(exponent - unit));
  if (exponent >= unit) return { units: mantissa << by, exact: true };
  return { units: mantissa >> by, exact: (mantissa >> by) << by === mantissa };
}

const unitsOf = (capacity: number) => inUnits(capacity, capacity).units;
/** Whole buckets of a trade and the rest of it; a print above any that is taken has its 24 bits left, at 2^36. */
function lotsOf(size: number, capacity: number) {
  const { units, exact } = inUnits(size, capacity);
  const least = 2 ** Math.max(Math.floor(Math.log2(size)) - 23, -149); // f32 before and after `size` are this far away
  if (size > 0 && inUnits(least, capacity).units >= 2n ** 64n) return { buckets: 0x7fffffffn, rest: BigInt(size / least) << 36n, exact };
  return { buckets: units / unitsOf(capacity), rest: units % unitsOf(capacity), exact };
}
const shareOf = (side: number) => (side > 0 ? 1 : side === 0 ? 0.5 : 0);

interface Trade {
  size: number;
  share: number;
}
/** What a piece holds: its volume less whole buckets, and its buyer-initiated volume modulo 2^64. */
function sumsOf(capacity: number, trades: readonly Trade[]) {
  let [volume, bought] = [0n, 0n];
  for (const { size, share } of trades) {
    volume += lotsOf(size, capacity).rest;
    bought += inUnits(size * share, capacity).units;
  }
  return { volume: volume % unitsOf(capacity), bought: wrap(bought) };
}

interface Border {
  filled: number;
  /** Before and after, of volume and of what buyers bought. */
  totals: bigint[];
}
/** What becomes of each trade, and how much f64 may round (shaders/bucket_borders.metal). */
function bordersOf({ capacity, start = 0n, bought = 0n }: Piece, trades: readonly Trade[]) {
  const whole = unitsOf(capacity);
  const borders: Border[] = [];
  let [sum, buyers, lost, ties] = [start, bought, 0, 0];
  for (const { size, share } of trades) {
    const { buckets, rest, exact } = lotsOf(size, capacity);
    const [before, boughtBefore] = [sum, buyers];
    const filled = Number(buckets + (before + rest) / whole);
    sum = (before + rest) % whole;
    buyers = wrap(buyers + inUnits(size * share, capacity).units);
    borders.push({ filled, totals: [before, sum, boughtBefore, buyers] });
    let distance = whole - sum;
    if (filled > 0) {
      if (sum < distance) distance = sum;
      if (sum === 0n) ties++;
      const beneath = (256n << BigInt(Math.floor(Math.log2(Math.fround(2 * filled - 1))))) - 1n;
      if (((whole | before | rest) & beneath) !== 0n) lost = Math.fround(lost + Number(beneath));
    }
    if (sum !== 0n && distance < whole >> 36n) lost = Number.POSITIVE_INFINITY;
    if (!exact) lost += rest > 0n ? 1 : Number.POSITIVE_INFINITY;
  }
  return { borders, doubt: [lost, ties] };
}

const random = seeded(5);
const whole = 2 ** 60; // of this capacity a unit is 1
const near = 2 ** 24;
const most = 2 ** 24 - 1;
/** Whole and half units, hardly any, many buckets, and just below and above borders. */
const pieces: Piece[] = [
  { capacity: whole, sizes: [] },
  { capacity: whole, sizes: [0, 1, 0, most, 0.5, 2 ** -149, most / 2 ** 23] },
  { capacity: whole, sizes: [2 ** 59, 2 ** 59, 2 ** 60, 2 ** 61, 3 * 2 ** 59, 0, 2 ** 59] },
  ...[35, 36, 37, 38, 44, 58].map((by) => ({ capacity: whole + 2 ** 40 * by, sizes: [most * 2 ** by, 2 ** by, most * 2 ** by] })),
  // What lies beneath the bits of f64, of the capacity, of what was there and of what came.
  ...[1, 2, 3, 4, 5, 9, 1000, 70_000].flatMap((fills) =>
    [7, 8, 9, 10, 11, 12, 13, 18, 19, 24, 25].flatMap((bit) => [
      { capacity: whole, sizes: [2 ** 50, fills * whole], start: 2n ** BigInt(bit) + 2n ** 45n },
      { capacity: whole + 2 ** bit, sizes: [2 ** 50, fills * whole], start: 2n ** 48n },
      { capacity: whole, sizes: [2 ** bit, 2 ** 59, fills * whole], start: 2n ** 59n - 2n ** 50n },
    ]),
  ),
  { capacity: whole, sizes: [2 ** 40 + 2 ** 20], start: 2n ** 60n - 2n ** 30n },
  { capacity: whole, sizes: [2 ** 40 + 2 ** 17, 2 ** 59], start: 2n ** 60n - 2n ** 30n },
  ...[7, 8].map((bit) => ({ capacity: whole, sizes: [2 ** (bit + 23) + 2 ** bit], start: 2n ** 60n - 2n ** 26n })),
  // A border that is near, behind and ahead; one that is reached.
  ...[0, near - 1, near, near + 1, 1, 2 ** 26].flatMap((from) => [
    { capacity: whole, sizes: [2 ** 27], start: 2n ** 60n - 2n ** 27n + BigInt(from) },
    { capacity: whole, sizes: [2 ** 27], start: 2n ** 60n - 2n ** 27n - BigInt(from) },
    { capacity: whole, sizes: [2 ** 20], start: BigInt(from) },
    { capacity: whole * 1.5, sizes: [2 ** 27], start: 3n * 2n ** 59n - 2n ** 27n - BigInt(Math.ceil(1.5 * from)) },
  ]),
  { capacity: whole, sizes: [3 * 2 ** 59], start: 2n ** 59n - 5n }, // past one border, and near the next
  // A size without one unit, and one with a part of a unit, alone.
  ...[0.5, 2 ** -40, 1.5, 2 ** -25, 0.75, most / 2].map((size) => ({ capacity: whole, sizes: [size], start: 2n ** 50n })),
  // More than any print may fill.
  ...[62, 63, 64, 65, 66, 85, 86, 87, 88, 89, 103].map((by) => ({
    capacity: whole,
    sizes: [2 ** 23, most, most - 2, most - 4, most - 6, most - 8, most - 10].map((odd) => odd * 2 ** by),
  })),
  { capacity: 2 ** -70, sizes: [2 ** -149, 2 ** -126, 2 ** -127, 3 * 2 ** -149, 2 ** -100] },
  { capacity: 2 ** -95 * 1.1, sizes: [2 ** -149, 2 ** -126, 2 ** -127, 3 * 2 ** -149, 2 ** -126 - 2 ** -149] },
  { capacity: 1e-300, sizes: [1, 0, 2 ** -149] },
  { capacity: 1e300, sizes: [1, 3e38, 0, 2 ** -149] },
  // Any, as they come, from a bucket that is partly full.
  ...Array.from({ length: 60 }, (_, i) => {
    const capacity = 10 ** (24 * random() - 12);
    const sizes = Array.from({ length: 1 + (i % 70) }, () => Math.fround(capacity * (i % 3 ? 0.4 : 4) * random() ** 4));
    return { capacity, sizes, start: unitsOf(capacity) / 3n, bought: wrap(-5n * 2n ** 60n) };
  }),
];

const trades = pieces.flatMap(({ sizes }) => sizes).length;
const sides = Int8Array.from({ length: trades }, () => Math.floor(3 * random()) - 1);
const fractions = Float32Array.from({ length: trades }, (_, i) => [1, 0, random(), 1e-40, 2 ** -30][i % 5]!);
const firsts = [0];
for (const { sizes } of pieces) firsts.push(firsts.at(-1)! + sizes.length);
/** Trades lie in another order than pieces have them. */
const order = Uint32Array.from({ length: trades }, (_, place) => trades - 1 - place);
const size = new Float32Array(trades);
for (const [place, value] of pieces.flatMap(({ sizes }) => sizes).entries()) size[order[place]!] = value;
const bytes = (view: BigUint64Array | Int8Array | Float64Array) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
const longs = (values: Iterable<bigint>) => bytes(BigUint64Array.from(values));

const untouched = 0xee;
const borderBytes = 40;

const launch = { groups: Math.ceil(pieces.length / 64) + 1, threads: 64 };
const inputs = {
  ...{ 0: size, 1: bytes(sides), 2: fractions, 3: order, 4: Uint32Array.from(firsts) },
  5: bytes(Float64Array.from(pieces, ({ capacity }) => capacity)),
};
const constantsOf = (bySide: boolean) => Uint32Array.of(pieces.length, Number(bySide));
const same = (got: Uint8Array, want: Uint8Array | Uint32Array | Float32Array) =>
  Buffer.compare(got, new Uint8Array(want.buffer, want.byteOffset, want.byteLength)) === 0;
const tradesOf = (piece: number, bySide: boolean) =>
  pieces[piece]!.sizes.map((_, i): Trade => {
    const row = order[firsts[piece]! + i]!;
    return { size: size[row]!, share: bySide ? shareOf(sides[row]!) : fractions[row]! };
  });

function sumsAreRight(bySide: boolean, program: Program): boolean {
  const want = pieces.map(({ capacity }, i) => sumsOf(capacity, tradesOf(i, bySide)));
  const out = new Uint8Array(8 * pieces.length);
  const got = run(program, "lot_sums", { ...launch, buffers: { ...inputs, 6: out, 7: out, 8: constantsOf(bySide) } });
  const [volumes, boughts] = [want.map(({ volume }) => volume), want.map(({ bought }) => bought)];
  return same(got[6]!, longs(volumes)) && same(got[7]!, longs(boughts));
}

function bordersAreRight(bySide: boolean, program: Program): boolean {
  const want = pieces.map((piece, i) => bordersOf(piece, tradesOf(i, bySide)));
  const filled = new Uint32Array(trades);
  const borders = new Uint8Array(borderBytes * trades).fill(untouched);
  for (const [place, border] of want.flatMap((one) => one.borders).entries()) {
    const row = order[place]!;
    filled[row] = border.filled;
    if (border.filled === 0) continue;
    borders.set(longs(border.totals), borderBytes * row);
    borders.set(new Uint8Array(Uint32Array.of(place).buffer), borderBytes * row + 32);
  }
  const buffers = {
    ...inputs,
    6: longs(pieces.map(({ start = 0n }) => start)),
    7: longs(pieces.map(({ bought = 0n }) => bought)),
    8: new Uint32Array(trades),
    9: new Uint8Array(borders.length).fill(untouched),
    10: new Float32Array(2 * pieces.length),
    11: constantsOf(bySide),
  };
  const got = run(program, "bucket_borders", { ...launch, buffers });
  const doubts = Float32Array.from(want.flatMap(({ doubt }) => doubt));
  return same(got[8]!, filled) && same(got[9]!, borders) && same(got[10]!, doubts);
}

/** The ratio is 0, or infinite where a bit of what a shader writes is wrong. */
export const bucketChecks = Object.entries({ lot_sums: sumsAreRight, bucket_borders: bordersAreRight }).flatMap(([shader, right]) =>
  [true, false].map((bySide) => ({
    name: `${shader}, to the last bit, by ${bySide ? "sides" : "fractions"}`,
    ratio: (program: Program) => (right(bySide, program) ? 0 : Number.POSITIVE_INFINITY),
  })),
);
