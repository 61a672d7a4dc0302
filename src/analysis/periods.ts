/** How many periods a year has, where the dates of a table say so plainly. */
const dayNs = 86_400_000_000_000;
const fewest = 20;

interface Plain {
  periods: number;
  /** Such as `weekdays`. */
  of: string;
}

/** Weekdays, every day, weeks, months, quarters or years with hardly one left out; undefined for anything else. */
export function plainPeriods(time: BigInt64Array): Plain | undefined {
  const count = time.length;
  if (count < fewest) return undefined;
  const days = Array.from(time, (ns) => Math.floor(Number(ns) / dayNs));
  const steps = days.slice(1).map((d, i) => d - days[i]!);
  if (steps.some((step) => step < 1)) return undefined;
  const span = days.at(-1)! - days[0]! + 1;
  const share = (test: (step: number) => boolean) => steps.filter(test).length / steps.length;
  const weekend = days.filter((d) => [2, 3].includes(((d % 7) + 7) % 7)).length; // 1970-01-01 was a Thursday
  if (weekend < 0.005 * count && count > (0.92 * 5 * span) / 7 && share((step) => step <= 5) > 0.99)
    return { periods: 252, of: "weekdays" };
  if (count > 0.97 * span && share((step) => step === 1) > 0.97) return { periods: 365, of: "every day" };
  if (share((step) => step >= 5 && step <= 9) > 0.95 && Math.abs((7 * count) / span - 1) < 0.05) return { periods: 52, of: "weeks" };
  const months = Array.from(time, (ns) => {
    const date = new Date(Number(ns / 1_000_000n));
    return 12 * date.getUTCFullYear() + date.getUTCMonth();
  });
  const apart = months.slice(1).map((m, i) => m - months[i]!);
  for (const [step, periods, of] of [
    [1, 12, "months"],
    [3, 4, "quarters"],
    [12, 1, "years"],
  ] as const)
    if (apart.filter((m) => m === step).length > 0.97 * apart.length) return { periods, of };
  return undefined;
}
