/** Which dates a portfolio is set up anew on. */
import { DataError } from "../../core/contract/errors.js";

const periods = ["weekly", "monthly", "quarterly", "yearly"] as const;
export const rebalances = periods.join(", ");
/** A name, or every so many dates. */
export type Rebalance = (typeof periods)[number] | number;

const dayNs = 86_400_000_000_000n;

/** The week, month, quarter or year of a date, counted on; weeks begin on Monday. */
function periodOf(time: bigint, every: Exclude<Rebalance, number>): number {
  if (every === "weekly") return Math.floor((Number(time / dayNs) + 3) / 7); // 1970-01-01 was a Thursday
  const date = new Date(Number(time / 1_000_000n));
  const month = 12 * date.getUTCFullYear() + date.getUTCMonth();
  return Math.floor(month / { monthly: 1, quarterly: 3, yearly: 12 }[every]);
}

/** The first date of each period from `first` on, or every so many dates: known on the date itself. */
export function tradeDates(time: BigInt64Array, every: Rebalance, first: number): number[] {
  const dates = Array.from({ length: Math.max(0, time.length - first) }, (_, i) => first + i);
  if (typeof every === "number") return dates.filter((_, i) => i % every === 0);
  return dates.filter((d) => d === 0 || periodOf(time[d]!, every) !== periodOf(time[d - 1]!, every));
}

/** `monthly`, or a number of dates. */
export function rebalanceOf(text: string): Rebalance | undefined {
  const named = periods.find((name) => name === text);
  return named ?? (/^\d+$/.test(text) && Number(text) >= 1 ? Number(text) : undefined);
}

/** How many dates lie between two rebalances, about. */
export const datesBetween = (every: Rebalance, periodsPerYear: number): number =>
  typeof every === "number" ? every : Math.max(1, periodsPerYear / { weekly: 52, monthly: 12, quarterly: 4, yearly: 1 }[every]);

/** Throws where dates do not ascend. */
export function checkDates(time: BigInt64Array, file: string): void {
  const wrong = time.findIndex((t, i) => i > 0 && t <= time[i - 1]!);
  if (wrong < 0) return;
  const day = new Date(Number(time[wrong]! / 1_000_000n)).toISOString().slice(0, 10);
  throw new DataError("E_DATE_REPEATED", `${file}: date ${wrong} is ${day}, not after the one before`, {
    ...{ file, row: wrong },
    hint: "dates ascend, each once",
  });
}
