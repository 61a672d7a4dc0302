/** Columns of a panel -> what a factor study needs: prices, capitalizations, sectors, factors; what cannot be used is named. */
import type { Coverage } from "../analysis/signal.js";
import type { Panel } from "../data/panel.js";
import { DataError, didYouMean } from "../errors.js";
import type { StudyInput } from "./factor_study.js";

export interface FactorOptions extends Pick<StudyInput, "horizons" | "quantiles" | "window" | "lag" | "halfLife" | "mode"> {
  factors: readonly string[];
  price?: string | undefined;
  return?: string | undefined;
  cap?: string | undefined;
  sector?: string | undefined;
}

const priceNames = ["adj_close", "adjclose", "adjusted_close", "close_adj", "close", "price", "px_last", "price_unadj", "px", "prc"];
const priorNames = ["prior_close", "prior_close_unadj", "prev_close"];
const ratioNames = ["adjustment_ratio", "split_ratio"];
const dividendNames = ["dividend", "dividend_unadj"];
const returnNames = ["return", "returns", "ret", "asset_returns"];
const capNames = ["cap", "market_cap", "marketcap", "mkt_cap", "mktcap"];
const sectorNames = ["sector", "gics_sector", "industry"];

function find<T>(columns: ReadonlyMap<string, T>, given: string | undefined, names: readonly string[], flag: string): T | undefined {
  if (given !== undefined) return columns.get(given) ?? unknown(columns, given, `--${flag}`);
  const key = names.map((name) => [...columns.keys()].find((k) => k.toLowerCase() === name)).find((k) => k !== undefined);
  return key === undefined ? undefined : columns.get(key);
}

function unknown(columns: ReadonlyMap<string, unknown>, name: string, flag: string): never {
  const names = [...columns.keys()];
  const near = didYouMean(name, names);
  throw new DataError("E_COLUMN_UNKNOWN", `${flag} ${name}: no column is called so; columns: ${names.join(", ")}`, {
    column: name,
    hint: near ? `did you mean ${near}?` : "name one of them",
  });
}

/** Compounded returns as a price; it stops where a return is missing and goes on from there. */
function indexOf(returns: (cell: number) => number, dates: number, assets: number): Float64Array {
  const price = new Float64Array(dates * assets).fill(Number.NaN);
  const level = new Float64Array(assets).fill(1);
  for (let cell = 0; cell < price.length; cell++) {
    const r = returns(cell);
    if (Number.isFinite(r)) price[cell] = level[cell % assets]! *= 1 + r;
  }
  return price;
}

function priceOf(panel: Panel, options: FactorOptions): Float64Array {
  const { columns, time, assets } = panel;
  const returns = options.price === undefined ? find(columns, options.return, returnNames, "return") : undefined;
  if (returns) return indexOf((cell) => returns[cell]!, time.length, assets.length);
  const price = find(columns, options.price, priceNames, "price");
  if (!price)
    throw new DataError("E_TABLE_VALUE", `no column of prices or returns was found: ${[...columns.keys()].join(", ")}`, {
      hint: "pass --price or --return with its name",
    });
  checkPositive(panel, price, "price", "E_BAD_PRICE");
  const prior = find(columns, undefined, priorNames, "");
  if (!prior || options.price !== undefined) return price;
  const ratio = find(columns, undefined, ratioNames, "");
  const dividend = find(columns, undefined, dividendNames, "");
  const total = (cell: number) => (price[cell]! + (dividend?.[cell] ?? 0)) / (prior[cell]! * (ratio?.[cell] ?? 1)) - 1;
  return indexOf(total, time.length, assets.length);
}

/** Throws at the first value that is there and not above 0. */
function checkPositive(panel: Panel, values: Float64Array, what: string, code: string): Float64Array {
  const bad = values.findIndex((c) => c <= 0 || c === Infinity);
  if (bad < 0) return values;
  const [date, asset] = [Math.floor(bad / panel.assets.length), panel.assets[bad % panel.assets.length]!];
  const day = new Date(Number(panel.time[date]! / 1_000_000n)).toISOString().slice(0, 10);
  throw new DataError(code, `${asset} has ${what} ${values[bad]} on ${day}, expected a number above 0`, {
    value: values[bad],
    hint: "leave the cell empty where it is not known",
  });
}

/** All alike where there is no such column. */
function capOf(panel: Panel, options: FactorOptions, price: Float64Array): Float64Array {
  const cap = find(panel.columns, options.cap, capNames, "cap");
  return cap ? checkPositive(panel, cap, "capitalization", "E_BAD_VALUE") : price.map((p) => (p > 0 ? 1 : Number.NaN));
}

/** Sector of each asset from 0 on, in order of their names; all in one where none are known. */
function sectorsOf({ texts, assets }: Panel, options: FactorOptions): { ids: Int32Array; names: string[] } {
  const own = find(texts, options.sector, sectorNames, "sector");
  if (!own) return { ids: new Int32Array(assets.length), names: [] };
  const names = [...new Set(own)].filter((name) => name !== "").sort();
  return { ids: Int32Array.from(own, (name) => names.indexOf(name)), names };
}

/** What is missing counts as missing; what cannot be is an error. */
export function factorInput(panel: Panel, options: FactorOptions): { input: StudyInput; coverage: Coverage; sectors: string[] } {
  const { time, columns } = panel;
  const [dates, assets] = [time.length, panel.assets.length];
  const price = priceOf(panel, options);
  const cap = capOf(panel, options, price);
  const { ids, names } = sectorsOf(panel, options);
  const factors = options.factors.map((name): StudyInput["factors"][number] => {
    const values = columns.get(name);
    if (values) return { name, kind: "column", values };
    if (name === "momentum" || name === "size") return { name, kind: name };
    return unknown(columns, name, "--factors");
  });
  const members = names.map((_, s) => ids.filter((id) => id === s).length);
  const priced = Array.from({ length: dates }, (_, t) => price.subarray(t * assets, (t + 1) * assets).filter((p) => p > 0).length);
  const total = priced.reduce((a, b) => a + b, 0);
  if (total === 0)
    throw new DataError("E_TABLE_EMPTY", "no asset has a price on any date", { hint: "check the column of prices: --price or --return" });
  return {
    input: { ...options, assets, time, price, cap, sector: ids, sectors: Math.max(1, names.length), factors },
    coverage: {
      dates,
      assets,
      rows: panel.rows,
      priced: total / (dates * assets),
      withoutSector: names.length > 0 ? panel.assets.filter((_, i) => ids[i] === -1) : [],
      alone: names.filter((_, s) => members[s] === 1),
      emptyDates: priced.filter((n) => n === 0).length,
      withoutCap: cap.filter((c, i) => price[i]! > 0 && !(c > 0)).length,
    },
    sectors: names,
  };
}
