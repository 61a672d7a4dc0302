/** Ways to call a kernel, and what happens when the arguments are wrong. */
import { describe, expect, it } from "vitest";
import { backendNames } from "../../src/core/call/choose.js";
import { kernel } from "../../src/core/call/kernel.js";
import { bucketVpin, KernelError, type TickforgeError, volumeBuckets, vpin } from "../../src/index.js";

const buy = Float64Array.of(9, 6, 5, 0);
const sell = Float64Array.of(1, 4, 5, 10);
const trades = () => ({
  time: BigInt64Array.of(1n, 2n, 3n, 4n),
  price: Float64Array.of(10, 11, 10, 12),
  size: Float64Array.of(8, 2, 4, 6),
  side: Int8Array.of(1, -1, 1, -1),
});
const options = { bucketVolume: 10, window: 1 };

/** The error that `run` throws, on both backends, which must agree. */
function errorOf(run: (how: { backend: string }) => unknown): TickforgeError {
  const errors = ["native", "reference"].map((backend) => {
    try {
      run({ backend });
    } catch (error) {
      expect(error).toBeInstanceOf(KernelError);
      return error as TickforgeError;
    }
    return expect.fail(`${backend} threw nothing`);
  });
  expect(errors[0]!.message).toBe(errors[1]!.message);
  return errors[0]!;
}

