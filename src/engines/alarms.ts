/** When a VPIN is an alarm: enough values were ranked before it, and enough of those lie below it. */
import { TickforgeError } from "../core/contract/errors.js";
import type { States } from "./states.js";

export interface AlarmOptions {
  /** Share of the earlier values that must lie below. */
  threshold: number;
  /** Earlier values that there must be. */
  minHistory: number;
  /** Earlier values looked at, the latest ones. */
  history: number;
}

/** With fewer values than these every new highest one would be an alarm at 0.99. */
const usualMinHistory = 100;
/** As the kernel ranks: nearer than this are equal. */
const tie = 1e-12;

export function minHistoryOf(history: number, minHistory?: number): number {
  const chosen = minHistory ?? Math.max(1, Math.min(usualMinHistory, history));
  if (!Number.isInteger(chosen) || chosen < 1)
    throw new TickforgeError("E_OPTION_RANGE", `minHistory is ${chosen}, expected a whole number of at least 1`, { value: chosen });
  if (history > 0 && chosen > history)
    throw new TickforgeError(
      "E_OPTION_RANGE",
      `minHistory is ${chosen}, more than the ${history} values that are ranked: no alarm could come`,
      {
        ...{ value: chosen, hint: "a smaller minHistory, or a larger history" },
      },
    );
  return chosen;
}

/**
 * The cdf counts equal values as below, so that a VPIN that never moves ranks highest; an alarm needs values that are less than it.
 * Its own ring of values: within one run the kernel overwrites those that its first buckets were ranked among.
 */
export class Alarms {
  private readonly seen: Float64Array;
  private readonly earlier: Float64Array;

  constructor(
    private readonly options: AlarmOptions,
    instruments: number,
    states: States,
  ) {
    this.seen = states.numbers(instruments);
    this.earlier = states.numbers(instruments * options.history);
  }

  /** Of an instrument's next bucket: 1 or 0. */
  next(instrument: number, vpin: number, cdf: number): number {
    const { history } = this.options;
    if (Number.isNaN(vpin) || history === 0) return 0;
    const from = instrument * history;
    const stands = cdf >= this.options.threshold && this.above(vpin, this.earlier.subarray(from, from + history), this.seen[instrument]!);
    this.earlier[from + (this.seen[instrument]!++ % history)] = vpin;
    return stands ? 1 : 0;
  }

  private above(vpin: number, earlier: Float64Array, seen: number): boolean {
    const { threshold, minHistory, history } = this.options;
    const ranked = Math.min(seen, history);
    if (ranked < minHistory) return false;
    let below = 0;
    for (let i = 0; i < ranked; i++) if (earlier[i]! < vpin - tie) below++;
    return below >= threshold * ranked;
  }
}
