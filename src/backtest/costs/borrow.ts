/** What it costs to hold: interest on what is lent for a short position, and on the value of a long one where that is financed. */
import { needObject } from "../../core/contract/arguments.js";
import { TickforgeError } from "../../core/contract/errors.js";

/** A year, as shares of the position's value; default 0. */
export interface BorrowOptions {
  readonly short?: number;
  readonly long?: number;
}

/** Simple interest by the time, over 365 days. */
const year = 365 * 86_400e9;

export class Borrow {
  private readonly rates: Required<BorrowOptions>;

  constructor(options: BorrowOptions) {
    needObject("costs.borrow", options);
    const { short = 0, long = 0 } = options;
    for (const [name, rate] of Object.entries({ short, long }))
      if (!(Number.isFinite(rate) && rate >= 0))
        throw new TickforgeError("E_OPTION_RANGE", `borrow: ${name} is ${rate}, expected 0 or more a year`, {
          option: "borrow",
          value: rate,
        });
    this.rates = { short, long };
  }

  /** Money for what is held from one time to another at one mark price: 0 or below. */
  paid(position: number, mark: number, from: bigint, to: bigint): number {
    const rate = position < 0 ? this.rates.short : this.rates.long;
    return rate === 0 || position === 0 || to <= from ? 0 : -Math.abs(position) * mark * rate * (Number(to - from) / year);
  }

  get remarks(): string[] {
    return this.rates.short > 0 ? ["what is sold short could be borrowed at any time: nobody knows whether it could"] : [];
  }
}
