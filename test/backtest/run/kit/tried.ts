/** Strategies of a few lines over tapes made by hand. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { install } from "../../../../src/backends/index.js";
import { defineStrategy, type Hooks } from "../../../../src/backtest/strategy/strategy.js";
import { type Level, record, type Trade } from "./record.js";

install();
const folder = mkdtempSync(join(tmpdir(), "backtest-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

export const second = 1_000_000_000n;
/** A recording of its own. */
export const taped = (type: Parameters<typeof record>[1], rows: readonly object[], more: readonly string[] = []): string =>
  record(join(folder, `${files++}.tfr`), type, rows, more);
export const strategyOf = (hooks: Hooks, rest: object = {}) =>
  defineStrategy({ name: "tried", doc: "Tried.", params: {}, begin: () => hooks, ...rest });

/** A strategy that does something at some seconds. */
export function atSeconds(
  acts: Readonly<Record<number, Parameters<NonNullable<Hooks["onTimer"]>>[0] extends infer C ? (context: C) => void : never>>,
  more: Hooks = {},
) {
  return strategyOf({
    onStart: (context) => {
      for (const at of Object.keys(acts)) context.timer(at, BigInt(Math.round(Number(at) * 1e9)));
    },
    onTimer: (context, name) => acts[Number(name)]!(context),
    ...more,
  });
}

type LevelAt = readonly [at: number, side: 1 | -1, price: number, size: number];
/** Levels at seconds; the first clears the book, each ends its event. */
export const levelRows = (rows: readonly LevelAt[], of = "ABC"): (Level & { of: string })[] =>
  rows.map(([at, side, price, size], i) => ({ time: BigInt(Math.round(at * 1e9)), flags: i === 0 ? 3 : 2, side, price, size, of }));
export const tradeRows = (rows: readonly LevelAt[], of = "ABC"): (Trade & { of: string })[] =>
  rows.map(([at, side, price, size]) => ({ time: BigInt(Math.round(at * 1e9)), side, price, size, of }));
