/** Results of back-tests that no run made: for pages. */
import type { BacktestMeasures, BacktestResult, SweepResult, WalkResult } from "../../../src/analysis/backtest.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const second = 1_000_000_000n;
const start = 1_723_075_200n * second; // 2024-08-08

export const measures = (sharpe: number, profit = 1000 * sharpe): BacktestMeasures => ({
  ...{ profit, returns: profit / 1e6, maxDrawdown: -0.01234, sharpe, volatility: 0.12, turnover: 34.5, hitRate: 0.512, closed: 1000 },
});

/** `hours` of `names`, with so many fills; prices walk, equity follows. */
export function madeBacktest(names: readonly string[], fills: number, hours = 6, rows = 2000): BacktestResult {
  const random = seeded(5);
  const step = (BigInt(Math.round(hours * 3600)) * second) / BigInt(Math.max(1, rows - 1));
  const time = BigInt64Array.from({ length: rows }, (_, i) => start + BigInt(i) * step);
  const n = names.length;
  const mid = new Float64Array(rows * n);
  const position = new Float64Array(rows * n);
  const equity = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < n; k++) {
      mid[i * n + k] = (mid[(i - 1) * n + k] ?? 60_000 / 10 ** k) * (1 + 0.0004 * (random() - 0.5));
      position[i * n + k] = i === 0 ? 0 : Math.round(10 * Math.sin(i / 90 + k)) / 10;
    }
    equity[i] = i === 0 ? 1e6 : equity[i - 1]! + 40 * (random() - 0.49);
  }
  let high = 0;
  const drawdown = equity.map((v) => v / (high = Math.max(high, v)) - 1);
  const rowOf = Array.from({ length: fills }, (_, i) => Math.floor(((i + 0.5) * rows) / fills));
  const column = (of: (row: number, fill: number) => number) => Float64Array.from(rowOf, of);
  const instrument = Uint32Array.from(rowOf, (_, i) => i % n);
  const side = Int8Array.from(rowOf, () => (random() < 0.5 ? -1 : 1));
  const midFilled = column((row, i) => mid[row * n + instrument[i]!]!);
  const near = (share: number) => midFilled.map((m) => m * (1 + share * (random() - 0.5)));
  const at = BigInt64Array.from(rowOf, (row) => time[row]!);
  const shifted = (ms: bigint) => at.map((t) => t + ms * 1_000_000n);
  return {
    ...{
      strategy: "market_maker",
      params: { spread: 2, limit: 10, side: "both" },
      capital: 1e6,
      barSeconds: 60,
      start,
      end: time.at(-1) ?? start,
    },
    instruments: names.map((name, k) => ({
      ...{ name, tick: 0.1, lot: 0.001, rows: { levels: 1_234_567, orders: 0, trades: 345_678 } },
      queue: (["risk_averse", "power", "exact", "trades"] as const)[k % 4]!,
    })),
    ...{ rows: 1_580_245, decisions: 43_210, returns: new Float64Array(360) },
    course: { time, equity, equityLow: equity.map((v) => v - 9), equityHigh: equity.map((v) => v + 7), drawdown, position, mid },
    fills: {
      ...{ time: at, decided: shifted(-2400n), arrived: shifted(-2390n), told: shifted(8n), instrument, side },
      ...{ price: midFilled.map((m, i) => m - side[i]! * 0.0001 * m), size: column(() => 0.1 + random()) },
      ...{ maker: Uint8Array.from(rowOf, (_, i) => (i % 5 ? 1 : 0)), fee: column((_, i) => (i % 5 ? -0.3 : 1.2)) },
      ...{ midDecided: near(0.0004), midArrived: near(0.0003), midFilled, midAfter1: near(0.0003), midAfter5: near(0.0006) },
      midAfter30: near(0.002).map((m, i) => (i > fills - 4 ? Number.NaN : m)),
      queue: column((_, i) => (i % 5 === 0 ? Number.NaN : i % 31 === 1 ? Number.POSITIVE_INFINITY : 20 * random())),
      vpin: column(() => 0.3 * random()),
      cdf: column((_, i) => (i < 9 ? Number.NaN : random())),
    },
    money: { spread: 812.345, inventory: -240.5, impact: -12.25, fees: 88.1, funding: -30.2, borrow: 0, profit: 617.495 },
    orders: {
      ...{ submitted: 4000, filled: fills, partly: 12, cancelled: 3000, replaced: 512, fillRatio: 0.214 },
      rejected: { "would take": 31, "requests: at most 300 in 10 s": 7 },
    },
    measures: measures(1.7, 617.495),
    hash: "0123456789abcdef".repeat(4),
    remarks: ["12 rows of the market were left out: their prices are no whole ticks"],
    log: ["began", "widened on an alarm"],
  };
}

export function madeSweep(spreads: number, limits: number): SweepResult {
  const random = seeded(8);
  const values = (many: number) => Array.from({ length: many }, (_, i) => i + 1);
  const axes = [{ name: "spread", values: values(spreads) }, ...(limits > 0 ? [{ name: "inventory_limit", values: values(limits) }] : [])];
  const runs = values(spreads).flatMap((spread) =>
    values(Math.max(1, limits)).map((limit) => ({
      params: limits > 0 ? { spread, inventory_limit: limit } : { spread },
      measures: measures(Math.sin(spread / 2) + 2 * (random() - 0.5), 1e5 * (random() - 0.5)),
      money: { spread: 8, inventory: -2, impact: 0, fees: -1, funding: 0, borrow: 0, profit: 5 },
      ...{ fills: 321, returns: new Float64Array(0), hash: "ab" },
    })),
  );
  const best = runs.reduce((b, run, i) => (run.measures.sharpe > runs[b]!.measures.sharpe ? i : b), 0);
  const failed = [{ params: { spread: 99 }, code: "E_STRATEGY_TIME", message: "<i>a hook</i> did not return in 5 s" }];
  return { ...{ strategy: "market_maker", axes, runs, failed, best, deflatedSharpe: 0.61, overfitting: 0.57, remarks: [] } };
}

export function madeWalk(windows: number): WalkResult {
  const day = 86_400n * second;
  return {
    strategy: "market_maker",
    windows: Array.from({ length: windows }, (_, i) => ({
      ...{ from: start + BigInt(i) * 5n * day, split: start + BigInt(i + 4) * 5n * day, to: start + BigInt(i + 5) * 5n * day },
      ...{ params: { spread: 2 + (i % 3) }, inSample: measures(3 - i / 9), outOfSample: measures(i % 2 ? 1.2 : -0.8) },
    })),
    together: measures(0.4),
    remarks: [],
  };
}
