/** Margin of a book as prices and positions move, against the kernels on the whole book; risk as prices come, against whole columns. */
import { describe, expect, it } from "vitest";
import { addressOf, loadAddon } from "../../src/addon/addon.js";
import type { Batch } from "../../src/bus/bus.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import {
  CollateralEngine,
  ewmaVolatility,
  marginGrid,
  marginTopic,
  portfolioMargin,
  positionStatus,
  positionsTopic,
  priceReturns,
  pricesTopic,
  RiskEngine,
  type RiskEngineOptions,
  riskTopic,
  rollingHistoricalRisk,
  scanScenarios,
} from "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { samplePositions } from "../../src/kernels/risk/parts/positions.js";

const [positions, instruments, accounts, groups] = [400, 7, 12, 4];
const noAddon = "the add-on is not loaded: addresses are not known";

function setUp(state?: ArrayBuffer) {
  const random = seeded(21);
  const { price: _, ...columns } = samplePositions(positions, instruments, random);
  const book = {
    ...columns,
    account: Uint32Array.from({ length: positions }, () => Math.floor(accounts * random())),
    group: Uint32Array.from({ length: positions }, () => Math.floor(groups * random())),
    minimum: Float64Array.from({ length: positions }, random),
  };
  const ranges = { priceRange: new Float64Array(instruments).fill(0.15), volatilityRange: new Float64Array(instruments).fill(0.3) };
  const cash = Float64Array.from({ length: accounts }, () => 4_000 * (random() - 0.2));
  const bus = new MemoryBus();
  const topic = marginTopic({ accounts });
  const results = bus.subscribe(topic);
  const engine = new CollateralEngine({ book, ...ranges, cash, groups, state }, bus.publisher(topic));
  const [prices, changes] = [pricesTopic({ rows: 8, slots: 4 }), positionsTopic({ rows: 8, slots: 4 })];
  const [priceFeed, changeFeed] = [bus.publisher(prices), bus.publisher(changes)];
  const [priceInput, changeInput] = [bus.subscribe(prices), bus.subscribe(changes)];
  const quote = (...rows: [number, number][]) => {
    const [instrument, price] = [Uint32Array.from(rows, (r) => r[0]), Float64Array.from(rows, (r) => r[1])];
    priceFeed.publish({ time: BigInt64Array.from(rows, (_, i) => BigInt(1000 + i)), price, instrument });
    const taken: boolean[] = [];
    priceInput.poll((batch) => void taken.push(engine.take(batch)));
    return taken[0]!;
  };
  const change = (position: number, quantity: number, expiry: number, volatility: number) => {
    const one = (x: number) => Float64Array.of(x);
    changeFeed.publish({
      time: BigInt64Array.of(5n),
      position: Uint32Array.of(position),
      quantity: one(quantity),
      expiry: one(expiry),
      volatility: one(volatility),
    });
    changeInput.poll((batch) => void engine.takePositions(batch));
  };
  const last = () => {
    let found: Record<string, number[]> = {};
    results.poll(({ columns, rows }: Batch) => {
      found = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, [...(column.subarray(0, rows) as Float64Array)]]));
    });
    return found;
  };
  /** The kernels on the whole book, in the engine's order, so that sums agree to the bit. */
  const whole = (price: Float64Array) => {
    const order = [...book.underlying.keys()].sort((a, b) => book.underlying[a]! - book.underlying[b]! || a - b);
    const sorted = Object.fromEntries(
      Object.entries(book).map(([name, column]) => [name, (column as Float64Array).map((_, i) => column[order[i]!]!)]),
    ) as unknown as typeof book;
    const { account, group, minimum, ...rest } = sorted;
    const { profit, value } = marginGrid({ ...rest, price, ...ranges, ...scanScenarios }, { bad: "mark" });
    const margin = portfolioMargin({ profit, value, account, group, minimum, cash }, { groups, bad: "leave_out" });
    return Object.fromEntries(Object.entries(margin).map(([name, column]) => [name, [...column]]));
  };
  const bytes = CollateralEngine.stateBytes({ book, ...ranges, cash, groups });
  return { engine, book, cash, quote, change, last, whole, results, bytes };
}

