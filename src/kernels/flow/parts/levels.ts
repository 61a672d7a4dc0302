/** One side of an order book as arrays in a state block; the native form is native/kernels/flow/parts/levels.h. */

/**
 * A side's levels lie in ascending order of their keys between `first` and `first + count`, the best one last. A key is the price in ticks,
 * for asks its negative: the better of two levels of one side has the larger key.
 */
export interface Side {
  keys: Float64Array;
  sizes: Float64Array;
  /** Where the worst level lies, and how many are held. */
  ends: Float64Array;
}

/** Places for levels of one side: `depth`, and some to move in. */
export const roomFor = (depth: number): number => depth + Math.max(16, depth >> 1);

/** Side 0 (bids) or 1 (asks) of an instrument: views into a state of rows of bid keys, bid sizes, ask keys, ask sizes. */
export function sideOf(levels: Float64Array, ends: Float64Array, room: number, instrument: number, side: 0 | 1): Side {
  const at = (4 * instrument + 2 * side) * room;
  const end = 4 * instrument + 2 * side;
  return { keys: levels.subarray(at, at + room), sizes: levels.subarray(at + room, at + 2 * room), ends: ends.subarray(end, end + 2) };
}

/** Place of the first level whose key is not below `key`, counted from the worst; the number of levels where there is none. */
function placeOf({ keys, ends }: Side, key: number): number {
  let place = ends[1]!;
  while (place > 0 && keys[ends[0]! + place - 1]! >= key) place--;
  return place;
}

function move({ keys, sizes }: Side, to: number, from: number, end: number): void {
  keys.copyWithin(to, from, end);
  sizes.copyWithin(to, from, end);
}

/** A level is put in before `place`: the fewer of its neighbours give way, and where they stand at the end of the room all move to its middle. */
function insert(side: Side, place: number, key: number, size: number): void {
  const { keys, sizes, ends } = side;
  const room = keys.length;
  const count = ends[1]!;
  const better = count - place <= place;
  if (better ? ends[0]! + count === room : ends[0] === 0) {
    const middle = (room - count) >> 1;
    move(side, middle, ends[0]!, ends[0]! + count);
    ends[0] = middle;
  }
  const at = ends[0]! + place;
  if (better) {
    move(side, at + 1, at, ends[0]! + count);
  } else {
    move(side, ends[0]! - 1, ends[0]!, at);
    ends[0]!--;
  }
  keys[ends[0]! + place] = key;
  sizes[ends[0]! + place] = size;
  ends[1]!++;
}

/** The level at `place` is taken out: the fewer of its neighbours close up. */
function remove(side: Side, place: number): void {
  const { ends } = side;
  const at = ends[0]! + place;
  if (ends[1]! - 1 - place <= place) {
    move(side, at, at + 1, ends[0]! + ends[1]!);
  } else {
    move(side, ends[0]! + 1, ends[0]!, at);
    ends[0]!++;
  }
  ends[1]!--;
}

/** No levels, in the middle of the room. */
export function clear({ keys, ends }: Side): void {
  ends[0] = keys.length >> 1;
  ends[1] = 0;
}

/** What a row did to a level. */
export const outcomes = { nothing: 0, added: 1, changed: 2, removed: 3, notThere: 4, beyondDepth: 5, addedOneFell: 6, old: 7 } as const;
export interface Told {
  before: number;
  place: number;
  outcome: number;
}
export const nothingTold: Told = { before: 0, place: -1, outcome: outcomes.nothing };

/** Size of a level, 0 where it is not held. */
export function sizeAt(side: Side, key: number): number {
  const { keys, sizes, ends } = side;
  const place = placeOf(side, key);
  const at = ends[0]! + place;
  return place < ends[1]! && keys[at] === key ? sizes[at]! : 0;
}

/** Gives a level its size, 0 takes it away. Of more than `depth` levels the worst falls off: `horizon[which]` becomes the best of those. */
export function setLevel(side: Side, key: number, size: number, depth: number, horizon: Float64Array | undefined, which: number): Told {
  const { keys, sizes, ends } = side;
  let place = placeOf(side, key);
  const at = ends[0]! + place;
  if (place < ends[1]! && keys[at] === key) {
    const told = { before: sizes[at]!, place: ends[1]! - 1 - place, outcome: size === 0 ? outcomes.removed : outcomes.changed };
    if (size === 0) remove(side, place);
    else sizes[at] = size;
    return told;
  }
  if (size === 0) return { ...nothingTold, outcome: outcomes.notThere };
  const full = ends[1] === depth;
  if (full && horizon) horizon[which] = Math.max(horizon[which]!, place === 0 ? key : keys[ends[0]!]!);
  if (full && place === 0) return { ...nothingTold, outcome: outcomes.beyondDepth };
  if (full) {
    ends[0]!++;
    ends[1]!--;
    place--;
  }
  insert(side, place, key, size);
  return { before: 0, place: ends[1]! - 1 - place, outcome: full ? outcomes.addedOneFell : outcomes.added };
}

/** Levels better than the best that fell off. */
function sure({ keys, ends }: Side, horizon: number): number {
  let beyond = 0;
  while (beyond < ends[1]! && keys[ends[0]! + beyond]! <= horizon) beyond++;
  return ends[1]! - beyond;
}

interface BookOut {
  before: Float64Array;
  place: Int32Array;
  outcome: Uint8Array;
  crossed: Uint8Array;
  bids: Int32Array;
  asks: Int32Array;
  bid: Float64Array;
  bidSize: Float64Array;
  ask: Float64Array;
  askSize: Float64Array;
}

/** Row i of the outputs of a book. */
export function tell(
  out: BookOut,
  i: number,
  told: Told,
  bids: Side,
  asks: Side,
  horizon: Float64Array,
  close: boolean,
  levels: number,
): void {
  out.before[i] = told.before;
  out.place[i] = told.place;
  out.outcome[i] = told.outcome;
  out.bids[i] = sure(bids, horizon[0]!);
  out.asks[i] = sure(asks, horizon[1]!);
  for (let k = 0; k < levels; k++) {
    const [bid, ask] = [bids, asks].map(({ ends }) => (close && k < ends[1]! ? ends[0]! + ends[1]! - 1 - k : -1)) as [number, number];
    out.bid[i * levels + k] = bid < 0 ? Number.NaN : bids.keys[bid]!;
    out.bidSize[i * levels + k] = bid < 0 ? Number.NaN : bids.sizes[bid]!;
    out.ask[i * levels + k] = ask < 0 ? Number.NaN : -asks.keys[ask]!;
    out.askSize[i * levels + k] = ask < 0 ? Number.NaN : asks.sizes[ask]!;
  }
  const [bid, ask] = [out.bid[i * levels]!, out.ask[i * levels]!];
  out.crossed[i] = bid > ask ? 2 : bid === ask ? 1 : 0;
}
