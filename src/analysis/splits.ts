/** Whether a jump of a price is a split that the file does not adjust for, or what its holders gained or lost. */

/** Jump of a price as a split makes one: by a whole number, up or down. */
export interface SplitLike {
  asset: string;
  /** Nanoseconds since 1970 of the later price. */
  time: bigint;
  /** Price over the one before. */
  ratio: number;
  /** `1 for 7`, `2 for 1`. */
  as: string;
}

const factors = [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50];
/** A split comes with the day's own return; more of it is allowed where volumes speak too. */
const about = { alone: 0.03, traded: 0.04 };
/** Prices, and volumes, on either side that are looked at; fewer than `least` on a side tell nothing. */
const beside = 5;
const least = 2;
/** Prices on a side stay nearer to their own level than this share of the jump, in logarithms. */
const stays = 0.25;
/** What is traded, in money, is the same on either side but for this; a split may come with the news of a quarter. */
const [volumeOfDays, volumeOfDay] = [2.5, 8];

/** The split that a jump by `ratio` would be, if any. */
function ratioOf(ratio: number, most: number): string | undefined {
  const down = factors.find((k) => Math.abs(ratio * k - 1) <= most);
  if (down !== undefined) return `${down} for 1`;
  const up = factors.find((k) => Math.abs(ratio / k - 1) <= most);
  return up === undefined ? undefined : `1 for ${up}`;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

/** The prices of one asset, those that are missing left out, and its volumes where they are known. */
export interface Course {
  price: ArrayLike<number>;
  volume?: ArrayLike<number> | undefined;
}

/** Days on one side of the jump, as far as there are any. */
const side = (from: number, to: number, length: number): number[] => {
  const [start, end] = [Math.max(0, from), Math.min(length, to)];
  return Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);
};

/** Whether about as much money changes hands before and after; undefined where too few volumes are known. */
function tradedAlike({ price, volume }: Course, before: readonly number[], after: readonly number[]): boolean | undefined {
  if (!volume) return undefined;
  const money = (days: readonly number[]) => days.map((day) => price[day]! * volume[day]!).filter((value) => value > 0);
  const [was, is, now] = [money(before), money(after), money(after.slice(0, 1))];
  if (was.length < least || is.length < least || now.length === 0) return undefined;
  const within = (value: number, most: number) => value <= most * median(was) && median(was) <= most * value;
  return within(median(is), volumeOfDays) && within(now[0]!, volumeOfDay);
}

/**
 * The split that the jump to the `at`-th price is: its ratio is that of one, prices before and after stay at their levels, and about as much
 * money changes hands. A crash by half swings on, and is traded as never before.
 */
export function splitAt(course: Course, at: number): string | undefined {
  const { price } = course;
  const ratio = price[at]! / price[at - 1]!;
  if (ratioOf(ratio, about.traded) === undefined) return undefined;
  const [before, after] = [side(at - beside, at, price.length), side(at, at + beside, price.length)];
  const band = stays * Math.abs(Math.log(ratio));
  const level = (days: readonly number[], own: number) =>
    days.length >= least && days.every((day) => Math.abs(Math.log(price[day]! / price[own]!)) <= band);
  if (!level(before, at - 1) || !level(after, at)) return undefined;
  const alike = tradedAlike(course, before, after);
  return alike === false ? undefined : ratioOf(ratio, alike === undefined ? about.alone : about.traded);
}