describe("wrong arguments", () => {
  const cases: [string, string, RegExp, (how: { backend: string }) => unknown][] = [
    [
      "a misspelt port",
      "E_PORT_UNKNOWN",
      /no input is called 'sel'; did you mean sell\?/,
      (how) => bucketVpin({ buy, sel: sell } as never, {}, how),
    ],
    ["a missing port", "E_PORT_MISSING", /input 'sell' is missing, expected Float64Array/, (how) => bucketVpin({ buy } as never, {}, how)],
    ["a plain array", "E_DTYPE", /'sell' is Array, expected Float64Array/, (how) => bucketVpin({ buy, sell: [1, 2] } as never, {}, how)],
    [
      "mixed dtypes",
      "E_DTYPE",
      /'buy' is Float64Array, expected Float32Array/,
      (how) => bucketVpin({ buy, sell: Float32Array.from(sell) } as never, {}, how),
    ],
    ["no columns at all", "E_INPUT", /expected an object of input columns/, (how) => bucketVpin(buy as never, {}, how)],
    [
      "lengths that disagree",
      "E_LENGTH",
      /'sell' has 3 values, expected \[bucket\] = 4/,
      (how) => bucketVpin({ buy, sell: sell.subarray(1) }, {}, how),
    ],
    ["a detached buffer", "E_DETACHED", /the buffer of 'sell' was detached/, (how) => bucketVpin({ buy, sell: detached() }, {}, how)],
    [
      "an unknown option",
      "E_OPTION_UNKNOWN",
      /no option is called 'bucketVolum'; did you mean bucketVolume\?/,
      (how) => vpin(trades(), { bucketVolum: 1 } as never, how),
    ],
    ["a window below 1", "E_OPTION_RANGE", /option 'window' is 0, expected >= 1/, (how) => bucketVpin({ buy, sell }, { window: 0 }, how)],
    [
      "a fractional window",
      "E_OPTION_RANGE",
      /option 'window' is 2.5, expected an integer/,
      (how) => bucketVpin({ buy, sell }, { window: 2.5 }, how),
    ],
    [
      "a text for a number",
      "E_OPTION_RANGE",
      /option 'window' is string 50, expected a finite number/,
      (how) => bucketVpin({ buy, sell }, { window: "50" } as never, how),
    ],
    [
      "bucket volume 0",
      "E_OPTION_RANGE",
      /option 'bucketVolume' is 0, expected > 0/,
      (how) => volumeBuckets({ size: buy }, { bucketVolume: 0 }, how),
    ],
    [
      "a missing bucket volume",
      "E_OPTION_MISSING",
      /option 'bucketVolume' is missing/,
      (how) => volumeBuckets({ size: buy }, {} as never, how),
    ],
    [
      "a NaN option",
      "E_OPTION_RANGE",
      /'bucketVolume' is number NaN, expected a finite number/,
      (how) => volumeBuckets({ size: buy }, { bucketVolume: Number.NaN }, how),
    ],
    [
      "an unknown value",
      "E_OPTION_RANGE",
      /expected one of given, tick_rule; did you mean tick_rule\?/,
      (how) => vpin(trades(), { ...options, classify: "tickrule" } as never, how),
    ],
    ["neither side nor share", "E_OPTIONS", /needs side or buyFraction/, (how) => vpin({ ...trades(), side: undefined }, options, how)],
    [
      "a NaN size",
      "E_BAD_VALUE",
      /'size' row 2 is NaN, expected a number >= 0/,
      (how) => vpin({ ...trades(), size: Float64Array.of(1, 2, Number.NaN, 4) }, options, how),
    ],
    [
      "a negative size",
      "E_BAD_VALUE",
      /'size' row 1 is -2/,
      (how) => vpin({ ...trades(), size: Float64Array.of(1, -2, 3, 4) }, options, how),
    ],
    [
      "an infinite size",
      "E_BAD_VALUE",
      /'size' row 0 is Infinity/,
      (how) => vpin({ ...trades(), size: Float64Array.of(1 / 0, 2, 3, 4) }, options, how),
    ],
    [
      "a price of 0",
      "E_BAD_VALUE",
      /'price' row 3 is 0, expected a number > 0/,
      (how) => vpin({ ...trades(), price: Float64Array.of(1, 2, 3, 0) }, options, how),
    ],
    [
      "a side of 2",
      "E_BAD_VALUE",
      /'side' row 0 is 2, expected a number >= -1 and <= 1/,
      (how) => vpin({ ...trades(), side: Int8Array.of(2, 1, 1, 1) }, options, how),
    ],
    [
      "time going back",
      "E_TIME_BACKWARDS",
      /'time' row 2 is 1, before 2 of the row above; times must not go backwards/,
      (how) => vpin({ ...trades(), time: BigInt64Array.of(1n, 2n, 1n, 4n) }, options, how),
    ],
    [
      "an instrument that is not declared",
      "E_BAD_VALUE",
      /'instrument' row 3 is 2, expected a number < instruments = 2/,
      (how) => vpin({ ...trades(), instrument: Uint32Array.of(0, 1, 0, 2) }, { ...options, instruments: 2 }, how),
    ],
    [
      "a negative size beside a share",
      "E_BAD_VALUE",
      /'size' row 1 is -1/,
      (how) => volumeBuckets({ size: Float64Array.of(1, -1), buyFraction: Float64Array.of(0, 1) }, { bucketVolume: 1 }, how),
    ],
    [
      "one print of 10^9 buckets",
      "E_TOO_MANY",
      /'size' row 1 is 1000000000: it alone makes more than/,
      (how) => volumeBuckets({ size: Float64Array.of(1, 1e9) }, { bucketVolume: 1 }, how),
    ],
    [
      "outputs without room",
      "E_OUTPUT_FULL",
      /no room left/,
      (how) =>
        volumeBuckets(
          { size: Float64Array.of(1, 9) },
          { bucketVolume: 1 },
          { ...how, out: { buy: new Float64Array(3), sell: new Float64Array(3), endIndex: new Float64Array(3) } },
        ),
    ],
    [
      "an output of another length",
      "E_LENGTH",
      /'vpin' has 3 values, expected \[bucket\] = 4/,
      (how) => bucketVpin({ buy, sell }, {}, { ...how, out: { vpin: new Float64Array(3) } }),
    ],
    [
      "an output that is an input",
      "E_ALIAS",
      /output 'vpin' shares memory with 'buy'/,
      (how) => bucketVpin({ buy, sell }, {}, { ...how, out: { vpin: buy } }),
    ],
  ];
  for (const [what, code, message, run] of cases)
    it(`${what}: ${code}`, () => {
      const error = errorOf(run);
      expect(error.message).toMatch(message);
      expect(error.code).toBe(code);
    });

  it("an unknown backend is named with those there are", () => {
    expect(() => bucketVpin({ buy, sell }, {}, { backend: "nativ" })).toThrow(/no backend is called 'nativ'; did you mean native\?/);
    expect(backendNames()).toEqual(["native", "metal", "tfjs", "wasm", "reference"]);
  });

  it("leaves the inputs and the given outputs' neighbours alone", () => {
    const memory = new Float64Array(12).fill(7);
    bucketVpin({ buy, sell }, { window: 2 }, { out: { vpin: memory.subarray(4, 8) } });
    expect([...memory]).toEqual([7, 7, 7, 7, Number.NaN, 0.5, 0.1, 0.5, 7, 7, 7, 7]);
  });
});

