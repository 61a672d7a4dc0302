/** Names for what is wrong about a call beside its values: settings, options, arrays, pushed values, arguments of what is no kernel. */
import { describe, expect, it } from "vitest";
import {
  bucketVpin,
  createRing,
  fromCcxt,
  fromRows,
  openRing,
  RiskEngine,
  type TickforgeError,
  topic,
  valueAtRisk,
  volumeBuckets,
  vpin,
} from "../../src/index.js";

const buy = Float64Array.of(9, 6, 5, 0);
const sell = Float64Array.of(1, 4, 5, 10);
const call = bucketVpin as unknown as (...args: unknown[]) => unknown;
const options = { bucketVolume: 10, window: 1 };
const stream = (how?: unknown) => vpin.stream(options, how as never);
const detached = () => {
  const view = new Float64Array(4);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
};
const throwing = (name: string) => Object.defineProperty({ buy, sell }, name, { enumerable: true, get: () => expect.fail("the getter") });

const cases: [string, string, RegExp, () => unknown][] = [
  ["options null", "E_ARGUMENT", /options is null, expected an object/, () => call({ buy, sell }, null)],
  ["options 5", "E_ARGUMENT", /options is number 5/, () => call({ buy, sell }, 5)],
  ["an option null", "E_OPTION_RANGE", /option 'window' is null, expected a finite number/, () => call({ buy, sell }, { window: null })],
  ["settings null", "E_ARGUMENT", /what says how to run a call is null/, () => call({ buy, sell }, {}, null)],
  ["backend null", "E_OPTION_RANGE", /'backend' is null, expected the name of a backend/, () => call({ buy, sell }, {}, { backend: null })],
  ["backend 5", "E_OPTION_RANGE", /'backend' is number 5/, () => call({ buy, sell }, {}, { backend: 5 })],
  [
    "{ bakend }",
    "E_OPTION_UNKNOWN",
    /takes no setting 'bakend'; did you mean backend\?/,
    () => call({ buy, sell }, {}, { bakend: "native" }),
  ],
  ["an inherited option", "E_OPTION_UNKNOWN", /no option is called 'constructor'/, () => call({ buy, sell }, { constructor: 3 })],
  ["an inherited input", "E_PORT_UNKNOWN", /no input is called 'toString'/, () => call({ buy, sell, toString: buy })],
  ["a getter that throws", "E_ARGUMENT", /reading its inputs failed: the getter/, () => call(throwing("sell"))],
  [
    "a detached sole input",
    "E_DETACHED",
    /the buffer of 'size' was detached/,
    () => volumeBuckets({ size: detached() }, { bucketVolume: 1 }),
  ],
  ["nothing to bind", "E_ARGUMENT", /what to bind is null/, () => bucketVpin.bind(null as never)],
  [
    "a state for a kernel without one",
    "E_BIND",
    /keeps none/,
    () => bucketVpin.bind({ in: { buy: new Float64Array(4), sell: new Float64Array(4) }, out: { vpin: new Float64Array(4) }, state: {} }),
  ],
  ["no slot to bind", "E_BIND", /was given no 'in'/, () => bucketVpin.bind({ in: [], out: { vpin: new Float64Array(4) } })],
  ["a stage of 0", "E_OPTION_RANGE", /'stage' is number 0, expected an integer from 1/, () => stream({ stage: 0 })],
  ["a text for a restored state", "E_STATE", /./, () => vpin.restore("x" as never)],
  ["a topic that is none", "E_BUS_TOPIC", /is no declaration/, () => topic(null as never)],
  ["a ring without memory", "E_ARGUMENT", /openRing: memory is undefined/, () => openRing(undefined as never)],
  ["a ring of nothing", "E_BUS_TOPIC", /is no declaration/, () => createRing(5 as never)],
  ["rows that are none", "E_ARGUMENT", /fromRows: rows is null, expected an array/, () => fromRows(null as never)],
  ["trades that are none", "E_ARGUMENT", /fromCcxt: trades is string x/, () => fromCcxt("x" as never)],
  [
    "an engine without options",
    "E_ARGUMENT",
    /RiskEngine: options is undefined/,
    () => new RiskEngine(undefined as never, undefined as never),
  ],
  ["no options of a risk", "E_ARGUMENT", /value_at_risk: options is undefined/, () => valueAtRisk(buy, undefined as never)],
];

