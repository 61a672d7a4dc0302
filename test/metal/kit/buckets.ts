/** What the generic suite cannot know of `vpin` on a GPU: where its decisions lie, and a tape that goes on with another backend. */
import { expect, it } from "vitest";
import { metalTolerance, shaderSource } from "../../../src/backends/metal.js";
import { worstOf } from "../../../src/core/contract/compare.js";
import { viewOf } from "../../../src/core/contract/contract.js";
import { vpin } from "../../../src/index.js";
import { seeded, spread } from "../../../src/kernels/parts/sample.js";
import { type Arrays, fenced } from "../../support/kernels.js";
import { build } from "./stand_in.js";

const { contract } = vpin;
type Options = Parameters<typeof vpin>[1] & object;
const names = Object.keys(contract.outputs) as (keyof typeof contract.outputs)[];

/** Trades at whole milliseconds whose prices go up and down by an eighth. */
function tape(sizes: readonly number[], more: Arrays = {}, seed = 1): Arrays {
  const random = seeded(seed);
  const count = sizes.length;
  return {
    time: BigInt64Array.from({ length: count }, (_, i) => BigInt(i) * 1_000_000n),
    price: Float32Array.from({ length: count }, () => 100 + Math.round(4 * random()) / 8),
    size: Float32Array.from(sizes),
    ...more,
  };
}
const sidesOf = (count: number, seed = 2) => {
  const random = seeded(seed);
  return { side: Int8Array.from({ length: count }, () => Math.floor(3 * random()) - 1) };
};
/** Few instruments have most of the trades, and the last has none. */
function instrumentsOf(count: number, instruments: number): Arrays {
  const random = seeded(4);
  return { instrument: Uint32Array.from({ length: count }, () => Math.floor((instruments - 1) * random() ** 4)) };
}

interface Poured {
  out: Arrays;
  /** Rows taken and buckets written by each call, and the row that one refused. */
  calls: (readonly [consumed: number, produced: number] | readonly [code: string, row: number])[];
  broken: string[];
  state: Uint8Array<ArrayBuffer>;
}

/** Pours a tape in batches that end at `cuts`, `room` buckets at a time, each call on the next of `backends`, on from a state or from none. */
function pour(
  inputs: Arrays,
  options: Options,
  backends: readonly string[],
  { cuts = [] as number[], room = 0, before = new Uint8Array(vpin.stateBytes(options)) } = {},
): Poured {
  const rows = inputs.size!.length;
  const state = before.slice();
  const most = room || rows + 5000;
  const like = Object.fromEntries(
    names.map((name) => [name, new (viewOf(contract.outputs[name].dtype === "real" ? "f32" : contract.outputs[name].dtype))(most)]),
  );
  const { out, broken } = fenced(like as Arrays);
  const bound = backends.map((backend) => vpin.bind({ in: inputs, out, state } as never, options, { backend }));
  const calls: Poured["calls"] = [];
  const parts: Arrays[] = [];
  const edges = [...cuts, rows];
  for (let from = 0; from < rows; ) {
    const to = edges.find((edge) => edge > from)!;
    try {
      const { consumed, produced } = bound[calls.length % bound.length]!(0, to, from);
      calls.push([consumed, produced]);
      parts.push(Object.fromEntries(names.map((name) => [name, out[name]!.slice(0, produced)])) as Arrays);
      from += consumed;
    } catch (error) {
      const { code, row } = error as { code: string; row: number };
      calls.push([code, row]);
      break;
    }
  }
  const whole = (name: string) => {
    const views = [out, ...parts].map((part) => part[name]!) as Float32Array[];
    views[0] = views[0]!.slice(0, 0);
    const joined = new (views[0]!.constructor as typeof Float32Array)(views.reduce((sum, view) => sum + view.length, 0));
    let at = 0;
    for (const view of views) joined.set(view, (at += view.length) - view.length);
    return joined;
  };
  return { out: Object.fromEntries(names.map((name) => [name, whole(name)])) as Arrays, calls, broken: broken(), state };
}

/** The same calls and buckets as the reference, which takes the tape alone; returns how many. */
function agrees(inputs: Arrays, options: Options, how: Parameters<typeof pour>[3] = {}, backends = ["metal"]): number {
  const want = pour(inputs, options, ["reference"], how);
  const got = pour(inputs, options, backends, how);
  expect(got.broken).toEqual([]);
  expect(got.calls).toEqual(want.calls);
  const found = worstOf(contract, "f32", got.out, want.out, metalTolerance(contract));
  expect(
    found.ratio,
    JSON.stringify(found, (_, x) => (typeof x === "bigint" ? String(x) : x)),
  ).toBeLessThanOrEqual(1);
  return want.out.vpin!.length;
}

/** Sizes over six decades, some 0, a few of many buckets, where a bucket is `capacity`. */
function wildSizes(count: number, capacity: number): number[] {
  const random = seeded(3);
  return Array.from({ length: count }, () => {
    const kind = random();
    return kind < 0.05 ? 0 : kind > 0.998 ? 9 * capacity * random() : (capacity / 40) * Math.min(spread(random), 400);
  });
}

