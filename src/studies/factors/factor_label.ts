/** A column of the returns that follow their date -> what factors are to foretell; a panel without other prices has its returns from it. */

import { DataError } from "../../core/contract/errors.js";
import type { Panel } from "../../files/tables/panel.js";
import { checkReturns, compound, type FactorPrices, factorPrices, hasPrices, type PriceColumns } from "./factor_prices.js";
import { findNumbers } from "./panel_columns.js";

export interface Label {
  name: string;
  values: Float64Array;
}

/** The label is no factor, and no return of its own date. */
export function withoutLabel(panel: Panel, name: string | undefined): { panel: Panel; label?: Label } {
  if (name === undefined) return { panel };
  const { value: values } = findNumbers(panel, name, [], "forward-return")!;
  checkReturns(panel, name, values);
  return { panel: { ...panel, columns: new Map([...panel.columns].filter(([other]) => other !== name)) }, label: { name, values } };
}

export function labelledPrices(panel: Panel, label: Label, options: PriceColumns & { horizons: readonly number[] }): FactorPrices {
  if (hasPrices(panel, options)) return factorPrices(panel, options);
  const [span] = options.horizons;
  if (span !== 1)
    throw new DataError("E_TABLE_VALUE", `${label.name} is of returns over ${span} dates: those of one date need a column of prices`, {
      column: label.name,
      hint: "add prices or returns to the panel: --price or --return",
    });
  const [dates, width] = [panel.time.length, panel.assets.length];
  // The return of a date is the label of the date before; an asset that has a label has a price to begin with.
  const before = (cell: number) => (cell < width ? Number.NaN : label.values[cell - width]!);
  const made = compound((cell) => (Number.isNaN(before(cell)) && !Number.isNaN(label.values[cell]!) ? 0 : before(cell)), dates, width);
  return { ...made, raw: undefined, from: label.name, jumps: [], leftOut: [], splitsKept: undefined };
}
