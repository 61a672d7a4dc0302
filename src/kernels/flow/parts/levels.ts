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
export function placeOf({ keys, ends }: Side, key: number): number {
  let place = ends[1]!;
  while (place > 0 && keys[ends[0]! + place - 1]! >= key) place--;
  return place;
}

function move({ keys, sizes }: Side, to: number, from: number, end: number): void {
  keys.copyWithin(to, from, end);
  sizes.copyWithin(to, from, end);
}

/** A level is put in before `place`: the fewer of its neighbours give way, and where they stand at the end of the room all move to its middle. */
export function insert(side: Side, place: number, key: number, size: number): void {
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
export function remove(side: Side, place: number): void {
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
