/** Plays tapes side by side: rows of all in order of their time, when they are due. */
import type { Pace } from "./pace.js";

/** A tape of one topic. */
export interface Lane {
  /** Time of the row in hand, ns since the first of all tapes; Infinity behind the last; undefined where it was not read yet. */
  readonly time: number | undefined;
  /** Writes rows up to a time, the one in hand at least; false where a topic is full. */
  give(until: number): boolean;
  show(): void;
}

/** Where topics are full, and where a reader has not come so far: what is asked again soon. */
const shortMs = 1;
const stretchesPerTurn = 256;

export class Player {
  constructor(
    private readonly lanes: readonly Lane[],
    private readonly pace: Pace,
    /** From the beginning again, with all times moved; false where it is over. */
    private readonly again: () => boolean = () => false,
  ) {}

  turn(elapsedMs: number): number {
    const wait = this.play(elapsedMs);
    for (const lane of this.lanes) lane.show();
    return wait;
  }

  private play(elapsedMs: number): number {
    let until: number | undefined;
    for (let done = 0; done < stretchesPerTurn; done++) {
      const next = this.next();
      if (!next) return done > 0 ? 0 : shortMs;
      const [lane, most] = next;
      if (lane.time === Infinity) {
        if (!this.again()) return done > 0 ? 0 : Infinity;
        continue;
      }
      until ??= this.pace.until(elapsedMs, lane.time!);
      if (lane.time! > until) return done > 0 ? 0 : this.pace.wait(elapsedMs, lane.time!);
      if (!lane.give(Math.min(until, most))) return done > 0 ? 0 : shortMs;
    }
    return 0;
  }

  /** The lane that comes next, the first of those at one time, and up to which time it is alone; none where one has not been read. */
  private next(): [lane: Lane, until: number] | undefined {
    const { lanes } = this;
    let first = 0;
    for (let i = 0; i < lanes.length; i++) {
      if (lanes[i]!.time === undefined) return undefined;
      if (lanes[i]!.time! < lanes[first]!.time!) first = i;
    }
    let until = Infinity;
    lanes.forEach(({ time }, i) => {
      if (i !== first) until = Math.min(until, i < first ? time! - 1 : time!);
    });
    return [lanes[first]!, until];
  }
}
