/** Plays tapes side by side, as far as their rows are due: none of a turn is earlier than one of the turn before, but where an order stands still. */
import type { Pace } from "./pace.js";

/** A tape of one topic. */
export interface Lane {
  /** Time of the row in hand, ns since the first of all tapes; Infinity behind the last; undefined where it was not read yet. */
  readonly time: number | undefined;
  /** Time of the last row that could be given now, not before `time`; undefined where a topic is full. */
  reach(): number | undefined;
  /** Writes the rows up to a time that it reaches. */
  give(until: number): void;
  show(): void;
}

/** Where topics are full, and where a reader has not come so far: what is asked again soon. */
const shortMs = 1;
const stretchesPerTurn = 256;
/** A topic that is full for so long may be waited for in vain: see `ordered`. */
const stalledMs = 50;

export class Player {
  constructor(
    private readonly lanes: readonly Lane[],
    private readonly pace: Pace,
    /** From the beginning again, with all times moved; false where it is over. */
    private readonly again: () => boolean = () => false,
    /**
     * An order is among the tapes: who follows it takes nothing of a full topic before it has got rows of another, which may be later than
     * those that find no room. Slots are not as full as they were when this was recorded, so such rows are given then.
     */
    private readonly ordered = false,
  ) {}
  /** When rows were given in the order of their time. */
  private gaveAt = 0;

  turn(elapsedMs: number): number {
    const wait = this.play(elapsedMs);
    for (const lane of this.lanes) lane.show();
    return wait;
  }

  private play(elapsedMs: number): number {
    let until: number | undefined;
    for (let done = 0; done < stretchesPerTurn; done++) {
      let next = Infinity;
      for (const { time } of this.lanes) {
        if (time === undefined) return done > 0 ? 0 : shortMs;
        next = Math.min(next, time);
      }
      if (next === Infinity) {
        if (!this.again()) return done > 0 ? 0 : Infinity;
        continue;
      }
      until ??= this.pace.until(elapsedMs, next);
      if (next > until) return done > 0 ? 0 : this.pace.wait(elapsedMs, next);
      const reached = this.reached(until);
      if (reached === undefined) return done > 0 || this.pass(elapsedMs, until) ? 0 : shortMs;
      for (const lane of this.lanes) if (lane.time! <= reached) lane.give(reached);
      this.gaveAt = elapsedMs;
    }
    return 0;
  }

  /** Gives what there is room for beside a topic that stays full; whether there was anything. */
  private pass(elapsedMs: number, until: number): boolean {
    if (!this.ordered || elapsedMs - this.gaveAt < stalledMs) return false;
    let gave = false;
    for (const lane of this.lanes) {
      const reach = lane.time! > until || lane.time === Infinity ? undefined : lane.reach();
      if (reach === undefined) continue;
      lane.give(Math.min(until, reach));
      gave = true;
    }
    return gave;
  }

  /**
   * How far all tapes can be played at once: rows of one go before those of another that are later by a slot at most, and what is
   * written in a turn is all that is due, of every topic. Undefined where a topic is full.
   */
  private reached(until: number): number | undefined {
    let reached = until;
    for (const lane of this.lanes) {
      if (lane.time! > until || lane.time === Infinity) continue;
      const reach = lane.reach();
      if (reach === undefined) return undefined;
      reached = Math.min(reached, reach);
    }
    return reached;
  }
}
