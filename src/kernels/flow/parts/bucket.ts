/** The arithmetic of one volume bucket, shared by the references of volume_buckets and vpin. */

/** A remainder within this share of the bucket volume of a border counts as on it: decimal sizes are not exact in binary. */
export const dust = 2 ** -40;
/** One print may not fill more buckets than this: a bucket volume that small is a mistake. */
export const mostBuckets = 2 ** 24;
/** Of the next row, where an output was full. */
export const emittedState = (unit: string, doc: string) =>
  ({ dtype: "f64", shape: [1], check: { min: 0, max: mostBuckets, integer: true }, unit, doc }) as const;

export interface Poured {
  /** Compensated volume in the bucket after the trade: sum + error. */
  sum: number;
  error: number;
  /** Buckets that the trade filled; its volume left over is then `sum`, and `used` of it went into the first. */
  filled: number;
  used: number;
}

/** Pours a trade of `volume` into a bucket that holds sum + error (Neumaier's compensation) of `capacity`. */
export function pour(sum: number, error: number, volume: number, capacity: number): Poured {
  const [total, lost] = plus(sum, error, volume);
  const over = total - capacity + lost;
  if (over < -capacity * dust) return { sum: total, error: lost, filled: 0, used: volume };
  const rest = Math.max(over, 0);
  let left = rest % capacity; // exact
  let filled = 1 + Math.round((rest - left) / capacity);
  if (left >= capacity * (1 - dust)) {
    filled++;
    left = 0;
  }
  if (left <= capacity * dust) left = 0;
  return { sum: left, error: 0, filled, used: volume - rest };
}

/** What `value` adds to sum + error (Neumaier's compensation), as the new pair: its sum rounds to the same bits in any grouping. */
export function plus(sum: number, error: number, value: number): readonly [sum: number, error: number] {
  const total = sum + value;
  const part = total - sum;
  return [total, error + (sum - (total - part) + (value - part))];
}
