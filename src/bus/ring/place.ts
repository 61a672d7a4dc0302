/** A cursor in a ring: taken, and made to count. */
import { BusError } from "../../core/contract/errors.js";
import { milliseconds } from "./bell.js";
import { FIRST_CURSOR_SEAT, type Peers } from "./peers.js";
import { ACTIVE, ahead, cursor, EVICTED, FREE, JOINING, ordinalOf, type Region, STATUS } from "./region.js";

/** A place in the ring. `position` is a wrapping ordinal, `sequence` that of its first row. */
export interface Place {
  line: number;
  seat: number;
  token: number;
  position: number;
  sequence: number;
}

export const beat = ({ words }: Region<any>, line: number, now = milliseconds()) => Atomics.store(words, line + cursor.heartbeat, now);

/**
 * Takes a cursor, nameless by default: a free one before one whose owner was evicted: that owner may wake up and must not meet ours. Where peers
 * know of each other, a cursor whose seat is empty is free, whatever its last owner left in it.
 */
export function join(region: Region<any>, peers: Peers, name = 0): Place {
  const { words, cursors } = region;
  for (const from of [FREE, EVICTED, STATUS]) {
    for (const [index, line] of cursors.entries()) {
      const state = Atomics.load(words, line + cursor.state);
      const seat = FIRST_CURSOR_SEAT + index;
      if (from === STATUS ? peers.alive(seat) !== false : (state & STATUS) !== from) continue;
      // A place with a name waits for who comes back for it.
      if (state !== FREE && Atomics.load(words, line + cursor.name) !== 0) continue;
      if (!peers.enter(seat)) continue;
      const token = region.newToken();
      const taken = Atomics.compareExchange(words, line + cursor.state, state, token | JOINING) === state;
      // Before it counts: who dies right after that leaves a place that can be found.
      if (taken) baptize(region, line, name);
      const place = taken ? settle(region, line, token) : undefined;
      if (place) {
        words[line + cursor.pid] = peers.pid ?? 0;
        words[line + cursor.placement] = peers.placement ?? 0;
        return { ...place, seat };
      }
      peers.leave(seat);
    }
  }
  const hint = "Close subscriptions, call publisher.evictStalled(ms) if threads died, or create the ring with more subscribers.";
  throw new BusError("E_BUS_SUBSCRIBERS", `topic '${region.topic.name}': all ${cursors.length} places for subscribers are taken`, { hint });
}

function baptize({ words, reals }: Region<any>, line: number, name: number): void {
  if (Atomics.load(words, line + cursor.name) === 0 && name === 0) return;
  reals[(line + cursor.consumed) >> 1] = 0;
  reals[(line + cursor.lost) >> 1] = 0;
  reals[(line + cursor.row) >> 1] = -1;
  Atomics.store(words, line + cursor.name, name);
}

/**
 * Makes a cursor count at the present end of the ring. The publisher may have looked for the slowest subscriber just
 * before and gone on since; the place is read again once the cursor counts, and from there on nothing is overwritten.
 */
export function settle(region: Region<any>, line: number, token: number): Omit<Place, "seat"> | undefined {
  const { words, at } = region;
  beat(region, line);
  Atomics.store(words, line + cursor.position, ordinalOf(Atomics.load(words, at.published)));
  if (Atomics.compareExchange(words, line + cursor.state, token | JOINING, token | ACTIVE) !== (token | JOINING)) return undefined;
  for (;;) {
    const before = Atomics.load(words, line + cursor.position);
    const { ordinal, sequence } = region.head();
    const moved = Atomics.compareExchange(words, line + cursor.position, before, ordinal) !== before;
    if (Atomics.load(words, line + cursor.state) !== (token | ACTIVE)) return undefined;
    if (!moved) return { line, token, position: ordinal, sequence };
  }
}

/** Batches that wait for a cursor; none for one that was evicted. */
export function lagOf({ words, at }: Region<any>, line: number): number {
  const position = Atomics.load(words, line + cursor.position);
  return position < 0 ? 0 : Math.max(0, ahead(ordinalOf(Atomics.load(words, at.published)), position));
}
