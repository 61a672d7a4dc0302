/** Prices and sizes as whole ticks and lots. */
import { DataError } from "../../core/contract/errors.js";
import { FinerGrid } from "./anew.js";

/** Finer than any venue's. */
const mostDigits = 10;

/** The same of what a strategy computed, such as ticks times the tick. */
export const isWhole = (steps: number): boolean => Math.abs(steps - Math.round(steps)) <= 1e-7 + Math.abs(steps) * 1e-9;

/** Whether a recorded number of steps is this whole one, but for the rounding of its double. */
export const isStep = (steps: number, whole: number): boolean => Math.abs(steps - whole) <= 1e-7 + Math.abs(steps) * 1e-15;

/** Decimals that a number needs; more than any grid has where it is none of a decimal text. */
export function digitsOf(value: number): number {
  for (let digits = 0; digits <= mostDigits; digits++) {
    const steps = value * 10 ** digits;
    if (isStep(steps, Math.round(steps))) return digits;
  }
  return mostDigits + 1;
}

export interface GivenGrid {
  readonly tick: number;
  readonly lot: number;
}

/** Of one instrument: given, or deduced from the decimals of what was recorded. */
export class Grid {
  readonly tick: number;
  readonly lot: number;
  /** Steps of one unit. */
  readonly ticksOf: number;
  readonly lotsOf: number;

  constructor(
    readonly name: string,
    readonly given: GivenGrid | undefined,
    digits: { readonly tick: number; readonly lot: number },
  ) {
    this.ticksOf = given ? 1 / given.tick : 10 ** digits.tick;
    this.lotsOf = given ? 1 / given.lot : 10 ** digits.lot;
    this.tick = given?.tick ?? 1 / this.ticksOf;
    this.lot = given?.lot ?? 1 / this.lotsOf;
  }

  /** What a value off the grid comes to: a finer grid where it is deduced, else an error. */
  off(of: "tick" | "lot", value: number, file: string, row: number): Error {
    const digits = digitsOf(value);
    if (!this.given && Number.isFinite(value) && digits <= mostDigits) return new FinerGrid(this.name, of, digits);
    const what = of === "tick" ? `price ${value}` : `size ${value}`;
    return new DataError("E_BACKTEST_GRID", `${file}: row ${row}: ${what} of ${this.name} is off its ${of} of ${this[of]}`, {
      ...{ file, row, value, option: "instruments" },
      hint: `give ${this.name} the ${of} of its venue by the option instruments`,
    });
  }
}