function detached(): Float64Array {
  const view = new Float64Array(4);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

describe("matrices", () => {
  const sums = kernel({
    name: "sums_of_rows",
    rows: "row",
    doc: "sum of each row",
    source: "none",
    inputs: {
      values: { dtype: "real", shape: ["row", "columns"], check: {}, unit: "any", doc: "values" },
      table: { dtype: "real", shape: ["line", "columns"], check: {}, unit: "any", doc: "values of no row" },
    },
    params: { columns: { type: "i32", min: 1, doc: "columns" } },
    outputs: { sum: { dtype: "real", shape: ["row"], unit: "any", doc: "sum" } },
    needs: ({ columns }) => ({ line: columns }),
    cost: () => ({ flops: 0, bytes: 0 }),
    compare: { sum: { f64: { exact: true }, f32: { exact: true } } },
    reference({ in: { values }, params: { columns }, out: { sum } }) {
      for (let i = 0; i < values.length; i++) sum[Math.floor(i / columns)]! += values[i]!;
    },
    sample: () => ({ values: new Float64Array(), table: new Float64Array() }),
    golden: [],
    parity: [],
    bench: [],
  });
  const call = (values: readonly number[], table: readonly number[]) =>
    sums({ values: Float64Array.from(values), table: Float64Array.from(table) }, { columns: 2 }, { backend: "reference" });

  it("a value refused is named by row and column, also in an input that has no rows of the call", () => {
    expect(call([1, 2, 3, 4], [1, 2, 3, 4]).sum).toEqual(Float64Array.of(3, 7));
    expect(() => call([1, 2, 3, Number.NaN], [1, 2, 3, 4])).toThrow(
      expect.objectContaining({ code: "E_BAD_VALUE", row: 1, column: 1, value: Number.NaN }),
    );
    expect(() => call([1, 2], [1, 2, Infinity, 4, 5, 6])).toThrow(/'table' row 1, column 0 is Infinity, expected a finite number/);
  });

  it("fewer rows than the method needs are refused", () => {
    expect(() => call([1, 2], [1, 2])).toThrow(expect.objectContaining({ code: "E_TOO_FEW", port: "table", value: 1 }));
    expect(() => call([1, 2], [1, 2])).toThrow(/'table' has 1 line rows, the method needs at least 2/);
  });
});

describe("bind", () => {
  it("runs slot after slot on arrays checked once, and takes part of the rows", () => {
    const slots = [0, 1].map((k) => ({ ...trades(), time: trades().time.map((t) => t + BigInt(4 * k)) }));
    const out = { ...vpin({ ...trades(), size: Float64Array.of(100, 100, 100, 100) }, options) };
    for (const backend of ["native", "reference"]) {
      const run = vpin.bind({ in: slots, out }, options, { backend });
      expect({ ...run(0) }).toEqual({ consumed: 4, produced: 2 });
      expect({ ...run(1, 2) }).toEqual({ consumed: 2, produced: 1 });
      expect({ ...run(1, 4, 2, 1) }).toEqual({ consumed: 2, produced: 1 });
      expect([...out.endIndex.subarray(0, 2)]).toEqual([5, 7]);
    }
  });

  it("notices a buffer that was detached or resized after it was bound", () => {
    const inputs = { buy: buy.slice(), sell: sell.slice() };
    const run = bucketVpin.bind({ in: inputs, out: { vpin: new Float64Array(4) } }, {});
    run();
    structuredClone(inputs.sell.buffer, { transfer: [inputs.sell.buffer as ArrayBuffer] });
    expect(() => run()).toThrow(/the buffer of 'sell' was detached after bind/);
    expect(() => run(1)).toThrow(/no slot 1, bound are 0 to 0/);
    expect(() => run(0, 5)).toThrow(/rows 0 to 5 of a slot with 4|detached/);
  });

  it("a full output stops it; the rest follows from there", () => {
    for (const backend of ["native", "reference"]) {
      const out = { buy: new Float64Array(2), sell: new Float64Array(2), endIndex: new Float64Array(2) };
      const size = Float64Array.of(0.5, 3.75, -1);
      const run = volumeBuckets.bind({ in: { size }, out }, { bucketVolume: 1 }, { backend });
      expect({ ...run() }).toEqual({ consumed: 1, produced: 2 });
      expect([...out.buy, ...out.endIndex]).toEqual([1, 1, 1, 1]);
      expect({ ...run(0, 3, 1) }).toEqual({ consumed: 1, produced: 2 });
      expect({ ...run(0, 3, 2) }).toEqual({ consumed: 1, produced: 1 });
      expect([...out.buy, ...out.endIndex]).toEqual([0.25, 1, 2, 1]);
    }
  });
});

describe("streams", () => {
  it("drops one bad row, names it, and keeps those before and behind it", () => {
    for (const backend of ["native", "reference"]) {
      const live = vpin.stream(options, { backend });
      live.push(1n, 10, 8, 1);
      live.push(2n, 10, -1, 1);
      live.push(3n, 10, 2, -1);
      expect(() => live.poll()).toThrow(/'size' row 1 is -1/);
      expect(live.poll()).toBe(1);
      expect([live.accepted, live.rejected, live.last.imbalance]).toEqual([2, 1, 0.6]);
      live.push(2n, 10, 5, 1);
      expect(() => live.poll()).toThrow(/'time' row 0 is 2, before the last row of the stream/);
    }
  });

  it("skips and counts bad rows where asked to", () => {
    const live = vpin.stream(options, { onBad: "skip" });
    for (let i = 0; i < 200; i++) live.push(BigInt(i), 10, i % 10 === 3 ? Number.NaN : 1, 1);
    expect(live.poll()).toBe(18);
    expect([live.accepted, live.rejected]).toEqual([180, 20]);
  });

  it("takes times as epoch milliseconds, exact to the nanosecond", () => {
    const live = vpin.stream({ bucketVolume: 1, window: 1 });
    for (const ms of [0, 1, 1_723_161_255_342, 1_723_161_255_342.25]) {
      live.push(ms, 10, 1, 1);
      live.poll();
      expect(live.last.endTime).toBe(BigInt(Math.floor(ms)) * 1_000_000n + BigInt(Math.round((ms % 1) * 1e6)));
    }
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, 1e13, "2024" as never])
      expect(() => live.push(wrong, 10, 1, 1)).toThrow(/'time' is .*, expected a time/);
    expect(live.poll()).toBe(0);
  });

  it("a batch with a bad value is refused whole", () => {
    const live = vpin.stream(options);
    const before = live.snapshot();
    expect(() => live.pushBatch({ ...trades(), price: Float64Array.of(1, 2, -3, 4) })).toThrow(/'price' row 2 is -3/);
    expect(live.snapshot()).toEqual(before);
    live.pushBatch(trades());
    expect(live.poll()).toBe(2);
    expect([...live.results.endIndex]).toEqual([1, 3]);
    expect(() => live.pushBatch({ ...trades(), side: undefined })).toThrow(/needs side or buyFraction|began with/);
  });

  it("states are checked: another kernel, other options, another layout, too small, not a state", () => {
    const saved = vpin.stream(options).snapshot();
    expect(() => volumeBuckets.restore(saved)).toThrow(/no saved state of volume_buckets: it belongs to vpin/);
    expect(() => vpin.stream({ ...options, window: 3 }, { state: saved })).toThrow(/state (belongs to|has)/);
    expect(() => vpin.stream(options, { state: new ArrayBuffer(64) })).toThrow(/state has 64 bytes, expected/);
    expect(() => vpin.restore(new Uint8Array(3))).toThrow(/no saved state of vpin/);
    const garbage = saved.slice().fill(9, 0, 4);
    expect(() => vpin.stream(options, { state: garbage })).toThrow(/this is not a state block/);
    const other = saved.slice();
    new DataView(other.buffer).setUint32(4, 99, true);
    expect(() => vpin.stream(options, { state: other })).toThrow(/layout version 99/);
    expect(() => bucketVpin.stream()).toThrow(/declares no state/);
  });

  it("state in a SharedArrayBuffer is continued by whoever opens it", () => {
    const state = new SharedArrayBuffer(vpin.stateBytes(options));
    vpin.stream(options, { state }).pushBatch({ ...trades(), size: Float64Array.of(8, 0, 0, 0) });
    const other = vpin.stream(options, { state });
    other.push(5n, 10, 2, -1);
    expect(other.poll()).toBe(1);
    expect(other.last.imbalance).toBe(0.6);
  });
});

