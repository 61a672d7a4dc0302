/** A venue of which the market's rows are a recording: own orders wait among them and meet them. Native: native/kernels/flow/parts/exchange.h. */
import { clear, outcomes, type Side, setLevel, sizeAt } from "./levels.js";
import { alarms, later, type Mailbox, never, type Request } from "./mailbox.js";
import { dropOrder, dropOrders, keepOrder, type Orders, placeOfOrder } from "./order_table.js";
import type { OwnOrder, OwnSide } from "./own_orders.js";

/** `kind` of a row. From `submit` on it is the trader's, before it the market's. */
export const kinds = {
  ...{ clock: 0, level: 1, trade: 2, reset: 3, add: 4, take: 5, cut: 6, remove: 7 },
  ...{ submit: 8, cancel: 13, replace: 14, replaceMaking: 15, wake: 16, watch: 17 },
} as const;
/** What an order does: a row that submits one is of the kind `submit` and one of these. */
export const types = { limit: 0, market: 1, postOnly: 2, immediate: 3, whole: 4 } as const;
/** What a request asks for, and of which type. */
export function askedBy(kind: number): { kind: number; type: number } {
  if (kind < kinds.cancel) return { kind: kinds.submit, type: kind - kinds.submit };
  if (kind === kinds.replaceMaking) return { kind: kinds.replace, type: types.postOnly };
  return { kind, type: types.limit };
}
/** `kind` of what is told. */
export const told = { accepted: 1, filled: 2, cancelled: 3, rejected: 4, replaced: 5, woken: 6 } as const;
/** Why. */
export const reasons = { none: 0, unknown: 1, inUse: 2, wouldTake: 3, noRoom: 4, rest: 5, notWhole: 6, noSize: 7 } as const;

/** Levels of a side of which own orders may have taken a part at a time. */
export const mostTaken = 64;
/** Answers of one order at most: a fill a level, and what became of the rest. */
export const answersOfOne = mostTaken + 2;

export interface Terms {
  depth: number;
  queue: "risk_averse" | "power" | "exact";
  power: number;
  beyond: "unknown" | "empty";
  marketOrders: number;
  tick: number;
  lot: number;
  maker: number;
  taker: number;
  feeOf: "value" | "size";
}

interface ExchangeState {
  horizon: Float64Array;
  /** Price times side, and lots taken by own orders, of levels of each side; and how many there are. */
  taken: Float64Array;
  takenCount: Float64Array;
  /** Position in lots, cash in ticks times lots without fees, fees. */
  account: Float64Array;
  /** Best price times side of each side from which on the trader is woken. */
  watched: Float64Array;
  alarms: BigInt64Array;
  /** Rank of the last order by time, rows of the tape, rows of the market since the last alarm of rows. */
  counts: Float64Array;
}

/** An order that takes, or one that an answer is about. */
interface Told {
  id: bigint;
  side: number;
  price: number;
  left: number;
  answer: number;
}

export class Exchange {
  constructor(
    private readonly terms: Terms,
    private readonly state: ExchangeState,
    private readonly sides: readonly [Side, Side],
    private readonly own: readonly [OwnSide, OwnSide],
    private readonly orders: Orders,
    private readonly mail: Mailbox,
  ) {}

  /** Whether all that can be told of a row, or of a request, finds a place. */
  get roomy(): boolean {
    return this.mail.roomFor(this.own[0].count + this.own[1].count + answersOfOne);
  }

  /** Whether an order of the market is new, and finds a place. */
  takes(id: bigint): boolean {
    const place = placeOfOrder(this.orders, id, 0);
    return place >= 0 && this.orders.resting[4 * place + 2] === 0 && this.orders.count[0]! < this.terms.marketOrders;
  }

  /** A row of the market. */
  row(kind: number, time: bigint, id: bigint, side: number, price: number, size: number, feed: number): void {
    const which = side > 0 ? 0 : 1;
    const key = side * price;
    if (kind === kinds.level) this.level(which, key, size, time, feed);
    if (kind === kinds.trade) this.hit(1 - which, -key, size, time, undefined);
    if (kind === kinds.reset) this.reset();
    if (kind === kinds.add && size > 0) this.add(id, side, key, size, time, feed);
    if (kind >= kinds.take && kind <= kinds.remove) this.shrink(kind, id, side, key, size, time, feed);
  }

  /** Counts a row of the market: the trader is woken after `every`. */
  countRow(every: number, time: bigint, feed: number): void {
    const { counts, alarms: due } = this.state;
    counts[2]!++;
    if (every === 0 || counts[2]! < every || due[alarms.rows] !== never) return;
    counts[2] = 0;
    due[alarms.rows] = later(time, feed);
  }

