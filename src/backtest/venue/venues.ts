/** The venues of a run: where own orders rest they go on together, in the order of time. */
import type { Venue } from "./venue.js";

export class Venues {
  readonly all: Venue[] = [];

  /** On to a time: the first that tells something, and how many events there are; nothing where none does. */
  advance(limit: bigint): { venue: Venue; produced: number } | undefined {
    const { all } = this;
    const active = all.length === 1 && all[0]!.active ? all : all.filter((venue) => venue.active);
    if (active.length === 0) return undefined;
    if (active.length === 1) return advanceOne(active[0]!, active[0]!.tape.upTo(limit, active[0]!.tape.met));
    for (;;) {
      const [first, after, until] = nextTwo(active, limit);
      if (!first) return undefined;
      const { tape } = first;
      // At one time the one that was seen first goes first.
      const alsoAt = !after || tape.instrument < after.tape.instrument;
      const told = advanceOne(first, Math.max(tape.upTo(alsoAt ? until : until - 1n, tape.met), tape.met + 1));
      if (told) return told;
    }
  }

  /** Those without own orders: their rows tell nothing. */
  passOver(): void {
    for (const venue of this.all) if (!venue.active) venue.passOver();
  }
}

function advanceOne(venue: Venue, to: number): { venue: Venue; produced: number } | undefined {
  const produced = venue.advance(to);
  return produced === 0 ? undefined : { venue, produced };
}

/** The venue whose next row is the earliest, the one after it, and how far the first may go before that. */
function nextTwo(active: readonly Venue[], limit: bigint): [first: Venue | undefined, after: Venue | undefined, until: bigint] {
  let [first, after]: [Venue | undefined, Venue | undefined] = [undefined, undefined];
  let [firstTime, until] = [0n, limit];
  for (const venue of active) {
    const { tape } = venue;
    if (tape.met === tape.rows) continue;
    const time = tape.columns.time[tape.met]!;
    if (time > limit) continue;
    if (!first || time < firstTime) {
      if (first) [until, after] = [firstTime, first];
      [first, firstTime] = [venue, time];
    } else if (time < until || !after) [until, after] = [time, venue];
  }
  return [first, after, until];
}
