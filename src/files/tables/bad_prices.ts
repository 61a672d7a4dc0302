/** Values of a table of prices, or of returns, that can be none: gathered by asset, so that one run names them all. */
import { DataError } from "../../core/contract/errors.js";
import type { NumberTable } from "./read_table.js";
import { dayOf } from "./repeats.js";

/** Why an asset cannot be used, in words that follow its name. */
export interface Unfit {
  asset: string;
  code: string;
  what: string;
  /** Of the first cell that is wrong, where there is one. */
  line?: number;
  row?: number;
  value?: number;
  hint: string;
}

const hints = {
  prices: "the table must hold prices, or be read with --returns; leave the cell empty where there is none",
  returns: "simple returns, 0.01 for 1 %; leave the cell empty where there is none",
};

/** Takes the cells one by one; what cannot be is NaN from then on, and told at the end. */
export class BadPrices {
  private readonly found = new Map<string, { row: number; value: number; count: number }>();

  constructor(
    private readonly table: NumberTable,
    private readonly of: "prices" | "returns",
  ) {}

  taken(row: number, asset: string, value: number): number {
    const good = this.of === "prices" ? value > 0 && value < Infinity : value >= -1 && value < Infinity;
    if (good || Number.isNaN(value)) return value;
    const before = this.found.get(asset);
    if (before) before.count++;
    else this.found.set(asset, { row, value, count: 1 });
    return Number.NaN;
  }

  get assets(): Unfit[] {
    const { unit, lineOf, time } = this.table;
    return [...this.found].map(([asset, { row, value, count }]) => {
      const times = count > 1 ? `, and ${count - 1} more such` : "";
      const expected = this.of === "prices" ? "a price above 0" : "a return of -1 or more";
      return {
        ...{ asset, code: this.of === "prices" ? "E_BAD_PRICE" : "E_BAD_VALUE", line: lineOf(row), row, value, hint: hints[this.of] },
        what: `is ${value} on ${dayOf(time!.values[row]!)}${count > 1 ? ` (${unit} ${lineOf(row)}${times})` : ""}, expected ${expected}`,
      };
    });
  }
}

/** More are counted; of holes, which many assets have, fewer are named. */
const most = (unfit: readonly Unfit[]): number => (unfit.every(({ code }) => code === "E_PRICE_MISSING") ? 8 : 60);

/** One error for all of them. */
export function refuseUnfit({ file, unit }: { file: string; unit: string }, unfit: readonly Unfit[], hint?: string): void {
  const [first] = unfit;
  if (!first) return;
  const { code, line, row, value, asset } = first;
  if (unfit.length === 1) {
    const place = line === undefined ? "" : `, ${unit} ${line}`;
    const details = { ...(line !== undefined && { line }), ...(row !== undefined && { row }), ...(value !== undefined && { value }) };
    throw new DataError(code, `${file}${place}: ${asset} ${first.what}`, { file, column: asset, ...details, hint: hint ?? first.hint });
  }
  const shown = most(unfit);
  const listed = unfit.slice(0, shown).map((one) => `${one.asset} ${one.what}`);
  const more = unfit.length > shown ? `; and ${unfit.length - shown} more` : "";
  const same = unfit.every((one) => one.code === code);
  throw new DataError(same ? code : "E_ASSETS", `${file}: ${unfit.length} assets cannot be used: ${listed.join("; ")}${more}`, {
    file,
    column: asset,
    hint: hint ?? first.hint,
  });
}

/** More than half of all returns this large: percent, or no returns. */
const tooLarge = 0.2;

export function refusePercent(column: string, values: Float64Array, file?: string): void {
  const known = values.filter((r) => !Number.isNaN(r));
  const large = known.filter((r) => Math.abs(r) > tooLarge).length;
  if (large <= known.length / 2) return;
  const what = `${large} of ${known.length} returns are beyond -20 .. +20%: percent, or no returns`;
  throw new DataError("E_BAD_VALUE", `${column}: ${what}`, {
    ...(file === undefined ? { column } : { file }),
    hint: "give simple returns, 0.01 for 1 %",
  });
}