  /** Wakes the trader once the best price of a side is as good. */
  watch(which: number, key: number, time: bigint, feed: number): void {
    this.state.watched[which] = key;
    this.state.alarms[which === 0 ? alarms.bid : alarms.ask] = never;
    this.look(which, time, feed);
  }
  private look(which: number, time: bigint, feed: number): void {
    const { keys, ends } = this.sides[which]!;
    if (ends[1] === 0 || !(keys[ends[0]! + ends[1]! - 1]! >= this.state.watched[which]!)) return;
    this.state.watched[which] = Number.POSITIVE_INFINITY;
    this.state.alarms[which === 0 ? alarms.bid : alarms.ask] = later(time, feed);
  }

  /** A request that finds no place on its way. */
  turnAway(time: bigint, { id, side, price, size, answer }: Request): void {
    this.tell(time, told.rejected, reasons.noRoom, { id, side, price, left: size, answer }, 0, 0);
  }

  /** What a request does once it is there. */
  arrive(time: bigint, request: Request): undefined {
    const { kind, id, side, price, size, type, answer } = request;
    const which = this.own[0].find(id) >= 0 ? 0 : 1;
    const place = this.own[which]!.find(id);
    const refused = (reason: number) => this.tell(time, told.rejected, reason, { id, side, price, left: size, answer }, 0, 0);
    if (kind !== kinds.cancel && size === 0) return refused(reasons.noSize);
    if (kind === kinds.submit) {
      if (place >= 0) return refused(reasons.inUse);
      return this.enter(time, told.accepted, id, side, price, size, type, answer);
    }
    if (place < 0) return refused(reasons.unknown);
    const own = this.own[which]!;
    const order = own.at(place);
    const was = { id, side: own.sign, price: own.sign * order.key, left: order.left, answer };
    if (kind === kinds.replace && order.key === own.sign * price && size <= order.left) {
      own.set(place, { ...order, left: size, answer });
      return this.tell(time, told.replaced, reasons.none, { ...was, left: size }, 0, order.ahead);
    }
    own.remove(place);
    if (kind === kinds.replace) return this.enter(time, told.replaced, id, own.sign, price, size, type, answer);
    return this.tell(time, told.cancelled, reasons.none, was, 0, order.ahead);
  }

  /** The size of a level of the market is `next` now. */
  private level(which: number, key: number, next: number, time: bigint, feed: number): void {
    const side = this.sides[which]!;
    const { outcome, before } = setLevel(side, key, next, this.terms.depth, this.state.horizon, which);
    this.keepTaken(which, key, next);
    const own = this.own[which]!;
    for (let place = 0; place < own.count && own.at(place).key >= key; place++) {
      const order = own.at(place);
      if (order.key === key) own.set(place, this.moved(order, before, next));
    }
    if (next > before && outcome !== outcomes.beyondDepth) this.meet(1 - which, key, next - before, time);
    this.look(which, time, feed);
  }

  /** An own order after its level went from `before` to `next`: never further behind than it was, nor than the level is long. */
  private moved(order: OwnOrder, before: number, next: number): OwnOrder {
    const { ahead, traded } = order;
    const cancelled = before - next - traded;
    if (this.terms.queue !== "power" || cancelled < 0 || ahead === Number.POSITIVE_INFINITY)
      return { ...order, ahead: Math.min(ahead, next), traded: 0 };
    const behind = Math.max(before - traded - ahead, 0);
    let [front, back] = [1, 1];
    for (let i = 0; i < this.terms.power; i++) [front, back] = [front * ahead, back * behind];
    const share = front + back > 0 ? back / (front + back) : 1;
    const left = ahead - (1 - share) * cancelled + Math.min(behind - share * cancelled, 0);
    return { ...order, ahead: Math.max(Math.min(left, ahead, next), 0), traded: 0 };
  }

  /** `volume` was sold into (or bought from) a level: what own orders at better prices would have had of it, and those at the front. */
  private hit(which: number, key: number, volume: number, time: bigint, rank: number | undefined): void {
    const own = this.own[which]!;
    const exact = this.terms.queue === "exact";
    let left = volume;
    for (let place = 0; place < own.count && own.at(place).key >= key; ) {
      const order = own.at(place);
      let size = Math.min(order.left, left);
      if (order.key === key && exact) {
        const first = rank !== undefined && rank < order.rank;
        if (first) order.ahead = Math.max(order.ahead - volume, 0);
        else if (rank !== undefined) order.ahead = 0;
        if (first || order.ahead > 0) size = 0;
      } else if (order.key === key) {
        size = Math.max(Math.min(Math.floor(left - order.ahead), order.left), 0);
        order.ahead -= Math.min(order.ahead, left);
        order.traded += volume;
      }
      left -= size;
      if (!this.make(time, which, place, order, size)) place++;
    }
  }

