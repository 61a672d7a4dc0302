/** What lies in the state of the kernel `matching`: levels of the market, and own orders that rest. */
import type { Levels } from "../market/tape.js";
import type { Side } from "../strategy/strategy.js";

/** Fields of an own order there. */
const ownFields = 6;

export interface MatchingState {
  readonly held: Float64Array;
  readonly ends: Float64Array;
  readonly horizon: Float64Array;
  readonly taken: Float64Array;
  readonly takenCount: Float64Array;
  readonly ownIds: BigInt64Array;
  readonly ownOrders: Float64Array;
  readonly ownCount: Float64Array;
  readonly account: Float64Array;
  readonly counts: Float64Array;
  readonly lastTime: BigInt64Array;
}

/** Rows of the market that met nothing were passed: the book is that which another kernel made of them, to the bit. */
export function takeBook(state: MatchingState, { held, ends, horizon }: Levels, rows: number, time: bigint): void {
  const room = held.length / 4;
  for (const which of [0, 1]) {
    const [start, count] = [ends[2 * which]!, ends[2 * which + 1]!];
    for (const line of [2 * which, 2 * which + 1]) {
      const from = line * room + start;
      state.held.set(held.subarray(from, from + count), from);
    }
  }
  state.ends.set(ends);
  state.horizon.set(horizon);
  state.counts[1]! += rows;
  state.counts[2]! += rows;
  state.lastTime[0] = time;
}

/** Ticks and lots. */
export interface OwnResting {
  readonly id: number;
  readonly price: number;
  readonly size: number;
}

/** Own orders of a side, those that are met first before. */
export function ownResting({ ownIds, ownOrders, ownCount }: MatchingState, side: Side): OwnResting[] {
  const which = side > 0 ? 0 : 1;
  const room = ownIds.length / 2;
  return Array.from({ length: ownCount[which]! }, (_, i) => {
    const at = (which * room + i) * ownFields;
    return { id: Number(ownIds[which * room + i]!), price: side * ownOrders[at]!, size: ownOrders[at + 1]! };
  });
}

/** Lots at the best price of a side that are left to take. */
export function bestTakeable(state: MatchingState, side: Side): number {
  const which = side > 0 ? 0 : 1;
  const { held, ends, horizon } = state;
  const room = held.length / 4;
  const [start, count] = [ends[2 * which]!, ends[2 * which + 1]!];
  for (let place = start + count - 1; place >= start; place--) {
    const key = held[2 * which * room + place]!;
    if (key <= horizon[which]!) return 0;
    const size = held[(2 * which + 1) * room + place]! - takenOf(state, which, key);
    if (size > 0) return size;
  }
  return 0;
}

/** Levels of a side that an order of the other may take, the best first: what own orders left of them. */
export function* takeable(state: MatchingState, side: Side): Generator<{ price: number; size: number }> {
  const which = side > 0 ? 0 : 1;
  const { held, ends, horizon } = state;
  const room = held.length / 4;
  const [start, count] = [ends[2 * which]!, ends[2 * which + 1]!];
  for (let place = start + count - 1; place >= start; place--) {
    const key = held[2 * which * room + place]!;
    if (key <= horizon[which]!) return;
    yield { price: side * key, size: held[(2 * which + 1) * room + place]! - takenOf(state, which, key) };
  }
}

function takenOf({ taken, takenCount }: MatchingState, which: number, key: number): number {
  const most = taken.length / 4;
  for (let i = 0; i < takenCount[which]!; i++) {
    const at = 2 * (most * which + i);
    if (taken[at] === key) return taken[at + 1]!;
  }
  return 0;
}
