/** Messages of LOBSTER, with and without a line of names. */
import { type Known, most } from "../guess/layouts.js";

const lobsterKinds = {
  "1": "order submitted",
  "2": "order reduced",
  "3": "order deleted",
  "6": "cross trade",
  "7": "trading halt",
};
/** `ends`: what numbers may end with. */
export const lobster = (where: string, ends: readonly string[]) => {
  const written = (...words: string[]) => words.flatMap((word) => ends.map((end) => word + end));
  const pass = Object.entries(lobsterKinds).flatMap(([word, what]) => written(word).map((one) => [one, what]));
  return {
    words: { buy: written("-1"), sell: written("1"), unknown: written("0") },
    sideText: `direction (${where}) of the resting order, -1 = buyer was aggressor`,
    kinds: { take: written("4", "5"), pass: Object.fromEntries(pass) as Record<string, string>, others: "refuse" },
    timeFormat: "of_day",
    zone: "America/New_York",
    fromName: /(?:^|[\\/])([^\\/_]+)_(\d{4}-\d{2}-\d{2})_/,
  } satisfies Partial<Known>;
};
/** The same with a line of names, as programs write it again; what it holds must fit too. */
export const lobsterNames = {
  time: ["secs", "seconds", "time", "timestamp"],
  kind: ["type", "event_type", "eventtype", "event type", "event"],
  size: ["size", "shares", "volume"],
  price: ["price"],
  side: ["tradedirection", "trade_direction", "direction", "buysellflag", "buy_sell_flag"],
} as const;
export const lobsterValues: NonNullable<Known["when"]> = (value) => {
  const fits = (names: readonly string[], test: RegExp) =>
    most(names.map(value).find((values) => values.some((v) => v !== "")) ?? [], (v) => test.test(v));
  const { time, kind, side } = lobsterNames;
  return fits(time, /^\d{1,5}(\.\d*)?$/) && fits(kind, /^[1-7](\.0)?$/) && fits(side, /^(-1|0|1)(\.0)?$/);
};
