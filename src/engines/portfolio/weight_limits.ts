/** Bounds of weights as they are now: those that were given, none for assets without a risk model, less while an alarm stands. */
import type { States } from "../states.js";

export class WeightLimits {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** 1 while an alarm of the asset stands, and the weight that it had when the alarm began. */
  readonly alarm: Float64Array;
  private readonly before: Float64Array;

  /** `share`: of that weight, the most that is left; undefined: alarms change no bound. */
  constructor(
    private readonly given: { readonly lower: Float64Array; readonly upper: Float64Array },
    private readonly share: number | undefined,
    states: States,
  ) {
    const n = given.lower.length;
    this.alarm = states.numbers(n);
    this.before = states.numbers(n);
    this.lower = new Float64Array(n);
    this.upper = new Float64Array(n);
  }

  /** Whether an alarm began that asks for other weights; `weight`: the asset's own now. */
  tell(asset: number, alarm: boolean, weight: number): boolean {
    const began = alarm && this.alarm[asset] === 0;
    this.alarm[asset] = alarm ? 1 : 0;
    if (began) this.before[asset] = weight;
    return began && this.share !== undefined;
  }

  /** Assets that may have a weight other than 0, in their order; fills `lower` and `upper`. */
  set(there: Float64Array): number[] {
    const { given, share, alarm, before, lower, upper } = this;
    const open: number[] = [];
    for (let i = 0; i < lower.length; i++) {
      lower[i] = there[i] === 1 ? given.lower[i]! : 0;
      upper[i] = there[i] === 1 ? given.upper[i]! : 0;
      if (alarm[i] === 1 && share !== undefined) {
        const left = share * before[i]!;
        upper[i] = Math.min(upper[i]!, Math.max(0, left));
        // Before a least weight comes the alarm.
        lower[i] = Math.min(upper[i]!, Math.max(lower[i]!, Math.min(0, left)));
      }
      if (lower[i]! < 0 || upper[i]! > 0) open.push(i);
    }
    return open;
  }
}
