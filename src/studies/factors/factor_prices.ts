/** Columns of a panel -> a price of each asset that goes on through splits; the jumps that are no returns. */
import type { Jump } from "../../analysis/signal.js";
import { splitAt } from "../../analysis/splits.js";
import { DataError } from "../../core/contract/errors.js";
import { refusePercent } from "../../files/tables/bad_prices.js";
import type { Panel } from "../../files/tables/panel.js";
import { priceNames as allPriceNames, isAdjusted, returnNames } from "../../files/tables/price_columns.js";
import { findNumbers } from "./panel_columns.js";

export interface PriceColumns {
  price?: string | undefined;
  return?: string | undefined;
  /** Whether the returns of splits are left out; auto: unless the column says that prices are adjusted. */
  splits: "auto" | "leave-out" | "keep";
}

/** In a panel of factors, `value` is one of them. */
const priceNames = allPriceNames.filter((name) => name !== "value");
const priorNames = ["prior_close", "prior_close_unadj", "prev_close"];
const ratioNames = ["adjustment_ratio", "split_ratio"];
const dividendNames = ["dividend", "dividend_unadj"];

/** A change outside these within a few days is named, and a smaller one that is or may be a split. */
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
  /** Why the returns of splits are kept, if they are. */
  splitsKept: "adjusted" | "asked" | undefined;
  /** Places [date, asset] whose return from the date before is left out. */
  leftOut: number[];
  /** Places of total losses, where the index is 0. */
  lost: number[];
}

/** Compounded returns as a price; it stops where a return is missing and goes on from there. What comes after a total loss is another asset. */
export function compound(returns: (cell: number) => number, dates: number, assets: number): { index: Float64Array; lost: number[] } {
  const index = new Float64Array(dates * assets).fill(Number.NaN);
  const level = new Float64Array(assets).fill(1);
  const lost: number[] = [];
  for (let cell = 0; cell < index.length; cell++) {
    const r = returns(cell);
    if (!Number.isFinite(r)) continue;
    index[cell] = level[cell % assets]! *= 1 + r;
    if (index[cell] !== 0) continue;
    lost.push(cell);
    level[cell % assets] = 1;
  }
  return { index, lost };
}

/** Whether there is a column of prices or returns, by its flag or its name. */
export const hasPrices = ({ columns }: Panel, options: PriceColumns): boolean =>
  options.price !== undefined ||
  options.return !== undefined ||
  [...columns.keys()].some((name) => [...priceNames, ...returnNames].includes(name.toLowerCase()));

const none = { jumps: [], leftOut: [], splitsKept: undefined };

export function factorPrices(panel: Panel, options: PriceColumns): FactorPrices {
  const { columns, time, assets } = panel;
  const [dates, width] = [time.length, assets.length];
  const returns = options.price === undefined ? findNumbers(panel, options.return, returnNames, "return") : undefined;
  if (returns) {
    checkReturns(panel, returns.name, returns.value);
    return { ...compound((cell) => returns.value[cell]!, dates, width), raw: undefined, from: returns.name, ...none };
  }
  const price = findNumbers(panel, options.price, priceNames, "price");
  if (!price)
    throw new DataError("E_TABLE_VALUE", `no column of prices or returns was found: ${[...columns.keys()].join(", ")}`, {
      hint: "pass --price or --return with its name",
    });
  const raw = checkPositive(panel, price.name, price.value, "E_BAD_PRICE");
  const prior = options.price === undefined ? findNumbers(panel, undefined, priorNames, "")?.value : undefined;
  if (!prior) return { ...withoutSplits(panel, raw, price.name, options.splits), from: price.name };
  const ratio = findNumbers(panel, undefined, ratioNames, "")?.value;
  const dividend = findNumbers(panel, undefined, dividendNames, "")?.value;
  const total = (cell: number) => (raw[cell]! + (dividend?.[cell] ?? 0)) / (prior[cell]! * (ratio?.[cell] ?? 1)) - 1;
  return { ...compound(total, dates, width), raw, from: price.name, ...none };
}

/** Jumps beyond what few days bring; of those of raw prices, the ones that are splits are left out. */
function withoutSplits(
  { time, assets, columns }: Panel,
  raw: Float64Array,
  from: string,
  how: PriceColumns["splits"],
): Omit<FactorPrices, "from"> {
  const width = assets.length;
  const volume = columnNamed(columns, /^(volume|vol)$/i);
  const open = isAdjusted(from) ? undefined : columnNamed(columns, /^open$/i); // else on another scale
  const index = raw.slice();
  const jumps: Jump[] = [];
  const leftOut: number[] = [];
  const kept = how === "keep" ? "asked" : how === "auto" && isAdjusted(from) ? "adjusted" : undefined;
  for (const [asset, name] of assets.entries()) {
    const days = Array.from(time.keys()).filter((t) => raw[t * width + asset]! > 0);
    const of = (values: Float64Array) => Float64Array.from(days, (t) => values[t * width + asset]!);
    const course = { price: of(raw), ...(volume && { volume: of(volume) }), ...(open && { open: of(open) }) };
    let scale = 1;
    for (const [k, t] of days.entries()) {
      const change = k === 0 ? 0 : course.price[k]! / course.price[k - 1]! - 1;
      const soon = k > 0 && time[t]! - time[days[k - 1]!]! <= fewDaysNs;
      const verdict = soon ? splitAt(course, k) : undefined;
      if (verdict || (soon && (change < lowest || change > highest))) {
        jumps.push({ asset: name, time: time[t]!, change, ...verdict });
        if (verdict?.as !== undefined && kept === undefined) {
          leftOut.push(t * width + asset);
          scale /= 1 + change;
        }
      }
      index[t * width + asset] = course.price[k]! * scale;
    }
  }
  jumps.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  return { index, raw, jumps, leftOut, lost: [], splitsKept: kept };
}

const columnNamed = (columns: Panel["columns"], name: RegExp): Float64Array | undefined => [...columns].find(([of]) => name.test(of))?.[1];

/** Throws at the first value that is there and not above 0. */
export function checkPositive(panel: Panel, column: string, values: Float64Array, code: string): Float64Array {
  const bad = values.findIndex((c) => c <= 0 || c === Infinity);
  if (bad >= 0) throw wrongNumber(panel, column, bad, values[bad]!, "a number above 0", code);
  return values;
}

/** A return of -1 is a total loss: less there is none. */
export function checkReturns(panel: Panel, column: string, values: Float64Array): void {
  refusePercent(column, values);
  const bad = values.findIndex((r) => r < -1 || r === Infinity);
  if (bad >= 0) throw wrongNumber(panel, column, bad, values[bad]!, "a simple return of -1 or more", "E_BAD_VALUE");
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
