/** Times in the zone that the reader chose: UTC where none was. */

/** Milliseconds in which no zone changes its offset twice, and does so at the beginning at most. */
const QUARTER = 900_000;
const MOST_KEPT = 2000;
/** Of a Date. */
const LAST = 8.64e15 - 86_400_000;

/** Where markets are whose hours a reader may want; any other zone of the time zone database can stand in the address. */
export const zones: readonly (readonly [zone: string, words: string])[] = [
  ["UTC", "UTC"],
  ["local", "as this computer"],
  ["America/New_York", "New York (NYSE, Nasdaq)"],
  ["America/Chicago", "Chicago (CME)"],
  ["Europe/London", "London (LSE)"],
  ["Europe/Berlin", "Frankfurt (Xetra)"],
  ["Europe/Zurich", "Zurich (SIX)"],
  ["Asia/Kolkata", "Mumbai (NSE)"],
  ["Asia/Hong_Kong", "Hong Kong (HKEX)"],
  ["Asia/Singapore", "Singapore (SGX)"],
  ["Asia/Tokyo", "Tokyo (JPX)"],
  ["Australia/Sydney", "Sydney (ASX)"],
];

let name = "UTC";
let parts: Intl.DateTimeFormat | undefined;
const offsets = new Map<number, number>();

export function isZone(zone: string): boolean {
  try {
    return zone === "local" || new Intl.DateTimeFormat("en-US", { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}
/** `zone`: one for which `isZone` holds. */
export function useZone(zone: string): void {
  name = zone === "local" ? new Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
  offsets.clear();
  parts =
    name === "UTC"
      ? undefined
      : new Intl.DateTimeFormat("en-US", {
          ...{ timeZone: name, hourCycle: "h23", era: "short" },
          ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
        });
}
/** Of the time zone database: `UTC`, `America/New_York`. */
export const zoneName = (): string => name;

/** Milliseconds by which clocks of the zone are before UTC. */
function offsetOf(time: number): number {
  if (!parts) return 0;
  const from = Math.floor(time / QUARTER) * QUARTER;
  const known = offsets.get(from);
  if (known !== undefined) return known;
  const of: Record<string, string> = Object.fromEntries(parts.formatToParts(from).map(({ type, value }) => [type, value]));
  const year = of.era === "BC" ? 1 - Number(of.year) : Number(of.year);
  const wall = new Date(0);
  wall.setUTCFullYear(year, Number(of.month) - 1, Number(of.day));
  wall.setUTCHours(Number(of.hour), Number(of.minute), Number(of.second));
  if (offsets.size > MOST_KEPT) offsets.clear();
  const offset = wall.getTime() - from;
  offsets.set(from, offset);
  return offset;
}
/** `2026-01-12T09:30:00.250Z` by the clocks of the zone, ms; undefined where no calendar has it. */
export const wallText = (time: number): string | undefined =>
  Math.abs(time) <= LAST ? new Date(time + offsetOf(time)).toISOString() : undefined;

/** `+01:00`: what tells an hour that comes twice. */
export function offsetText(time: number): string {
  const minutes = Math.round((Math.abs(time) <= LAST ? offsetOf(time) : 0) / 60_000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}
/** `UTC`, or `America/New_York, UTC-05:00` as it was at that time. */
export const zoneAt = (time: number): string => (parts ? `${name}, UTC${offsetText(time).replace("-", "\u2212")}` : name);
