/** The offsets of a time zone, as the parser wants them: by the wall clock. */

const day = 86_400;
/** From 1970 to 2070, in steps shorter than any stay of a zone at one offset. */
const years = 100;

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function offsetIn(zone: string): (seconds: number) => number {
  const fields = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...fields });
  return (seconds) => {
    const parts = Object.fromEntries(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, Number(value)]));
    const { year, month, day: date, hour, minute, second } = parts as Record<string, number>;
    return Date.UTC(year!, month! - 1, date, hour, minute, second) / 1000 - seconds;
  };
}

const made = new Map<string, BigInt64Array>();

/** [seconds since 1970 on the wall clock, how far it is ahead of UTC from there on]. An hour that comes twice is the first of them; one that never comes is taken as if the clock had not been moved yet. */
export function zoneTable(zone: string): BigInt64Array {
  const known = made.get(zone);
  if (known) return known;
  const offset = offsetIn(zone);
  const table: number[] = [Number.MIN_SAFE_INTEGER, offset(0)];
  for (let from = 0; from < years * 365.25 * day; from += 14 * day) {
    let [low, high] = [from, from + 14 * day];
    const [before, after] = [offset(low), offset(high)];
    if (before === after) continue;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(middle) === before) low = middle;
      else high = middle;
    }
    table.push(high + Math.max(before, after), after);
  }
  const found = BigInt64Array.from(table, BigInt);
  made.set(zone, found);
  return found;
}