describe("async", () => {
  it("gives the same, off the main thread, on copies", async () => {
    for (const backend of ["native", "reference"]) {
      const inputs = trades();
      const promise = vpin.async(inputs, options, { backend });
      inputs.size.fill(Number.NaN);
      expect(await promise).toEqual(vpin(trades(), options, { backend: "reference" }));
    }
  });

  it("calls made while others run have numbers of their own, whatever options and dtypes they have", async () => {
    const of = (rows: number) => ({ buy: Float64Array.from({ length: rows }, (_, i) => i % 7), sell: new Float64Array(rows).fill(2) });
    const cases = [3, 70_000, 5].flatMap((rows) => [1, 2].map((window) => ({ columns: of(rows), window })));
    const wanted = cases.map(({ columns, window }) => bucketVpin(columns, { window }, { backend: "reference" }));
    const running = cases.map(({ columns, window }) => bucketVpin.async(columns, { window }, { backend: "native" }));
    const meanwhile = cases.toReversed().map(({ columns, window }) => bucketVpin(columns, { window }, { backend: "native" }));
    const f32 = bucketVpin({ buy: Float32Array.of(3, 1), sell: Float32Array.of(1, 1) }, { window: 1 }, { backend: "native" });
    expect(f32.vpin).toEqual(Float32Array.of(0.5, 0));
    const alike = (got: { vpin: Float64Array | Float32Array }[]) =>
      got.forEach(({ vpin }, i) => {
        expect(vpin.every((value, row) => Object.is(value, wanted[i]!.vpin[row]) || Math.abs(value - wanted[i]!.vpin[row]!) < 1e-12)).toBe(
          true,
        );
      });
    alike(meanwhile.toReversed());
    alike(await Promise.all(running));
  });

  it("tells its progress and stops when cancelled, with the signal's reason", async () => {
    const rows = 5_000_000;
    const size = new Float64Array(rows).fill(1);
    for (const backend of ["native"]) {
      const stop = new AbortController();
      const seen: number[] = [];
      const onProgress = (done: number) => {
        seen.push(done);
        if (done > 2e6) stop.abort(new Error("enough"));
      };
      const run = volumeBuckets.async({ size }, { bucketVolume: 100 }, { backend, signal: stop.signal, onProgress });
      await expect(run).rejects.toThrow("enough");
      expect(seen.length).toBeGreaterThan(1);
      expect(seen.at(-1)).toBeLessThan(rows);
      expect((await volumeBuckets.async({ size }, { bucketVolume: 100 }, { backend })).buy.length).toBe(rows / 100);
    }
    await expect(volumeBuckets.async({ size }, { bucketVolume: 100 }, { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow(
      "before",
    );
  });

  it("a bad value rejects with its row", async () => {
    for (const backend of ["native", "reference"])
      await expect(vpin.async({ ...trades(), price: Float64Array.of(1, 2, 3, -1) }, options, { backend })).rejects.toThrow(
        /'price' row 3 is -1/,
      );
    await expect(bucketVpin.async({ buy: new Float64Array(0), sell: new Float64Array(0) })).resolves.toEqual({ vpin: new Float64Array(0) });
  });
});