  /** New volume of the market at a price that an own order of the other side would have met. */
  private meet(which: number, key: number, volume: number, time: bigint): void {
    const own = this.own[which]!;
    let left = volume;
    while (own.count > 0 && left > 0 && own.at(0).key + key >= 0) {
      const order = own.at(0);
      const size = Math.min(order.left, left);
      left -= size;
      if (!this.make(time, which, 0, order, size)) break;
    }
  }

  /** An own order that rests, as it is now, is filled by `size`; whether it is gone. */
  private make(time: bigint, which: number, place: number, order: OwnOrder, size: number): boolean {
    const own = this.own[which]!;
    const id = own.idAt(place);
    order.left -= size;
    if (size > 0) {
      const price = own.sign * order.key;
      this.fill(time, { id, side: own.sign, price, left: order.left, answer: order.answer }, size, true, order.ahead);
    }
    if (order.left === 0) own.remove(place);
    else own.set(place, order);
    return order.left === 0;
  }

  private add(id: bigint, side: number, key: number, size: number, time: bigint, feed: number): void {
    const which = side > 0 ? 0 : 1;
    keepOrder(this.orders, placeOfOrder(this.orders, id, 0), id, [key, size, side * ++this.state.counts[0]!, 0]);
    this.level(which, key, sizeAt(this.sides[which]!, key) + size, time, feed);
  }

  /** An order of the market is executed, cut or gone. One from before the tape is ahead of all own ones, at the level that the row names. */
  private shrink(kind: number, id: bigint, namedSide: number, namedKey: number, namedSize: number, time: bigint, feed: number): void {
    const place = placeOfOrder(this.orders, id, 0);
    const order = place < 0 ? undefined : this.orders.resting.subarray(4 * place, 4 * place + 4);
    let [key, size, side, rank] = [namedKey, namedSize, namedSide, 0];
    if (order && order[2] !== 0) {
      key = order[0]!;
      size = kind === kinds.remove ? order[1]! : Math.min(namedSize, order[1]!);
      side = Math.sign(order[2]!);
      rank = Math.abs(order[2]!);
      order[1]! -= size;
      if (order[1] === 0) dropOrder(this.orders, place);
    }
    if (side === 0 || size === 0) return;
    const which = side > 0 ? 0 : 1;
    if (kind === kinds.take) this.hit(which, key, size, time, rank);
    else if (this.terms.queue === "exact") this.leave(which, key, size, rank);
    const before = sizeAt(this.sides[which]!, key);
    if (before > 0) this.level(which, key, Math.max(before - size, 0), time, feed);
  }

  /** Volume of rank `rank` is gone: own orders behind it move up. */
  private leave(which: number, key: number, size: number, rank: number): void {
    const own = this.own[which]!;
    for (let place = 0; place < own.count && own.at(place).key >= key; place++) {
      const order = own.at(place);
      if (order.key === key && rank < order.rank) own.set(place, { ...order, ahead: Math.max(order.ahead - size, 0) });
    }
  }

  private reset(): void {
    for (const side of this.sides) clear(side);
    this.state.horizon.fill(Number.NEGATIVE_INFINITY);
    this.state.takenCount.fill(0);
    dropOrders(this.orders, 0);
  }

  /** An order at the venue: it takes what it may, and rests or goes. */
  private enter(
    time: bigint,
    kind: number,
    id: bigint,
    side: number,
    price: number,
    size: number,
    type: number,
    answer: number,
  ): undefined {
    const which = side > 0 ? 0 : 1;
    const limit = type === types.market ? Number.POSITIVE_INFINITY : side * price;
    const { keys, ends } = this.sides[1 - which]!;
    const order: Told = { id, side, price, left: size, answer };
    if (type === types.postOnly && ends[1]! > 0 && keys[ends[0]! + ends[1]! - 1]! + limit >= 0)
      return this.tell(time, told.rejected, reasons.wouldTake, order, 0, 0);
    if (type === types.whole && this.reach(which, limit, size) < size)
      return this.tell(time, told.cancelled, reasons.notWhole, order, 0, 0);
    if (type !== types.postOnly) this.sweep(time, which, limit, order);
    if (order.left === 0) return undefined;
    if (type !== types.limit && type !== types.postOnly) return this.tell(time, told.cancelled, reasons.rest, order, 0, 0);
    const own = this.own[which]!;
    if (own.full) return this.tell(time, told.cancelled, reasons.noRoom, order, 0, 0);
    const ahead = this.ahead(which, side * price);
    own.insert(id, { key: side * price, left: order.left, ahead, traded: 0, rank: ++this.state.counts[0]!, answer });
    return this.tell(time, kind, reasons.none, order, 0, ahead);
  }

