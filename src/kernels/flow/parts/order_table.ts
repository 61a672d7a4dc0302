/** Resting orders by id in a state block, an open-addressed table; the native form is native/kernels/flow/parts/order_table.h. */

/** Fields of a place: price times side, size left, side (0: the place is free), instrument. */
export const fields = 4;

/** Places for so many orders: a power of two, at most half of them taken. */
export const placesFor = (orders: number): number => 2 ** Math.ceil(Math.log2(2 * Math.max(8, orders)));

export interface Orders {
  ids: BigInt64Array;
  resting: Float64Array;
  count: Float64Array;
}

/** Mixing constants of Fibonacci hashing (Knuth, vol. 3, 6.4) and of murmur3. */
function home(id: bigint, instrument: number, places: number): number {
  const low = Number(BigInt.asUintN(32, id));
  const high = Number(BigInt.asUintN(32, id >> 32n));
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1) ^ Math.imul(instrument, 0x85ebca6b), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) & (places - 1);
}

const taken = ({ resting }: Orders, place: number): boolean => resting[fields * place + 2] !== 0;

/** The place of an order, or the free one where it would lie; -1 where all are taken. */
export function placeOfOrder(orders: Orders, id: bigint, instrument: number): number {
  const places = orders.ids.length;
  let place = home(id, instrument, places);
  for (let tries = 0; tries < places; tries++, place = (place + 1) & (places - 1)) {
    if (!taken(orders, place)) return place;
    if (orders.ids[place] === id && orders.resting[fields * place + 3] === instrument) return place;
  }
  return -1;
}

export function keepOrder({ ids, resting, count }: Orders, place: number, id: bigint, order: readonly number[]): void {
  ids[place] = id;
  resting.set(order, fields * place);
  count[0]!++;
}

/** Orders behind a place that is freed move up, where it is on the way from their own. */
export function dropOrder(orders: Orders, place: number): void {
  const { ids, resting, count } = orders;
  const mask = ids.length - 1;
  let hole = place;
  let next = place;
  for (let tries = 0; tries < mask; tries++) {
    next = (next + 1) & mask;
    if (!taken(orders, next)) break;
    const own = home(ids[next]!, resting[fields * next + 3]!, ids.length);
    if (((next - own) & mask) < ((next - hole) & mask)) continue;
    ids[hole] = ids[next]!;
    resting.copyWithin(fields * hole, fields * next, fields * next + fields);
    hole = next;
  }
  ids[hole] = 0n;
  resting.fill(0, fields * hole, fields * hole + fields);
  count[0]!--;
}

/** Forgets all orders of an instrument. */
export function dropOrders(orders: Orders, instrument: number): void {
  for (let place = 0; place < orders.ids.length; place++)
    while (taken(orders, place) && orders.resting[fields * place + 3] === instrument) dropOrder(orders, place);
}
