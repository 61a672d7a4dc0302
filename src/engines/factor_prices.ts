/** Columns of a panel -> a price of each asset that goes on through splits; the jumps that are no returns. */
import { splitOf } from "../analysis/risk.js";
import type { Jump } from "../analysis/signal.js";
import type { Panel } from "../data/panel.js";
import { DataError } from "../errors.js";
import { findNumbers } from "./panel_columns.js";

export interface PriceColumns {
  price?: string | undefined;
  return?: string | undefined;
  /** Jumps of a price are returns like others. */
  keepSplits: boolean;
}

const priceNames = ["adj_close", "adjclose", "adjusted_close", "close_adj", "close", "price", "px_last", "price_unadj", "px", "prc"];
const priorNames = ["prior_close", "prior_close_unadj", "prev_close"];
const ratioNames = ["adjustment_ratio", "split_ratio"];
const dividendNames = ["dividend", "dividend_unadj"];
const returnNames = ["return", "returns", "ret", "asset_returns"];

/** A return outside these of a few days is a split, or a wrong price, far more often than a return. */
const [lowest, highest] = [-0.4, 0.6];
const fewDaysNs = 4n * 86_400_000_000_000n;

export interface FactorPrices {
  /** Total-return price or index [date, asset], level across the jumps that are left out. */
  index: Float64Array;
  /** As it stands in the file; undefined where returns were given. */
  raw: Float64Array | undefined;
  /** Column that it is from. */
  from: string;
  jumps: Jump[];
  /** Places [date, asset] whose return from the date before is left out. */
  leftOut: number[];
}

/** Compounded returns as a price; it stops where a return is missing and goes on from there. */
function compound(returns: (cell: number) => number, dates: number, assets: number): Float64Array {
  const price = new Float64Array(dates * assets).fill(Number.NaN);
  const level = new Float64Array(assets).fill(1);
  for (let cell = 0; cell < price.length; cell++) {
    const r = returns(cell);
    if (Number.isFinite(r)) price[cell] = level[cell % assets]! *= 1 + r;
  }
  return price;
}

export function factorPrices(panel: Panel, options: PriceColumns): FactorPrices {
  const { columns, time, assets } = panel;
  const [dates, width] = [time.length, assets.length];
  const returns = options.price === undefined ? findNumbers(panel, options.return, returnNames, "return") : undefined;
  if (returns) {
    checkReturns(panel, returns.name, returns.value);
    return { index: compound((cell) => returns.value[cell]!, dates, width), raw: undefined, from: returns.name, jumps: [], leftOut: [] };
  }
  const price = findNumbers(panel, options.price, priceNames, "price");
  if (!price)
    throw new DataError("E_TABLE_VALUE", `no column of prices or returns was found: ${[...columns.keys()].join(", ")}`, {
      hint: "pass --price or --return with its name",
    });
  const raw = checkPositive(panel, price.name, price.value, "E_BAD_PRICE");
  const prior = options.price === undefined ? findNumbers(panel, undefined, priorNames, "")?.value : undefined;
  if (!prior) return { ...withoutJumps(panel, raw, options.keepSplits), from: price.name };
  const ratio = findNumbers(panel, undefined, ratioNames, "")?.value;
  const dividend = findNumbers(panel, undefined, dividendNames, "")?.value;
  const total = (cell: number) => (raw[cell]! + (dividend?.[cell] ?? 0)) / (prior[cell]! * (ratio?.[cell] ?? 1)) - 1;
  return { index: compound(total, dates, width), raw, from: price.name, jumps: [], leftOut: [] };
}

function withoutJumps({ time, assets }: Panel, raw: Float64Array, keep: boolean): Omit<FactorPrices, "from"> {
  const width = assets.length;
  const index = raw.slice();
  const jumps: Jump[] = [];
  const leftOut: number[] = [];
  const before = new Int32Array(width).fill(-1);
  const scale = new Float64Array(width).fill(1);
  for (let cell = 0; cell < raw.length; cell++) {
    if (!(raw[cell]! > 0)) continue;
    const asset = cell % width;
    const last = before[asset]!;
    before[asset] = cell;
    const [now, then] = [time[Math.floor(cell / width)]!, time[Math.floor(last / width)]!];
    const change = last < 0 ? 0 : raw[cell]! / raw[last]! - 1;
    if (last >= 0 && now - then <= fewDaysNs && (change < lowest || change > highest)) {
      const as = splitOf(1 + change);
      jumps.push({ asset: assets[asset]!, time: now, change, ...(as !== undefined && { as }) });
      if (!keep) {
        leftOut.push(cell);
        scale[asset]! /= 1 + change;
      }
    }
    index[cell] = raw[cell]! * scale[asset]!;
  }
  return { index, raw, jumps, leftOut };
}

/** Throws at the first value that is there and not above 0. */
export function checkPositive(panel: Panel, column: string, values: Float64Array, code: string): Float64Array {
  const bad = values.findIndex((c) => c <= 0 || c === Infinity);
  if (bad >= 0) throw wrongNumber(panel, column, bad, values[bad]!, "a number above 0", code);
  return values;
}

/** More than half of all returns this large: percent, or no returns. */
const tooLarge = 0.2;

/** A return of -1 or less leaves nothing to go on from. */
function checkReturns(panel: Panel, column: string, values: Float64Array): void {
  const known = values.filter((r) => !Number.isNaN(r));
  const large = known.filter((r) => Math.abs(r) > tooLarge).length;
  if (large > known.length / 2)
    throw new DataError("E_BAD_VALUE", `${column}: ${large} of ${known.length} returns are beyond -20 .. +20%: percent, or no returns`, {
      column,
      hint: "give simple returns, 0.01 for 1 %",
    });
  const bad = values.findIndex((r) => r <= -1 || r === Infinity);
  if (bad >= 0) throw wrongNumber(panel, column, bad, values[bad]!, "a simple return above -1", "E_BAD_VALUE");
}

function wrongNumber(panel: Panel, column: string, cell: number, value: number, expected: string, code: string): DataError {
  const [date, asset] = [Math.floor(cell / panel.assets.length), panel.assets[cell % panel.assets.length]!];
  const day = new Date(Number(panel.time[date]! / 1_000_000n)).toISOString().slice(0, 10);
  const { file, unit, line, row } = panel.whereOf(column, cell);
  return new DataError(code, `${file}, ${unit} ${line}: ${column} of ${asset} is ${value} on ${day}, expected ${expected}`, {
    ...{ file, line, column, row, value },
    hint: "leave the cell empty where it is not known",
  });
}