describe("collateral", () => {
  const start = [10, 200, 3, 0.5, 44, 1_000, 70] as const;

  it("follows prices to the bit of a whole run, and leaves out what has no price yet", () => {
    const { quote, last, whole, engine, book } = setUp();
    const price = new Float64Array(instruments).fill(Number.NaN);
    for (const [u, at] of [...start.entries(), [3, 0.55], [0, 9], [3, 0.5]] as [number, number][]) {
      price[u] = at;
      expect(quote([u, at])).toBe(true);
      const { time, ...found } = last();
      expect(time).toEqual(new Array(accounts).fill(1000n));
      expect(found).toEqual(whole(price));
      expect([...engine.status].map((code) => positionStatus[code])).toEqual(
        [...book.underlying].map((v) => (Number.isNaN(price[v]!) ? "price" : "ok")),
      );
    }
    expect(quote([1, 190], [2, 3.3], [1, 210])).toBe(true);
    expect(last().equity).toEqual(whole(price.with(1, 210).with(2, 3.3)).equity);
  });

  it("follows positions, and marks one that expired without hiding the others", () => {
    const { quote, change, last, whole, book, engine } = setUp();
    quote(...(start.map((p, u) => [u, p]) as [number, number][]));
    last();
    const option = book.kind.indexOf(1);
    [book.quantity[option], book.expiry[option], book.volatility[option]] = [-30, 0.7, 0.4];
    change(option, -30, 0.7, 0.4);
    const { time: _, ...found } = last();
    expect(found).toEqual(whole(Float64Array.from(start)));
    change(option, -30, -0.01, 0.4);
    expect(positionStatus[engine.status[option]!]).toBe("expiry");
    expect([...engine.status].filter((code) => code > 0).length).toBe(1);
    const { unpriced, maintenance } = last();
    expect(unpriced![book.account[option]!]).toBe(1);
    expect(maintenance!.every((x) => x >= 0)).toBe(true);
  });

  it("goes on from the state of another engine: prices and positions that changed", () => {
    const state = new ArrayBuffer(setUp().bytes);
    const first = setUp(state);
    first.quote(...(start.map((p, u) => [u, p]) as [number, number][]));
    first.last();
    first.change(first.book.kind.indexOf(1), -30, 0.7, 0.4);
    const second = setUp(state.slice(0));
    for (const one of [first, second]) one.quote([2, 3.5]);
    first.last();
    first.quote([1, 190]);
    second.last();
    second.quote([1, 190]);
    const [want, got] = [first.last(), second.last()];
    expect(want.equity!.some(Number.isFinite)).toBe(true);
    expect(got).toEqual(want);
  });

  it("takes nothing where the results are full, and names an instrument that it does not know", () => {
    const { quote, last, whole, cash } = setUp();
    for (const u of [0, 1]) expect(quote([u, start[u]!])).toBe(true);
    expect(quote([2, 5])).toBe(false);
    last();
    const price = new Float64Array(instruments).fill(Number.NaN);
    price.set(start.slice(0, 2));
    cash[4]! += 100; // read where it lies
    price[3] = 2;
    expect(quote([3, 2])).toBe(true);
    expect(last().equity).toEqual(whole(price).equity);
    expect(() => quote([1, 1], [instruments, 5])).toThrow(/'instrument' row 1 is 7, expected a number < 7/);
    expect(last()).toEqual({});
  });

  it("writes into the slots where they lie", (context) => {
    if (!loadAddon().addon) context.skip(noAddon);
    const { engine, quote, results } = setUp();
    quote([0, 10]);
    results.poll(({ columns }) => {
      for (const name of ["equity", "maintenance", "initial", "excess", "call", "unpriced"] as const)
        expect(engine.addresses[name], name).toBe(addressOf(columns[name]));
    });
  });
});

