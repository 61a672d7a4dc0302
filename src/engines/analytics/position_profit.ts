/** Profit of what was traded in one instrument, by average cost: buying more moves the average, selling realizes the difference to it. */
import type { States } from "../states.js";

const at = { position: 0, average: 1, price: 2, realized: 3, fees: 4, cost: 5, volume: 6, fills: 7, unmarked: 8 } as const;

export class PositionProfit {
  private readonly own: Float64Array;

  constructor(states: States) {
    this.own = states.numbers(Object.keys(at).length);
  }

  /** Last price; that of the first fill until one comes. */
  get price(): number {
    return this.own[at.price]!;
  }

  mark(price: number): void {
    this.own[at.price] = price;
  }

  /** `decision`: the price when it was decided to trade, the last one where it is NaN; what the fill was worse by is cost. */
  fill(price: number, size: number, side: number, fee: number, decision: number): void {
    const { own } = this;
    const before = decision > 0 ? decision : this.price;
    if (before > 0) own[at.cost]! += side * (price - before) * size;
    else own[at.unmarked]!++;
    if (this.price === 0) this.mark(price);
    own[at.fees]! += fee;
    own[at.volume]! += price * size;
    own[at.fills]!++;
    this.trade(price, side * size);
  }

  private trade(price: number, change: number): void {
    const { own } = this;
    const position = own[at.position]!;
    const after = position + change;
    if (position * change >= 0) {
      if (after !== 0) own[at.average] = (own[at.average]! * position + price * change) / after;
    } else {
      const closed = Math.sign(position) * Math.min(Math.abs(position), Math.abs(change));
      own[at.realized]! += (price - own[at.average]!) * closed;
      if (after * position <= 0) own[at.average] = after === 0 ? 0 : price; // what goes beyond nothing begins anew
    }
    own[at.position] = after;
  }

  row() {
    const [position, average, price, realized, fees, cost, volume, fills, unmarked] = this.own as unknown as number[] as [
      ...[number, number, number, number, number],
      ...[number, number, number, number],
    ];
    const unrealized = position === 0 ? 0 : position * (price - average);
    const profit = realized + unrealized - fees;
    return {
      price,
      position,
      average: position === 0 ? Number.NaN : average,
      realized,
      unrealized,
      fees,
      profit,
      cost,
      volume,
      fills,
      unmarked,
    };
  }
}
