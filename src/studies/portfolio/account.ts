/** The money of one portfolio: in each asset, in cash, and where it went. */
import { TickforgeError } from "../../core/contract/errors.js";

/** What one trade came to, over the value before it. */
interface Traded {
  /** Half of what was bought and sold. */
  turnover: number;
  cost: number;
  locked: number;
}

/** Differences larger than this, over the largest value there was, are no rounding. */
const rounding = 1e-9;

export class Account {
  readonly held: Float64Array;
  cash = 1;
  costs = 0;
  delistings = 0;
  private readonly gained: Float64Array;
  /** Bought less sold, and less what was paid out. */
  private readonly put: Float64Array;
  private highest = 1;

  constructor(assets: number) {
    this.held = new Float64Array(assets);
    this.gained = new Float64Array(assets);
    this.put = new Float64Array(assets);
  }

  get value(): number {
    let sum = this.cash;
    for (const money of this.held) sum += money;
    return sum;
  }

  /** `returns` of one date, of all assets. */
  drift(returns: Float64Array): void {
    const { held, gained } = this;
    for (let a = 0; a < held.length; a++) {
      if (held[a] === 0) continue;
      const gain = held[a]! * returns[a]!;
      gained[a]! += gain;
      held[a]! += gain;
    }
    this.highest = Math.max(this.highest, this.value);
  }

  /** An asset has left: what it was worth, less what delisting takes (a return, such as -0.3), becomes cash. */
  payOut(asset: number, delistingReturn: number): void {
    const loss = this.held[asset]! * delistingReturn;
    this.gained[asset]! += loss;
    this.delistings += loss;
    const paid = this.held[asset]! + loss;
    this.put[asset]! -= paid;
    this.cash += paid;
    this.held[asset] = 0;
  }

  /**
   * Sets the weights, over what is left once the costs are paid and what cannot be traded stays as it is. The value x after that obeys
   * x = before - rate * (what is traded to reach x): found by repetition, each round nearer by the rate.
   */
  trade(weights: Float64Array, tradable: (asset: number) => boolean, rate: number): Traded {
    const { held, put } = this;
    const before = this.value;
    let locked = 0;
    for (let a = 0; a < held.length; a++) if (!tradable(a)) locked += held[a]!;
    const tradedFor = (after: number) => {
      let sum = 0;
      for (let a = 0; a < held.length; a++) if (tradable(a)) sum += Math.abs(weights[a]! * (after - locked) - held[a]!);
      return sum;
    };
    let after = before;
    for (let round = 0; round < 100; round++) {
      const next = before - rate * tradedFor(after);
      if (next === after) break;
      after = next;
    }
    let [bought, sold] = [0, 0];
    for (let a = 0; a < held.length; a++) {
      if (!tradable(a)) continue;
      const target = weights[a]! * (after - locked);
      const moved = target - held[a]!;
      if (moved > 0) bought += moved;
      else sold -= moved;
      put[a]! += moved;
      held[a] = target;
    }
    const cost = rate * (bought + sold);
    this.cash += sold - bought - cost;
    this.costs += cost;
    return { turnover: (bought + sold) / 2 / before, cost: cost / before, locked: locked / before };
  }

  /** What all assets gained, and the largest difference between what should be there and is; throws where that is no rounding. */
  settle(): { gains: number; difference: number } {
    let gains = 0;
    let difference = 0;
    for (let a = 0; a < this.held.length; a++) {
      gains += this.gained[a]!;
      difference = Math.max(difference, Math.abs(this.put[a]! + this.gained[a]! - this.held[a]!));
    }
    difference = Math.max(difference, Math.abs(1 + gains - this.costs - this.value));
    if (difference <= rounding * this.highest) return { gains, difference };
    throw new TickforgeError(
      "E_LEDGER",
      `the ledger of a portfolio is off by ${difference} of ${this.value}: start, gains and costs do not sum to its end`,
      {
        value: difference,
        hint: "the run is wrong: report it with the file and the command",
      },
    );
  }
}