describe("risk", () => {
  const random = seeded(4);
  let now = 100;
  const price = Float64Array.from({ length: 900 }, (_, i) => (now *= 1 + (i > 600 ? 0.03 : 0.01) * (random() + random() - 1.003)));
  const options: RiskEngineOptions = { confidence: 0.95, window: 60, decay: 0.9, periodsPerYear: 252, limit: 0.015 };

  function run(rowsPerSlot: number, part = price, more: Partial<RiskEngineOptions> = {}) {
    const bus = new MemoryBus();
    const [prices, risks] = [pricesTopic({ rows: rowsPerSlot, slots: 2 }), riskTopic({ rows: rowsPerSlot, slots: 2 })];
    const [feed, input, results] = [bus.publisher(prices), bus.subscribe(prices), bus.subscribe(risks)];
    const engine = new RiskEngine({ ...options, ...more }, bus.publisher(risks));
    const found: Record<string, number[]> = {};
    const where: Record<string, bigint | undefined>[] = [];
    for (let from = 0; from < part.length; from += rowsPerSlot) {
      const rows = part.slice(from, from + rowsPerSlot);
      feed.publish({ time: BigInt64Array.from(rows, (_, i) => BigInt(from + i)), price: rows, instrument: new Uint32Array(rows.length) });
      input.poll((batch) => {
        where.push({ price: addressOf(batch.columns.price) });
        expect(engine.take(batch)).toBe(true);
      });
      results.poll(({ columns, rows: count }: Batch) => {
        where.push({ var: addressOf(columns.var!), es: addressOf(columns.es!), volatility: addressOf(columns.volatility!) });
        for (const [name, column] of Object.entries(columns)) (found[name] ??= []).push(...(column.subarray(0, count) as Float64Array));
      });
    }
    return { found, engine, where };
  }

  const returns = priceReturns({ price }).returns.subarray(1);
  const { var: risk, es } = rollingHistoricalRisk({ returns }, { confidence: 0.95, window: 60 });
  const { volatility } = ewmaVolatility({ returns }, { decay: 0.9, periodsPerYear: 252 });
  const alarm = [...returns.keys()].map((i) => (-returns[i]! > risk[i - 1]! || es[i]! >= 0.015 ? 1 : 0));
  const want = { price: [...price], var: [...risk], es: [...es], volatility: [...volatility], alarm, loss: [...returns].map((r) => -r) };
  for (const column of [want.var, want.es, want.volatility, want.loss]) column.unshift(Number.NaN);
  want.alarm.unshift(0);

  for (const rowsPerSlot of [1, 64, 1024])
    it(`gives what the kernels give on whole columns, in batches of ${rowsPerSlot}`, () => {
      const { time, instrument, ...found } = run(rowsPerSlot).found;
      expect(time!.length).toBe(900);
      expect(instrument).toEqual(new Array(900).fill(0));
      expect(found).toEqual(want);
    });

  it("alarms where a loss is beyond the VaR before it, and where ES reaches the limit", () => {
    const beyond = run(64, price, { limit: undefined }).found.alarm!.filter((x) => Number(x) === 1).length;
    expect(beyond).toBeGreaterThan(20);
    expect(want.alarm.filter((x) => x === 1).length).toBeGreaterThan(beyond + 50);
  });

  it("goes on from the state of another engine", () => {
    const state = new SharedArrayBuffer(RiskEngine.stateBytes(options));
    const first = run(64, price.slice(0, 333), { state }).found;
    const second = run(100, price.slice(333), { state }).found;
    for (const name of ["var", "es", "volatility", "alarm", "loss"] as const)
      expect([...first[name]!, ...second[name]!]).toEqual(want[name]);
  });

  it("reads and writes the slots where they lie", (context) => {
    if (!loadAddon().addon) context.skip(noAddon);
    const { engine, where } = run(64);
    expect(engine.addresses).toEqual({ ...where[0], ...where[1] });
  });

  it("names a price that is none, and publishes nothing of its batch", () => {
    expect(() => run(64, price.with(130, 0))).toThrow(/'price' row 2 is 0, expected a number > 0/);
  });
});
