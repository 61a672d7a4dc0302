/** A desk in a block of memory: whoever goes on from it knows the orders, positions and cash that were told. */
import { type DeskKept, orderTypes } from "../../backtest/desk/desk.js";
import type { OwnOrder, Side } from "../../backtest/strategy/strategy.js";
import type { States } from "../states.js";

const states = ["sent", "resting", "ended"] as const satisfies readonly OwnOrder["state"][];
const PER_ORDER = 9;

export class DeskState {
  /** Cash, next id, ended orders, live orders; behind them what is held of each instrument. */
  private readonly numbers: Float64Array;
  private readonly now: BigInt64Array;
  private readonly orders: Float64Array;

  /** `most`: orders that a desk knows at a time. */
  constructor(
    private readonly instruments: number,
    most: number,
    from: States,
  ) {
    this.numbers = from.numbers(4 + instruments);
    this.now = from.times(1);
    this.orders = from.numbers(PER_ORDER * most);
  }

  /** Nothing but time has gone on since. */
  goOn(now: bigint): void {
    this.now[0] = now;
  }

  keep({ now, cash, nextId, positions, ended, live }: DeskKept): void {
    const { numbers, instruments, orders } = this;
    this.now[0] = now;
    numbers[0] = cash;
    numbers[1] = nextId;
    numbers[2] = ended.length;
    numbers[3] = live.length;
    for (let i = 0; i < instruments; i++) numbers[4 + i] = positions[i] ?? 0;
    let at = 0;
    for (const all of [ended, live])
      for (const { id, instrument, side, price, size, type, left, state, queue } of all) {
        orders[at++] = id;
        orders[at++] = instrument;
        orders[at++] = side;
        orders[at++] = price;
        orders[at++] = size;
        orders[at++] = orderTypes.indexOf(type);
        orders[at++] = left;
        orders[at++] = states.indexOf(state);
        orders[at++] = queue;
      }
  }

  /** Undefined where nothing was kept yet. */
  get kept(): DeskKept | undefined {
    const [cash, nextId, ended, live] = this.numbers as unknown as [number, number, number, number];
    if (nextId === 0) return undefined;
    const all = Array.from({ length: ended + live }, (_, i) => this.order(PER_ORDER * i));
    const positions = Array.from(this.numbers.subarray(4));
    return { now: this.now[0]!, cash, nextId, positions, ended: all.slice(0, ended), live: all.slice(ended) };
  }

  private order(at: number): OwnOrder {
    const [id, instrument, side, price, size, type, left, state, queue] = this.orders.subarray(at, at + PER_ORDER) as unknown as number[];
    return {
      ...{ id: id!, instrument: instrument!, side: side as Side, price: price!, size: size! },
      ...{ type: orderTypes[type!]!, left: left!, state: states[state!]!, queue: queue! },
    };
  }
}