export function bucketTests(): void {
  const count = 12_000;
  const wild = (instruments: number, capacity = 1000) =>
    tape(wildSizes(count, capacity), { ...sidesOf(count), ...instrumentsOf(count, instruments) });
  const options = { bucketVolume: 1000, window: 5, history: 30 };

  for (const instruments of [2, 40, 3000])
    it(`vpin of ${instruments} instruments, in batches, and on from the state that another backend left`, () => {
      const cuts = [1, 2, 700, 701, 4000, 9000, 9064];
      for (const backends of [["metal"], ["metal", "reference"], ["reference", "metal", "metal"]])
        expect(agrees(wild(instruments), { ...options, instruments }, { cuts }, backends)).toBeGreaterThan(100);
    });

  it("vpin by the tick rule, and by fractions, with a volume for each instrument, in batches", () => {
    const { side: _, ...rest } = wild(40);
    const random = seeded(6);
    const bucketVolumes = Float64Array.from({ length: 40 }, (_, i) => 1000 / 3 + i);
    const buyFraction = Float32Array.from({ length: count }, () => Math.min(1, 1.2 * random() ** 2));
    const how = { cuts: [333, 5000] };
    const { bucketVolume: __, ...own } = { ...options, instruments: 40 };
    expect(agrees({ ...rest, bucketVolumes }, { ...own, classify: "tick_rule" }, how, ["metal", "reference"])).toBeGreaterThan(100);
    expect(agrees({ ...rest, bucketVolumes, buyFraction }, own, how, ["metal", "reference"])).toBeGreaterThan(100);
  });

  for (const classify of ["given", "tick_rule"] as const)
    it(`vpin stops where its outputs are full and goes on from there, ${classify}`, () => {
      const { side, ...rest } = wild(40);
      const inputs = classify === "given" ? { ...rest, side: side! } : rest;
      for (const room of [1, 100]) {
        const some = room < 100 ? Object.fromEntries(Object.entries(inputs).map(([key, view]) => [key, view.slice(0, 400)])) : inputs;
        expect(agrees(some, { ...options, instruments: 40, classify }, { room }, ["metal", "reference"])).toBeGreaterThan(10);
      }
    });

  it("vpin refuses a trade of too many buckets, and takes what is before it", () => {
    const sizes = wildSizes(500, 1);
    for (const [huge, refused] of [
      [2 ** 24 + 16, true],
      [2 ** 90, true],
      [Number.MAX_VALUE, true],
      [5000, false],
    ] as const) {
      sizes[321] = Math.min(huge, 3.4e38);
      const instrument = instrumentsOf(500, 3);
      const calls = pour(tape(sizes, { ...sidesOf(500), ...instrument }), { bucketVolume: 1, instruments: 3 }, ["reference"]).calls;
      expect(calls.some(([code]) => typeof code === "string")).toBe(refused);
      agrees(tape(sizes, { ...sidesOf(500), ...instrument }), { bucketVolume: 1, instruments: 3 });
      agrees(tape(sizes.slice(0, 321), { ...sidesOf(321) }), { bucketVolume: 1 });
    }
  });

  it("vpin closes a bucket at a border that decimals reach but for their rounding, and at no other", () => {
    const lots = Array.from({ length: 900 }, (_, i) => Math.fround(0.1) * [1, 2, 4, 8, 4, 2][i % 6]!);
    const border = 7 * Math.fround(0.1);
    const counts = new Set<number>();
    for (const off of [0, 1, -1, 2, -2, 3.9, -3.9, 4, -4, 4.1, -4.1, 8, -8, 100, -100, 2 ** 16, -(2 ** 16)])
      counts.add(
        agrees(tape(lots, sidesOf(900)), { bucketVolume: border * (1 + off * 2 ** -42), window: 2, history: 5 }, { cuts: [1, 400] }),
      );
    expect(counts.size).toBeGreaterThan(1);
    for (const size of [0.7, 1, 2 ** -30, 3e7])
      agrees(tape(new Array(700).fill(size), sidesOf(700)), { bucketVolume: 7 * Math.fround(size), window: 2, history: 5 });
  });

  it("vpin rounds what one print of many buckets leaves as f64 does", () => {
    const capacity = 0.3;
    const sizes: number[] = [];
    for (let i = 0; i < 2; i++) {
      // The next trades fill, to the last bits of f64, what the reference left of the print.
      sizes.push(Math.fround(200_000 * (1 + i / 97)));
      let missing = capacity - ((sizes.at(-1)! - capacity) % capacity);
      for (let k = 0; k < 3; k++) {
        sizes.push(Math.fround(missing) > missing ? Math.fround(missing * (1 - 2 ** -24)) : Math.fround(missing));
        missing -= sizes.at(-1)!;
      }
    }
    const call = { bucketVolume: capacity, window: 1, history: 0 };
    expect(agrees(tape(sizes, sidesOf(sizes.length)), call, { cuts: [5], room: 1_500_000 })).toBeGreaterThan(1_300_000);
  });

  it("vpin does not close a bucket at a border that is exact, where f64 had rounded too much to see it", () => {
    const capacity = 2 ** 52 + 8193; // what is beyond the first border is rounded down by 8191, twice the dust
    const instruments = 12;
    const trades = Array.from({ length: instruments }, (_, i) => {
      const print = Math.fround(capacity * (20_000.5 + 7.3 * i));
      const missing = BigInt(capacity) - (BigInt(print) % BigInt(capacity));
      return [print, ...[48n, 24n, 0n].map((bit) => Number(((missing >> bit) & 0xffffffn) << bit)), 1000].map((size) => ({ size, i }));
    }).flat();
    const instrument = Uint32Array.from(trades, ({ i }) => i);
    const call = { bucketVolume: capacity, window: 1, history: 0, instruments };
    const inputs = tape(
      trades.map(({ size }) => size),
      { ...sidesOf(trades.length), instrument },
    );
    const buckets = agrees(inputs, call, { room: 300_000 });
    const exact = trades.reduce((sum, { size }) => sum + (size > 1000 ? BigInt(size) : 0n), 0n) / BigInt(capacity);
    expect(buckets).toBeLessThan(Number(exact));
  });

  it("vpin counts trades that are next to nothing, and buckets of any size", () => {
    const sizes = Array.from({ length: 600 }, (_, i) =>
      i % 3 === 0 ? 1e-30 * (i + 1) : i % 3 === 1 ? Math.fround(1e-10 * (i + 0.7)) : 400 + i / 7,
    );
    agrees(tape(sizes, sidesOf(600)), { bucketVolume: 1000, window: 2, history: 5 }, { cuts: [1, 3] }, ["metal", "reference"]);
    agrees(tape([1e-30, 0, 0, 999, 5], sidesOf(5)), { bucketVolume: 1000, window: 1 }, { cuts: [1, 3] }, ["reference", "metal"]);
    expect(agrees(tape([0, 0, 0], sidesOf(3)), { bucketVolume: 2 ** -160, window: 1 })).toBe(0);
    const bucketVolumes = Float64Array.of(2 ** -95, 2 ** -60, 1e-9, 2 ** 100, 2 ** 110, 1e300, 4.1e5, 2 ** -153);
    const instrument = Uint32Array.from({ length: 600 }, (_, i) => i % 8);
    const scaled = Float32Array.from(sizes, (size, i) => {
      const volume = bucketVolumes[i % 8]!;
      return volume > 1e38 ? 1e38 : volume < 2 ** -150 ? 2 ** -149 : (size / 1000) * volume;
    });
    const inputs = { ...tape(sizes, sidesOf(600)), size: scaled, bucketVolumes, instrument };
    agrees(inputs, { window: 2, history: 5, instruments: 8 }, { cuts: [100] }, ["metal", "reference"]);
  });

  it("vpin goes on where buckets have become smaller than what is in them", () => {
    const { bucketVolume: _, ...own } = { ...options, instruments: 40 };
    const volumes = (volume: number) => ({ ...wild(40), bucketVolumes: new Float64Array(40).fill(volume) });
    const before = pour(volumes(1e9), own, ["reference"]).state;
    const time = BigInt64Array.from({ length: count }, (_, i) => BigInt(count + i) * 1_000_000n);
    for (const volume of [1000, 10]) expect(agrees({ ...volumes(volume), time }, own, { before, room: 500_000 })).toBeGreaterThan(500);
  });

  it("vpin takes a tape that is longer than what is on the GPU at a time", () => {
    const rows = 620_000;
    const random = seeded(8);
    const sizes = Array.from({ length: rows }, () => 1 + Math.floor(200 * random()));
    const instrument = Uint32Array.from({ length: rows }, (_, i) => (i % 11 === 0 ? 1 : 0));
    const call = { bucketVolume: 20_000, window: 5, history: 10, instruments: 2, classify: "tick_rule" } as const;
    expect(agrees(tape(sizes, { instrument }), call, { room: 3000 }, ["metal"])).toBeGreaterThan(3000);
  });

  it.skipIf(process.platform !== "linux")("vpin leaves to the processor what could be rounded otherwise, and nothing else", async () => {
    const blind = shaderSource(["shaders/lot_sums.metal", "shaders/bucket_borders.metal"]).replace(
      "filled[row] = fills;",
      "filled[row] = 0;",
    );
    const [inputs, doubtful] = [wild(40), tape(new Array(600).fill(2), sidesOf(600))];
    const standIn = process.env.STAND_IN;
    process.env.STAND_IN = (await build("blind", blind)).path;
    try {
      expect(pour(inputs, { ...options, instruments: 40 }, ["metal"]).out.vpin).toHaveLength(0);
      expect(agrees(doubtful, { ...options, bucketVolume: 6 * (1 + 2 ** -41) })).toBe(200);
    } finally {
      process.env.STAND_IN = standIn;
    }
  });
}
