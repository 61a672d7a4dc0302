/** Columns of a file without names, told from what they hold alone: all of them, or none. */

import { looksLikeNumber } from "../kernels/written.js";
import type { Seen, TimeColumns } from "./column_seen.js";
import { looksLikeDay, looksLikeDigitClock } from "./time_guess.js";

/** Rows below which numbers tell nothing. */
const fewest = 3;
/** Prices of one file's first rows lie nearer to each other than this, the largest over the smallest; sizes do not. */
const closest = 1.25;

/** Dates and times of day in digits alone, which rise together: nothing else does. */
export function digitTimes(seen: Seen, columns: readonly number[]): Required<TimeColumns> | undefined {
  if (seen.values(0).length < fewest) return undefined;
  const of = (column: number, test: (value: string) => boolean) => seen.values(column).every(test);
  const days = columns.filter((i) => of(i, (v) => /^(19[89]|20\d)\d{5}$/.test(v) && looksLikeDay(v)));
  const clocks = columns.filter((i) => of(i, looksLikeDigitClock));
  const pairs = days.flatMap((time) =>
    clocks.filter((clock) => clock !== time && rise(seen, time, clock)).map((clock) => ({ time, clock })),
  );
  return pairs.length === 1 ? pairs[0] : undefined;
}

function rise(seen: Seen, time: number, clock: number): boolean {
  const [days, clocks] = [seen.values(time), seen.values(clock)];
  return days.every((day, i) => {
    if (i === 0 || day > days[i - 1]!) return true;
    return day === days[i - 1]! && Number(clocks[i]) >= Number(clocks[i - 1]);
  });
}

/** The two columns beside the time: one whose numbers stay close together, and one whose do not. */
export function priceAndSize(seen: Seen, { time, clock }: TimeColumns): { price: number; size: number } | undefined {
  const others = seen.names.map((_, i) => i).filter((i) => i !== time && i !== clock);
  if (clock === undefined || others.length !== 2 || seen.values(0).length < fewest) return undefined;
  const spread = others.map((i) => {
    const values = seen.values(i);
    const numbers = values.every(looksLikeNumber) ? values.map((value) => Number(value.replace(",", "."))) : [Number.NaN];
    return numbers.every((value) => value >= 0) ? Math.max(...numbers) / Math.min(...numbers) : Number.NaN;
  });
  const [price, size] = spread[0]! < spread[1]! ? [0, 1] : [1, 0];
  const clear = spread[price]! > 1 && spread[price]! < closest && spread[size]! >= 2;
  return clear ? { price: others[price]!, size: others[size]! } : undefined;
}
