/** Whether a jump of a price is a split that the file does not adjust for, or what its holders gained or lost. */

/** What a jump is: a split, or what may be one and is left as it stands. */
export interface Verdict {
  /** `1 for 7`, `2 for 1`. */
  as?: string;
  /** What it may be, and why that is not sure. */
  perhaps?: string;
}

interface Jumped {
  asset: string;
  /** Nanoseconds since 1970 of the later price. */
  time: bigint;
  /** Price over the one before. */
  ratio: number;
}
/** Jump of a price that is a split, and one that may be. */
export type SplitLike = Jumped & { as: string };
export type MaybeSplit = Jumped & { perhaps: string };

/** The prices of one asset, those that are missing left out; volumes and opens where they are known. */
export interface Course {
  price: ArrayLike<number>;
  volume?: ArrayLike<number> | undefined;
  open?: ArrayLike<number> | undefined;
}

/** New shares for old. Ratios such as 5 for 2 are as rare as splits as they are common among spin-offs, so they are none here. */
const wholes = [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100];
const ratios = [
  ...wholes.flatMap((n) => [
    { as: `${n} for 1`, log: -Math.log(n) },
    { as: `1 for ${n}`, log: Math.log(n) },
  ]),
];
/** So near to 1 bad news brings as well, and is told from a split by its volume alone. */
const threeForTwo = { as: "3 for 2", log: Math.log(2 / 3) };
/** And here special dividends and spin-offs, whatever the volume: never sure. */
const nearOne = [
  { as: "4 for 3", log: Math.log(3 / 4) },
  { as: "5 for 4", log: Math.log(4 / 5) },
];

/** A smaller jump is nobody's question. */
export const leastJump = 0.15;
/** One that is no ratio of a split is asked about from here on. */
const oddJump = 0.25;
/** A jump stands out from what the asset does on other days by as many of their deviations. */
const standsOut = 6;
/** Days on either side: prices that must stay at their level, and those that tell what a day is like. */
const [beside, around] = [5, 20];
const least = 2;
/** Prices on a side stay nearer to their own level than this share of the jump, in logarithms. */
const stays = 0.25;
/** The rest of the day is like other days; a crash goes on, and a price that opens where it closed has not split. */
const restOfDay = 0.1;
/** What is traded, in money, times that of other days: a split trades about the same, a crash as never before. */
const traded = { alike: 4, never: 8 };
/** Two deviations of a day, and no more than this, lie between the jump and the ratio: less where less else speaks. */
const most = { opened: 0.05, traded: 0.04, alone: 0.03 };

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** Days on one side of the jump, as far as there are any. */
const side = (from: number, to: number, length: number): number[] => {
  const [start, end] = [Math.max(0, from), Math.min(length, to)];
  return Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);
};

/** Deviation of the returns of days beside, by their median size: a second jump among them does not count. */
function deviationAt({ price }: Course, at: number): number {
  const days = side(at - around, at + around, price.length).filter((day) => day > 0 && day !== at);
  return days.length < 2 * least
    ? 0.02
    : clamp(1.4826 * median(days.map((day) => Math.abs(Math.log(price[day]! / price[day - 1]!)))), 0.005, 0.5);
}

/** The open of the day where opens are on the scale of the prices. */
function openAt({ price, open }: Course, at: number): number | undefined {
  if (!open || !(open[at]! > 0)) return undefined;
  const off = side(at - around, at + around, price.length)
    .filter((day) => open[day]! > 0)
    .map((day) => Math.abs(Math.log(open[day]! / price[day]!)));
  return median(off) < restOfDay ? open[at]! : undefined;
}

interface Traded {
  most: number;
  after: number;
}

/** Money of the days after, and the most of these and of the day itself, times that of the days before; undefined where too few volumes are known. */
function tradedAt({ price, volume }: Course, at: number): Traded | undefined {
  if (!volume) return undefined;
  const money = (days: readonly number[]) => days.map((day) => price[day]! * volume[day]!).filter((value) => value > 0);
  const before = money(side(at - around, at, price.length));
  const after = money(side(at, at + beside, price.length));
  if (before.length < least || after.length < least) return undefined;
  const usual = median(after) / median(before);
  return { most: Math.max(after[0]! / median(before), usual), after: usual };
}

/** Whether prices stay at their level before and after; undefined on a side with too few, or with one price that nobody traded at. */
function staysAt({ price }: Course, at: number, jump: number): boolean | undefined {
  const band = stays * Math.abs(jump);
  const level = (days: readonly number[], own: number) =>
    days.every((day) => Math.abs(Math.log(price[day]! / price[own]!)) <= band) &&
    (new Set(days.map((day) => price[day]!)).size >= least || undefined);
  const sides = [level(side(at - beside, at, price.length), at - 1), level(side(at, at + beside, price.length), at)];
  return sides.includes(false) ? false : sides.includes(undefined) ? undefined : true;
}

/**
 * What the jump to the `at`-th price is. A split opens at its ratio to the close before, but for what the asset does overnight; prices stay
 * at their levels before and after; about as much money changes hands. A crash by half swings on, and is traded as never before.
 */
export function splitAt(course: Course, at: number): Verdict | undefined {
  const { price } = course;
  const [before, now] = [price[at - 1]!, price[at]!];
  const whole = Math.log(now / before);
  if (!(Math.abs(whole) >= leastJump)) return undefined;
  const deviation = deviationAt(course, at);
  const open = openAt(course, at);
  const jump = Math.log((open ?? now) / before);
  if (Math.abs(jump) < standsOut * deviation || Math.abs(whole - jump) > Math.max(restOfDay, 3 * deviation)) return undefined;
  const level = staysAt(course, at, whole);
  const money = tradedAt(course, at);
  if (level === false || (money && (money.most > traded.never || money.after < 1 / traded.never))) return undefined;
  return verdictOf(jump, deviation, { level, money, opened: open !== undefined });
}

interface Evidence {
  level: true | undefined;
  money: Traded | undefined;
  opened: boolean;
}

/** What the ratio says, where nothing speaks against a split. */
function verdictOf(jump: number, deviation: number, { level, money, opened }: Evidence): Verdict | undefined {
  const alike = money && money.most <= traded.alike && money.after >= 1 / traded.alike;
  const off = clamp(2 * deviation, 0.02, !money ? most.alone : opened ? most.opened : most.traded);
  const near = (of: typeof ratios, within: number) => of.find(({ log }) => Math.abs(jump - log) <= within)?.as;
  const whole = near(ratios, off);
  const found = whole ?? near([threeForTwo], off);
  if (found && level && (alike || (whole && !money))) return { as: found };
  if (found) return { perhaps: `${found}: ${doubt(level, money)}` };
  const about = near(ratios, 2 * off) ?? (alike ? near([threeForTwo, ...nearOne], 2 * off) : undefined);
  if (about && (alike || !money)) return { perhaps: `about ${about}, or a payout or spin-off` };
  return alike && level && Math.abs(jump) >= oddJump
    ? { perhaps: "a payout, a spin-off, a merger or an odd ratio: traded as on other days" }
    : undefined;
}

function doubt(level: true | undefined, money: Traded | undefined): string {
  if (!level) return "too few prices that move beside it to see them stay";
  if (!money) return "without volumes bad news looks the same";
  const [times, when] = money.most > traded.alike ? [money.most, "as much"] : [money.after, "as much after it"];
  return `${times.toFixed(times < 1 ? 2 : 1)} times ${when} money traded as on other days`;
}
