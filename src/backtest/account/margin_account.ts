/** One account of many instruments: what it has and needs, by the kernels margin_grid and portfolio_margin. */
import { MarginBook } from "../../engines/margin_book.js";
import { States } from "../../engines/states.js";
import type { MarginTerms } from "./margin_terms.js";

/** Money. */
export interface Margins {
  readonly equity: number;
  readonly maintenance: number;
  /** What equity has to reach where more is to be held. */
  readonly initial: number;
  /** Positions without a price: they count in nothing. */
  readonly unpriced: number;
}

export class MarginAccount {
  private readonly cash = new Float64Array(1);
  private readonly out = {
    ...{ equity: new Float64Array(1), maintenance: new Float64Array(1), initial: new Float64Array(1) },
    ...{ excess: new Float64Array(1), call: new Float64Array(1), unpriced: new Int32Array(1) },
  };
  private instruments = 0;
  private book: MarginBook | undefined;
  private compute: () => unknown = () => {};

  constructor(private readonly terms: MarginTerms) {}

  /** Of instruments by name: cash, units held, and mids. */
  measure(names: readonly string[], cash: number, held: (instrument: number) => number, mid: (instrument: number) => number): Margins {
    if (names.length !== this.instruments) this.open(names);
    const { book, out } = this;
    this.cash[0] = cash;
    for (let i = 0; i < names.length; i++) {
      if (book!.quantityOf(i) !== held(i)) book!.setPosition(i, { quantity: held(i) });
      book!.setPrice(i, mid(i));
    }
    book!.reprice();
    this.compute();
    return {
      equity: out.equity[0]!,
      maintenance: out.maintenance[0]!,
      initial: out.initial[0]!,
      unpriced: this.unpricedHeld(names.length),
    };
  }

  /** What is not held needs no price. */
  private unpricedHeld(count: number): number {
    let missing = 0;
    for (let i = 0; i < count; i++) if (this.book!.quantityOf(i) !== 0 && !(this.book!.price[i]! > 0)) missing++;
    return missing;
  }

  /** Anew, where an instrument came. */
  private open(names: readonly string[]): void {
    const { terms, cash, out } = this;
    const count = names.length;
    const groups = [...new Set(names.map((name) => terms.groupOf(name)))];
    const none = () => new Float64Array(count);
    const book = {
      ...{
        quantity: none(),
        kind: new Uint8Array(count),
        underlying: Uint32Array.from(names, (_, i) => i),
        strike: none(),
        expiry: none(),
      },
      ...{
        volatility: none(),
        account: new Uint32Array(count),
        group: Uint32Array.from(names, (name) => groups.indexOf(terms.groupOf(name))),
      },
    };
    this.instruments = count;
    this.book = new MarginBook(
      { book, priceRange: Float64Array.from(names, (name) => terms.rangeOf(name)), volatilityRange: none() },
      new States(),
    );
    this.compute = this.book.margins(cash, out, { groups: groups.length, initialRatio: terms.initialRatio });
  }
}
