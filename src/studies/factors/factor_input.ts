/** Columns of a panel and reports -> what a factor study needs: prices, capitalizations, sectors, factors; what cannot be used is named. */
import type { Coverage } from "../../analysis/signal.js";
import { DataError, TickforgeError } from "../../core/contract/errors.js";
import type { Panel } from "../../files/tables/panel.js";
import type { Reports } from "../../files/tables/reports.js";
import type { OnProgress } from "../risk/risk_backtest.js";
import { labelledPrices, withoutLabel } from "./factor_label.js";
import { checkPositive, type FactorPrices, factorPrices, type PriceColumns } from "./factor_prices.js";
import type { Fundamentals } from "./fundamentals.js";
import { capOf, ratiosOf } from "./fundamentals.js";
import { find, findNumbers, unknownName } from "./panel_columns.js";

export interface FactorOptions extends Pick<StudyInput, "horizons" | "quantiles" | "window" | "lag" | "halfLife" | "mode">, PriceColumns {
  factors: readonly string[];
  cap?: string | undefined;
  sector?: string | undefined;
  /** Column of the returns that follow their date: what factors are to foretell. */
  forwardReturn?: string | undefined;
}

const capNames = ["cap", "market_cap", "marketcap", "mkt_cap", "mktcap"];
const sectorNames = ["sector", "gics_sector", "industry"];
/** Factors that are made where no column is called so. */
const made = ["momentum", "size", "value", "earnings_yield"] as const;

/** Whether it is known at all, and where it is from, in words. */
type Cap = { values: Float64Array; known: boolean; from: string };

/** A column, or shares times price, or all alike. */
function capitalization(panel: Panel, options: FactorOptions, prices: FactorPrices, reports?: Reports, shares?: Reports): Cap {
  const cap = findNumbers(panel, options.cap, capNames, "cap");
  if (cap) return { values: checkPositive(panel, cap.name, cap.value, "E_BAD_VALUE"), known: true, from: `column ${cap.name}` };
  const of = shares ?? reports;
  if (!of) return { values: prices.index.map((p) => (p > 0 ? 1 : Number.NaN)), known: false, from: "none given: all assets alike" };
  if (!prices.raw)
    throw new DataError("E_TABLE_VALUE", `shares of ${of.file} need prices, the panel has returns`, {
      file: of.file,
      hint: "pass --price or --cap",
    });
  return {
    values: capOf({ ...panel, raw: prices.raw, index: prices.index }, of.of, shares !== undefined),
    known: true,
    from: `shares of ${of.file.split(/[\\/]/).at(-1)} times price`,
  };
}

/** Sector of each asset from 0 on, in order of their names; all in one where none are known. */
function sectorsOf({ texts, assets }: Panel, options: FactorOptions): { ids: Int32Array; names: string[] } {
  const own = find(texts, options.sector, sectorNames, "sector");
  if (!own) return { ids: new Int32Array(assets.length), names: [] };
  const names = [...new Set(own.value)].filter((name) => name !== "").sort();
  if (names.length === 0)
    throw new DataError(
      "E_SECTOR",
      `no asset of the panel has a ${own.name}: ${assets.slice(0, 3).join(", ")} ... are not among those that have one`,
      {
        column: own.name,
        hint: "check that both files name assets alike",
      },
    );
  return { ids: Int32Array.from(own.value, (name) => names.indexOf(name)), names };
}

/** Its longest history must fit into the panel, or no date has an exposure. */
function checkMomentum(dates: number, { window, lag }: FactorOptions): void {
  if (dates >= window + lag + 2) return;
  const shorter = Math.min(lag, Math.floor(dates / 10));
  throw new TickforgeError(
    "E_OPTIONS",
    `momentum needs --window ${window} and --lag ${lag} dates before its first value; the panel has ${dates}`,
    {
      hint: `such as --window ${Math.max(1, Math.floor(dates / 2) - shorter)} --lag ${shorter}`,
    },
  );
}

export interface Beside {
  reports?: Reports | undefined;
  shares?: Reports | undefined;
}

