/** Own orders that rest on one side, in a state block; the native form is native/kernels/flow/parts/own_orders.h. */

/**
 * Fields of an order: price times side (the better of two has the larger key), lots left, lots of the market ahead of it, lots printed at its
 * price since the level was last told, its rank among orders by time, nanoseconds that what is told of it takes.
 */
export const ownFields = 6;

export interface OwnOrder {
  key: number;
  left: number;
  ahead: number;
  traded: number;
  rank: number;
  answer: number;
}

/** The better price first, of equal ones the earlier. */
export class OwnSide {
  constructor(
    readonly sign: 1 | -1,
    private readonly ids: BigInt64Array,
    private readonly orders: Float64Array,
    private readonly counts: Float64Array,
  ) {}

  get count(): number {
    return this.counts[this.sign > 0 ? 0 : 1]!;
  }
  get full(): boolean {
    return this.count === this.ids.length;
  }
  private set count(count: number) {
    this.counts[this.sign > 0 ? 0 : 1] = count;
  }

  idAt(place: number): bigint {
    return this.ids[place]!;
  }
  at(place: number): OwnOrder {
    const [key, left, ahead, traded, rank, answer] = this.orders.subarray(ownFields * place, ownFields * (place + 1));
    return { key: key!, left: left!, ahead: ahead!, traded: traded!, rank: rank!, answer: answer! };
  }
  set(place: number, { key, left, ahead, traded, rank, answer }: OwnOrder): void {
    this.orders.set([key, left, ahead, traded, rank, answer], ownFields * place);
  }
  find(id: bigint): number {
    for (let place = 0; place < this.count; place++) if (this.ids[place] === id) return place;
    return -1;
  }

  /** Behind all of its price. */
  insert(id: bigint, order: OwnOrder): void {
    let place = this.count;
    while (place > 0 && this.at(place - 1).key < order.key) place--;
    this.ids.copyWithin(place + 1, place, this.count);
    this.orders.copyWithin(ownFields * (place + 1), ownFields * place, ownFields * this.count);
    this.ids[place] = id;
    this.set(place, order);
    this.count++;
  }

  remove(place: number): void {
    this.ids.copyWithin(place, place + 1, this.count);
    this.orders.copyWithin(ownFields * place, ownFields * (place + 1), ownFields * this.count);
    this.count--;
  }
}
