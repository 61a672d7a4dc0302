/** Trading hours of an exchange on its own clock, daylight saving included. */
import { needText } from "../core/contract/arguments.js";
import { DataError } from "../core/contract/errors.js";

/** Time in which the exchange is open, or closed, epoch ns UTC: [startTime, endTime). */
export interface Stretch {
  startTime: bigint;
  endTime: bigint;
  open: boolean;
}

/** Minutes since local midnight; an end before its start lies on the next day. */
interface Hours {
  start: number;
  end: number;
}

const minutesOfDay = 1440;
const dayMs = 86_400_000;
const example = "such as 09:30-16:00@America/New_York, or 09:00-11:30,12:30-15:30@Asia/Tokyo";

const refuse = (what: string, hint = example): never => {
  throw new DataError("E_SESSION", `session: ${what}`, { hint });
};

/** `HH:MM-HH:MM[,HH:MM-HH:MM...]@Zone`; what lies between two of them is a break. */
export class Sessions {
  private readonly hours: readonly Hours[];
  private readonly clock: Intl.DateTimeFormat;
  private last: Stretch | undefined;

  constructor(readonly text: string) {
    needText("Sessions: hours", text);
    const [times = "", zone, ...rest] = text.split("@");
    if (zone === undefined || zone === "" || rest.length > 0) refuse(`'${text}' has no time zone after one @`);
    this.clock = clockOf(zone!);
    this.hours = times.split(",").map(hoursOf);
    apart(this.hours);
  }

  /** The stretch that a moment lies in; moments that follow each other are found at once. */
  at(time: bigint): Stretch {
    const { last } = this;
    if (last && last.startTime <= time && time < last.endTime) return last;
    return (this.last = this.find(time));
  }

  /** Ms by which the local clock is ahead of UTC. */
  private offset(ms: number): number {
    const parts = Object.fromEntries(this.clock.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts as Record<string, number | undefined>;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
  }

  private find(time: bigint): Stretch {
    const ms = Number(time / 1_000_000n);
    const today = Math.floor((ms + this.offset(ms)) / dayMs);
    const open = [-2, -1, 0, 1, 2].flatMap((day) => this.day(today + day)).sort((a, b) => (a.startTime < b.startTime ? -1 : 1));
    const next = open.findIndex(({ endTime }) => time < endTime);
    const { startTime, endTime } = open[next]!;
    if (startTime <= time) return { startTime, endTime, open: true };
    return { startTime: open[next - 1]!.endTime, endTime: startTime, open: false };
  }

  private day(day: number): { startTime: bigint; endTime: bigint }[] {
    return this.hours.map(({ start, end }) => ({
      startTime: this.instant(day, start, Math.min),
      endTime: this.instant(end > start ? day : day + 1, end, Math.max),
    }));
  }

  /**
   * Local time to UTC. Of a time that comes twice in a day a session begins at the first and ends at the second; one that a
   * day skips counts as if the clock had not been changed.
   */
  private instant(day: number, minutes: number, choose: (...values: number[]) => number): bigint {
    const local = day * dayMs + minutes * 60_000;
    const before = local - this.offset(local - dayMs);
    const after = local - this.offset(local + dayMs);
    const valid = [before, after].filter((ms) => ms + this.offset(ms) === local);
    return BigInt(valid.length === 0 ? before : choose(...valid)) * 1_000_000n;
  }
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const unit = "2-digit";
  try {
    return new Intl.DateTimeFormat("en-US", {
      ...{ timeZone: zone, hourCycle: "h23", calendar: "gregory", numberingSystem: "latn" },
      ...{ year: "numeric", month: unit, day: unit, hour: unit, minute: unit, second: unit },
    });
  } catch {
    return refuse(
      `'${zone}' is no time zone that is known here`,
      "a name of the tz database, such as America/New_York, Europe/London or UTC",
    );
  }
}

function hoursOf(text: string): Hours {
  const parts = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(text.trim());
  const [start, end] = parts ? [60 * Number(parts[1]) + Number(parts[2]), 60 * Number(parts[3]) + Number(parts[4])] : [-1, -1];
  const known = parts && Number(parts[2]) < 60 && Number(parts[4]) < 60 && start < minutesOfDay && end <= minutesOfDay;
  if (!known) refuse(`'${text}' is not HH:MM-HH:MM`);
  if (start === end) refuse(`'${text}' begins when it ends`, "the whole day is 00:00-24:00");
  return { start, end };
}

function apart(hours: readonly Hours[]): void {
  const inOrder = [...hours].sort((a, b) => a.start - b.start);
  inOrder.forEach(({ start, end }, i) => {
    const next = inOrder[i + 1]?.start ?? inOrder[0]!.start + minutesOfDay;
    if ((end > start ? end : end + minutesOfDay) > next)
      refuse("two of its parts overlap", "parts follow each other, with breaks between them");
  });
}

/** First row at or after `from` whose time is not before `time`. */
export function firstAtOrAfter(times: BigInt64Array, time: bigint, from: number, rows: number): number {
  let [low, high] = [from, rows];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