  /** Lots of the market before an order that comes now; Infinity where nobody knows. */
  private ahead(which: number, key: number): number {
    const side = this.sides[which]!;
    const size = sizeAt(side, key);
    if (size > 0) return size;
    const behind = side.ends[1] === 0 || key < side.keys[side.ends[0]!]!;
    const unknown = key <= this.state.horizon[which]! || (behind && this.terms.beyond === "unknown");
    return unknown ? Number.POSITIVE_INFINITY : 0;
  }

  /** Levels that an order of side `which` may take from the best on: place among all, and what own orders left of them. */
  private *within(which: number, limit: number): Generator<{ key: number; size: number }> {
    const { keys, sizes, ends } = this.sides[1 - which]!;
    for (let place = ends[0]! + ends[1]! - 1; place >= ends[0]!; place--) {
      const key = keys[place]!;
      if (key + limit < 0 || key <= this.state.horizon[1 - which]!) return;
      yield { key, size: sizes[place]! - this.takenOf(1 - which, key) };
    }
  }

  /** What an order could take, as far as `wanted`. */
  private reach(which: number, limit: number, wanted: number): number {
    let sum = 0;
    let fresh = mostTaken - this.state.takenCount[1 - which]!;
    for (const { key, size } of this.within(which, limit)) {
      if (sum >= wanted) break;
      if (size === 0) continue;
      if (this.takenOf(1 - which, key) === 0 && fresh-- === 0) break;
      sum += size;
    }
    return sum;
  }

  private sweep(time: bigint, which: number, limit: number, order: Told): void {
    for (const { key, size } of this.within(which, limit)) {
      if (order.left === 0) return;
      if (size === 0) continue;
      const part = Math.min(size, order.left);
      if (!this.addTaken(1 - which, key, part)) return;
      order.left -= part;
      this.fill(time, { ...order, price: -order.side * key }, part, false, 0);
    }
  }

  private takenPlace(which: number, key: number): number {
    for (let i = 0; i < this.state.takenCount[which]!; i++) if (this.state.taken[2 * (mostTaken * which + i)] === key) return i;
    return -1;
  }
  private takenOf(which: number, key: number): number {
    const place = this.takenPlace(which, key);
    return place < 0 ? 0 : this.state.taken[2 * (mostTaken * which + place) + 1]!;
  }
  /** False where no more levels can be remembered. */
  private addTaken(which: number, key: number, size: number): boolean {
    const { taken, takenCount } = this.state;
    let place = this.takenPlace(which, key);
    if (place < 0 && takenCount[which] === mostTaken) return false;
    if (place < 0) {
      place = takenCount[which]!++;
      taken.set([key, 0], 2 * (mostTaken * which + place));
    }
    taken[2 * (mostTaken * which + place) + 1]! += size;
    return true;
  }
  /** Of a level that holds `size` now no more can have been taken. */
  private keepTaken(which: number, key: number, size: number): void {
    const place = this.takenPlace(which, key);
    if (place < 0) return;
    const { taken, takenCount } = this.state;
    const at = 2 * (mostTaken * which + place);
    taken[at + 1] = Math.min(taken[at + 1]!, size);
    if (taken[at + 1]! > 0) return;
    const last = 2 * (mostTaken * which + --takenCount[which]!);
    taken.copyWithin(at, last, last + 2);
  }

  private fill(time: bigint, order: Told, size: number, maker: boolean, queue: number): void {
    const { tick, lot, feeOf } = this.terms;
    const { account } = this.state;
    const quantity = size * lot * (feeOf === "value" ? order.price * tick : 1);
    const fee = quantity * (maker ? this.terms.maker : this.terms.taker);
    account[0]! += order.side * size;
    account[1]! -= order.side * order.price * size;
    account[2]! += fee;
    this.tell(time, told.filled, reasons.none, order, size, queue, maker, fee);
  }

  private tell(time: bigint, kind: number, reason: number, order: Told, size: number, queue: number, maker = false, fee = 0): undefined {
    const [position, cash, fees] = this.state.account;
    this.mail.answer({
      ...{ told: later(time, order.answer), happened: time, id: order.id, kind, reason, side: order.side, price: order.price },
      ...{ size, left: order.left, maker: maker ? 1 : 0, fee, queue, position: position!, cash: cash!, fees: fees! },
      row: this.state.counts[1]!,
    });
    return undefined;
  }
}