/** What is missing counts as missing; what cannot be is an error. */
export function factorInput(
  whole: Panel,
  options: FactorOptions,
  { reports, shares }: Beside = {},
): { input: StudyInput; coverage: Coverage; sectors: string[] } {
  const { panel, label } = withoutLabel(whole, options.forwardReturn);
  const { time, columns } = panel;
  const [dates, assets] = [time.length, panel.assets.length];
  const prices = label ? labelledPrices(panel, label, options) : factorPrices(panel, options);
  const cap = capitalization(panel, options, prices, reports, shares);
  const { ids, names } = sectorsOf(panel, options);
  const needed = options.factors.some((name) => !columns.has(name) && (name === "value" || name === "earnings_yield"));
  const ratios = needed && reports ? ratiosOf(panel, reports.of, cap.values) : undefined;
  const factors = options.factors.map((name): StudyInput["factors"][number] => {
    const values = columns.get(name);
    if (values) return { name, kind: "column", values };
    if (panel.texts.has(name)) panel.checkNumbers(name);
    if (name === "momentum") checkMomentum(dates, options);
    if (name === "momentum" || name === "size") return { name, kind: name };
    if (ratios && name === "value") return { name, kind: "value", ratios };
    if (ratios && name === "earnings_yield") return { name, kind: "column", values: ratios.earningsPrice };
    const makeable = (made as readonly string[]).includes(name);
    throw unknownName(columns, name, "--factors", makeable ? "pass --reports FILE, or a panel with such a column" : undefined);
  });
  return {
    input: {
      ...{ ...options, assets, time, price: prices.index, leftOut: prices.leftOut, lost: prices.lost, cap: cap.values },
      ...{ sector: ids, sectors: Math.max(1, names.length), factors, ...(label && { label: label.values }) },
    },
    coverage: {
      ...coverageOf(panel, prices.index, cap.values),
      ...{
        jumps: prices.jumps,
        splitsKept: prices.splitsKept,
        splitChanges: undefined,
        priceFrom: prices.from,
        labelFrom: label?.name,
        capFrom: cap.from,
        capKnown: cap.known,
      },
      withoutSector: names.length > 0 ? panel.assets.filter((_, i) => ids[i] === -1) : [],
      alone: names.filter((_, s) => ids.filter((id) => id === s).length === 1),
      ...(reports && {
        reports: { rows: reports.rows, lagged: reports.lagged, repeated: reports.repeated, assets: known(panel, reports) },
      }),
    },
    sectors: names,
  };
}

const known = ({ assets }: Panel, { of }: Reports): number => assets.filter((name) => of.has(name)).length;

function coverageOf(panel: Panel, price: Float64Array, cap: Float64Array) {
  const [dates, assets] = [panel.time.length, panel.assets.length];
  const priced = Array.from({ length: dates }, (_, t) => price.subarray(t * assets, (t + 1) * assets).filter((p) => p > 0).length);
  const total = priced.reduce((a, b) => a + b, 0);
  if (total === 0)
    throw new DataError("E_TABLE_EMPTY", "no asset has a price on any date", { hint: "check the column of prices: --price or --return" });
  const withCap = new Set<number>();
  for (const [cell, c] of cap.entries()) if (c > 0) withCap.add(cell % assets);
  return {
    ...{ dates, assets, rows: panel.rows, priced: total / (dates * assets) },
    emptyDates: Array.from(panel.time).filter((_, t) => priced[t] === 0),
    withoutCap: cap.filter((c, i) => price[i]! > 0 && !(c > 0) && withCap.has(i % assets)).length,
    neverCap: panel.assets.filter((_, i) => !withCap.has(i)),
  };
}

export interface StudyInput {
  assets: number;
  time: BigInt64Array;
  /** Total-return price or index [date, asset]. */
  price: Float64Array;
  /** Places [date, asset] whose return from the date before is left out, as in every return that spans it. */
  leftOut: readonly number[];
  /** Places of total losses, where the price is 0: every return that spans one is -1. */
  lost: readonly number[];
  /** Returns that follow each date [date, asset], over the one horizon: in the place of those of the prices. */
  label?: Float64Array;
  cap: Float64Array;
  /** Sector of each asset, -1 = none. */
  sector: Int32Array;
  sectors: number;
  factors: readonly {
    name: string;
    kind: "column" | "momentum" | "size" | "value";
    values?: Float64Array;
    ratios?: Omit<Fundamentals, "cap">;
  }[];
  horizons: readonly number[];
  quantiles: number;
  window: number;
  lag: number;
  halfLife: number;
  mode: "joint" | "two-stage";
  onProgress?: OnProgress;
}
