/** At which price it was decided to send each order that lives still. */
import type { States } from "../states.js";

export class Decisions {
  private readonly ids: BigInt64Array;
  /** The price, and 1 where the place is taken, of each. */
  private readonly prices: Float64Array;
  private readonly taken: Float64Array;

  constructor(
    private readonly most: number,
    states: States,
  ) {
    this.ids = states.times(most);
    this.prices = states.numbers(most);
    this.taken = states.numbers(most);
  }

  private placeOf(order: bigint): number {
    for (let place = 0; place < this.most; place++) if (this.taken[place] === 1 && this.ids[place] === order) return place;
    return -1;
  }

  /** Of an order that lives already the price stays. One beyond those that there are places for is not known. */
  keep(order: bigint, price: number): void {
    if (Number.isNaN(price) || this.placeOf(order) >= 0) return;
    const place = this.taken.indexOf(0);
    if (place < 0) return;
    this.ids[place] = order;
    this.prices[place] = price;
    this.taken[place] = 1;
  }

  /** NaN: not known. */
  of(order: bigint): number {
    const place = this.placeOf(order);
    return place < 0 ? Number.NaN : this.prices[place]!;
  }

  drop(order: bigint): void {
    const place = this.placeOf(order);
    if (place >= 0) this.taken[place] = 0;
  }
}