const errorOf = (run: () => unknown): TickforgeError => {
  try {
    run();
  } catch (error) {
    return error as TickforgeError;
  }
  return expect.fail("threw nothing");
};

describe("a wrong call is refused by name", () => {
  for (const [what, code, message, run] of cases)
    it(`${what}: ${code}`, () => {
      const error = errorOf(run);
      expect([error.code, error.hint]).toEqual([code, expect.stringMatching(/./)]);
      expect(error.message).toMatch(message);
    });

  it("slots and rows of a bound call are whole numbers", () => {
    const bound = bucketVpin.bind({ in: { buy, sell }, out: { vpin: new Float64Array(4) } }) as (...args: unknown[]) => unknown;
    for (const slot of [1, -1, 0.5, "0", Symbol("s"), null]) expect(errorOf(() => bound(slot)).code).toBe("E_SLOT");
    for (const rows of [
      [0, 2.5],
      [0, 4, 1.5],
      [0, 4n],
      [0, 5],
      [0, 4, 0, 2 ** 63],
      [0, 4, 0, -1],
      [0, Object.create(null)],
    ])
      expect(errorOf(() => bound(...rows)).code).toBe("E_ROWS");
  });

  it("an async call takes a signal and a function, and rejects with what the function throws", async () => {
    const size = new Float64Array(3).fill(1);
    const run = (how: unknown) => volumeBuckets.async({ size }, { bucketVolume: 1 }, how as never);
    await expect(run({ signal: 5 })).rejects.toMatchObject({ code: "E_OPTION_RANGE", option: "signal" });
    await expect(run({ onProgress: "x" })).rejects.toMatchObject({ code: "E_OPTION_RANGE", option: "onProgress" });
    await expect(
      run({
        onProgress: () => {
          throw new Error("mine");
        },
      }),
    ).rejects.toThrow("mine");
    await expect(volumeBuckets.async(null as never, { bucketVolume: 1 })).rejects.toMatchObject({ code: "E_INPUT" });
  });
});

describe("a pushed value that its column cannot hold", () => {
  const bad: [string, string, unknown[]][] = [
    ["a bigint price", "E_BAD_VALUE", [1, 10n, 8, 1]],
    ["a text", "E_DTYPE", [1, "10", 8, 1]],
    ["null", "E_DTYPE", [1, 10, null, 1]],
    ["nothing", "E_DTYPE", [1, 10, 8, undefined]],
    ["a side of a half", "E_BAD_VALUE", [1, 10, 8, 0.5]],
    ["a side of 300", "E_BAD_VALUE", [1, 10, 8, 300]],
    ["a time of 65 bits", "E_BAD_VALUE", [2n ** 63n, 10, 8, 1]],
    ["a value too many", "E_PORTS_CHANGED", [1, 10, 8, 1, 0]],
  ];
  for (const [what, code, row] of bad)
    it(`${what}: ${code}, and the stream goes on`, () => {
      const live = stream();
      live.push(1, 10, 8, 1);
      expect(errorOf(() => (live.push as (...values: unknown[]) => void)(...row)).code).toBe(code);
      live.push(2, 10, 2, -1);
      expect([live.poll(), live.last.imbalance, live.accepted]).toEqual([1, 0.6, 2]);
    });

  it("is skipped and counted where the stream skips", () => {
    const live = stream({ onBad: "skip" });
    for (const time of [1, Number.NaN, "3", 4]) live.push(time as number, 10, 5, 1);
    live.poll();
    expect([live.accepted, live.rejected]).toEqual([2, 2]);
  });

  it("and inputs without rows must be given with the stream", () => {
    const volumes = { bucketVolumes: Float64Array.of(10, 20) };
    const live = vpin.stream({ window: 1, instruments: 2, bucketVolume: 0 }, { fixed: { ...volumes, bucketVolumes: 5 as never } });
    expect(errorOf(() => live.push(1, 10, 8, 1)).code).toBe("E_DTYPE");
  });
});
