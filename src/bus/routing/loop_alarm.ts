/** One alarm that can be set again. It is never late by more than a turn of the event loop, but may ring early: look at the clock, set it again. */
export interface Alarm {
  set(us: number): void;
  /** Whether Node stays alive until it rings. */
  hold(on: boolean): void;
  clear(): void;
}

/** Timers of Node count whole milliseconds and may take one more. */
const TIMER_SLACK_MS = 1;

/**
 * On the event loop. Within the last two milliseconds the loop turns without sleeping, since no timer of Node is finer;
 * that is the price of a budget of microseconds, paid only while something waits.
 */
export class LoopAlarm implements Alarm {
  private timer: NodeJS.Timeout | undefined;
  private turn: NodeJS.Immediate | undefined;

  constructor(private readonly ring: () => void) {}

  set(us: number): void {
    this.clear();
    const sleepMs = Math.floor(us / 1000) - TIMER_SLACK_MS;
    if (sleepMs >= 1) this.timer = setTimeout(this.rung, sleepMs);
    else this.turn = setImmediate(this.rung);
  }
  hold(on: boolean): void {
    // A turn of the loop is over at once, held or not.
    if (on) this.timer?.ref();
    else this.timer?.unref();
  }
  clear(): void {
    clearTimeout(this.timer);
    clearImmediate(this.turn);
    this.timer = this.turn = undefined;
  }
  private readonly rung = (): void => {
    this.timer = this.turn = undefined;
    this.ring();
  };
}
