/** A second instrument where one is expected: each is right by itself, or it is refused by name before anything is taken. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Batch } from "../../src/bus/bus.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { tradesTopic } from "../../src/engines/trades.js";
import { readPrices } from "../../src/files/tables/prices.js";
import { CollateralEngine, fromRows, marginTopic, pricesTopic, RiskEngine, riskTopic, timeBars, vpin } from "../../src/index.js";
import type { TradeColumns } from "../../src/market/trade_columns.js";
import { BarsToxicity } from "../../src/studies/tape/bars.js";
import { Toxicity } from "../../src/studies/tape/toxicity.js";
import { binance, requireBuilt, tape, temporaryFolder, tickforge } from "../support/cli.js";

const rows = 400;
const time = BigInt64Array.from({ length: rows }, (_, i) => 1_700_000_000_000_000_000n + BigInt(i) * 1_000_000_000n);
/** 100 all along of instrument 0, 7 all along of instrument 1. */
const mixed = { instrument: Uint32Array.from(time, (_, i) => i % 2), price: Float64Array.from(time, (_, i) => (i % 2 ? 7 : 100)) };
const code = (call: () => unknown): { code: string; message: string; row?: number } => {
  try {
    call();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("it was answered");
};

/** Trades of these instruments, as an engine gets them. */
function trades(instrument: Uint32Array, use: (batch: Batch<TradeColumns>) => unknown): void {
  const topic = tradesTopic({ slots: 2, rows: instrument.length });
  const bus = new MemoryBus();
  const subscription = bus.subscribe(topic);
  // Half of the rows: those of the second instrument.
  const of = (i: number) => (instrument.length < rows ? 2 * i + 1 : i);
  const price = Float64Array.from(instrument, (id, i) => (id ? 7 : 100) + (of(i) % 5) / 10);
  const side = Int8Array.from(instrument, (_, i) => (of(i) % 3 ? 1 : -1));
  const size = new Float64Array(instrument.length).fill(1);
  bus.publisher(topic).publish({ time: time.slice(0, instrument.length), price, size, side, instrument });
  expect(subscription.poll((batch) => void use(batch))).toBe(1);
}

describe("engines of one series", () => {
  it("RiskEngine names both instruments and the row, takes nothing, and goes on with the first", () => {
    const bus = new MemoryBus();
    const [prices, risks] = [pricesTopic({ rows }), riskTopic({ rows })];
    const [input, output] = [bus.subscribe(prices), bus.subscribe(risks)];
    const feed = bus.publisher(prices);
    const engine = new RiskEngine({ confidence: 0.95, window: 20, periodsPerYear: 252 }, bus.publisher(risks));
    feed.publish({ time, ...mixed });
    input.poll((batch) => {
      const error = code(() => engine.take(batch));
      expect(error).toMatchObject({ code: "E_INSTRUMENTS", row: 1 });
      expect(error.message).toMatch(/RiskEngine: row 1 of the topic of prices is of instrument 1, after those of instrument 0/);
    });
    expect(output.poll(() => {})).toBe(0);
    for (const [id, taken] of [
      [3, true],
      [3, true],
      [4, false],
    ] as const) {
      feed.publish({ time, price: mixed.price, instrument: new Uint32Array(rows).fill(id) });
      input.poll((batch) => {
        if (taken) expect(engine.take(batch)).toBe(true);
        else expect(code(() => engine.take(batch)).message).toMatch(/instrument 4, after those of instrument 3/);
      });
    }
  });

  it("RiskEngine of two instruments gives each what it gives it alone, to its state, and refuses a third", () => {
    const options = { confidence: 0.95, window: 20, periodsPerYear: 252 };
    const price = mixed.price.map((at, i) => at + Math.sin(i));
    const run = (
      only: number | undefined,
      instruments: number,
      state = new ArrayBuffer(RiskEngine.stateBytes({ ...options, instruments })),
    ) => {
      const bus = new MemoryBus();
      const [prices, risks] = [pricesTopic({ rows }), riskTopic({ rows })];
      const [input, output, feed, results] = [bus.subscribe(prices), bus.subscribe(risks), bus.publisher(prices), bus.publisher(risks)];
      const keep = [...price.keys()].filter((i) => only === undefined || mixed.instrument[i] === only);
      const found: (readonly number[])[] = [];
      for (const part of [keep.slice(0, 77), keep.slice(77)]) {
        const engine = new RiskEngine({ ...options, instruments, state }, results);
        const columns = {
          price: Float64Array.from(part, (i) => price[i]!),
          instrument: Uint32Array.from(part, (i) => mixed.instrument[i]!),
        };
        feed.publish({ time: time.slice(0, part.length), ...columns });
        input.poll((batch) => expect(engine.take(batch)).toBe(true));
        output.poll(({ columns: { instrument, loss, var: risk, es, volatility, alarm }, rows: count }) => {
          for (let i = 0; i < count; i++) found.push([instrument[i]!, loss[i]!, risk[i]!, es[i]!, volatility[i]!, alarm[i]!]);
        });
      }
      return found;
    };
    const both = run(undefined, 2);
    for (const id of [0, 1]) expect(both.filter(([instrument]) => instrument === id)).toEqual(run(id, 1));
    expect(both.some((row) => row[2]! > 0.001)).toBe(true);
    trades(
      Uint32Array.from(time, (_, i) => i % 3),
      (batch) => {
        const engine = new RiskEngine({ ...options, instruments: 2 }, undefined as never);
        expect(code(() => engine.take(batch as never))).toMatchObject({ code: "E_INSTRUMENTS", row: 2 });
      },
    );
    expect(code(() => new RiskEngine({ ...options, instruments: 0 }, undefined as never)).code).toBe("E_OPTION_RANGE");
  });

  it("ToxicityEngine and bars of one volume refuse a second instrument, of several one that is not known", () => {
    const usual = { window: 5, history: 10, threshold: 0.99, minHistory: 5, barSeconds: 60 };
    for (const make of [
      (volumes: number[]) => new Toxicity({ ...usual, bucketVolumes: Float64Array.from(volumes), measures: "kyle_lambda:20" }),
      (volumes: number[]) => new BarsToxicity({ ...usual, bucketVolumes: Float64Array.from(volumes) }),
    ]) {
      trades(mixed.instrument, (batch) => expect(code(() => make([10]).take(batch))).toMatchObject({ code: "E_INSTRUMENTS", row: 1 }));
      const three = Uint32Array.from(time, (_, i) => i % 3);
      trades(three, (batch) => expect(code(() => make([10, 10]).take(batch))).toMatchObject({ code: "E_INSTRUMENTS", row: 2 }));
    }
  });

  it("ToxicityEngine with a volume for each gives each instrument what it gives it alone", () => {
    const usual = { window: 5, history: 10, measures: "kyle_lambda:20,roll_spread:20" };
    const both = new Toxicity({ ...usual, bucketVolumes: Float64Array.of(10, 10) });
    trades(mixed.instrument, (batch) => both.take(batch));
    const block = both.buckets.view();
    const alone = new Toxicity({ ...usual, bucketVolumes: Float64Array.of(10) });
    trades(new Uint32Array(rows / 2).fill(1), (batch) => alone.take(batch));
    const of1 = Array.from(block.instrument.keys()).filter((i) => block.instrument[i] === 1);
    const want = alone.buckets.view();
    expect(of1.length).toBeGreaterThan(10);
    expect(of1.map((i) => block.vpin[i])).toEqual([...want.vpin]);
    for (const name of ["kyle_lambda", "roll_spread"]) expect(of1.map((i) => block.measures[name]![i])).toEqual([...want.measures[name]!]);
  });

  it("CollateralEngine refuses an instrument that its book has not", () => {
    const bus = new MemoryBus();
    const [prices, margins] = [pricesTopic({ rows }), marginTopic({ accounts: 1 })];
    const input = bus.subscribe(prices);
    const one = (value: number) => Float64Array.of(value);
    const book = {
      ...{ quantity: one(1), kind: Uint8Array.of(0), underlying: Uint32Array.of(0), strike: one(0), expiry: one(0), volatility: one(0) },
      ...{ account: Uint32Array.of(0), group: Uint32Array.of(0) },
    };
    const ranges = { priceRange: one(0.1), volatilityRange: one(0.1) };
    const engine = new CollateralEngine({ book, ...ranges, cash: one(0), groups: 1 }, bus.publisher(margins));
    bus.publisher(prices).publish({ time, ...mixed });
    input.poll((batch) => expect(code(() => engine.take(batch))).toMatchObject({ code: "E_BAD_VALUE", row: 1 }));
  });
});

describe("calls", () => {
  const trade = (symbol: string, instrument?: number) => ({
    time: 1n,
    price: 1,
    size: 1,
    symbol,
    ...(instrument !== undefined && { instrument }),
  });

  it("fromRows refuses two symbols without ids, and takes ids wherever they begin", () => {
    expect(code(() => fromRows([trade("A"), trade("A"), trade("B")]))).toMatchObject({ code: "E_INSTRUMENTS", row: 2 });
    expect([...fromRows([trade("A", 0), trade("B", 1)]).instrument!]).toEqual([0, 1]);
    expect(code(() => fromRows([trade("A"), trade("B", 1)]))).toMatchObject({ code: "E_BAD_VALUE", row: 0 });
    expect(fromRows([trade("A"), trade("A")]).price.length).toBe(2);
  });

  it("kernels of one series do not take ids, and vpin of one refuses a second", () => {
    const columns = fromRows([trade("A", 0), trade("B", 1)]);
    expect(code(() => timeBars(columns as never, { barNs: 1000 } as never))).toMatchObject({
      code: expect.stringMatching(/^E_(PORT|OPTION)_UNKNOWN$/),
    });
    expect(code(() => vpin(columns, { bucketVolume: 1, classify: "tick_rule" }))).toMatchObject({ code: "E_BAD_VALUE", row: 1 });
  });
});

describe("commands", () => {
  requireBuilt();
  const folder = temporaryFolder();
  const days = Array.from({ length: 300 }, (_, i) => new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10));
  const price = (i: number, k: number) => (k ? 50 + 3 * Math.sin(i) : 900 + 40 * Math.cos(i / 3)).toFixed(2);

  it("risk takes a long table asset by asset, as the wide one", async () => {
    writeFileSync(
      join(folder, "long.csv"),
      ["date,symbol,close,volume", ...days.flatMap((d, i) => [`${d},A,${price(i, 0)},5`, `${d},B,${price(i, 1)},6`])].join("\n"),
    );
    writeFileSync(join(folder, "wide.csv"), ["date,A,B", ...days.map((d, i) => `${d},${price(i, 0)},${price(i, 1)}`)].join("\n"));
    const [long, wide] = [await readPrices(join(folder, "long.csv")), await readPrices(join(folder, "wide.csv"))];
    expect(long.assets).toEqual(["A", "B"]);
    expect(long.price).toEqual(wide.price);
    expect(long.chosen).toMatchObject({ prices: ["close"], leftOut: [{ name: "volume" }] });
  });

  it("replay gives each of two instruments what it gives it alone, from text and from a recording, by sides and by bars", async () => {
    const lines = (symbol: string, seed: number) => tape(1500, seed).map((row) => ({ row: { ...row, size: Math.ceil(row.size) }, symbol }));
    const csv = (list: { row: ReturnType<typeof tape>[number]; symbol: string }[]) =>
      [
        "time,symbol,price,size,side",
        ...list.map(({ row, symbol }) => `${row.timeUs},${symbol},${row.price},${row.size},${row.side > 0 ? "buy" : "sell"}`),
      ].join("\n");
    const [a, b] = [lines("A", 5), lines("B", 6)];
    const both = [...a, ...b].sort((x, y) => x.row.timeUs - y.row.timeUs);
    writeFileSync(join(folder, "both.csv"), csv(both));
    writeFileSync(join(folder, "b.csv"), csv(b));
    const run = async (file: string, ...more: string[]) => {
      const { stdout, stderr } = await tickforge(["replay", file, "--bucket-volume", "40", "--json", ...more], { cwd: folder });
      expect(stderr).toBe("");
      const { instruments } = JSON.parse(stdout);
      return instruments.find(({ name }: { name: string }) => name === "B");
    };
    const alone = await run("b.csv");
    expect(await run("both.csv", "--record", "both.tfr")).toEqual(alone);
    expect(await run("both.tfr")).toEqual(alone);
    expect(await run("both.csv", "--classify", "bvc")).toEqual(await run("b.csv", "--classify", "bvc"));
  });

  it("files of one instrument each stay apart", async () => {
    writeFileSync(join(folder, "btc.csv"), binance(tape(300, 1)));
    writeFileSync(join(folder, "eth.csv"), binance(tape(300, 2)));
    const { stdout } = await tickforge(["replay", "btc.csv", "eth.csv", "--json", "--bucket-volume", "1"], { cwd: folder });
    expect(JSON.parse(stdout).tapes.map(({ title }: { title: string }) => title)).toEqual(["btc", "eth"]);
  });
});
