/** Which column holds what, told from names and from what they hold; never from places. What is not clear is not guessed. */

import type { KindWords } from "../kernels/words.js";
import { looksLikeNumber } from "../kernels/written.js";
import { digitTimes } from "./column_content.js";
import type { Seen, TimeColumns } from "./column_seen.js";
import { areBars, type GuessedRole, mayBe, wordsOf } from "./column_words.js";
import { most, synonyms, unitOf } from "./layouts.js";
import { guessTime, looksLikeClock, looksLikeDay, looksLikeDigitClock } from "./time_guess.js";

type Role = keyof typeof synonyms;

const all = ({ names }: Seen): number[] => names.map((_, i) => i);
const filled = (seen: Seen, column: number): string[] => seen.values(column).filter((value) => value !== "");
const isoTime = /^\d{4}([-/]?)\d{2}\1\d{2}[T D]\d{2}:/;

/** The first values tell of most columns that they hold something else. */
const mostly = (values: readonly string[], test: (value: string) => boolean): boolean =>
  values.slice(0, 4).some(test) && most(values, test);

/** What the values of a column are as times: whole ones, days, or times of a day. */
function timesIn(seen: Seen, column: number): "whole" | "day" | "clock" | undefined {
  const values = filled(seen, column);
  if (values.length === 0) return undefined;
  if (mostly(values, looksLikeDay)) return "day";
  if (mostly(values, looksLikeClock)) return "clock";
  if (mostly(values, looksLikeDigitClock) && /time|clock|hour/i.test(seen.names[column]!)) return "clock";
  return unitOf(values) !== undefined || most(values, (v) => isoTime.test(v)) || guessTime(values) ? "whole" : undefined;
}

/** Both words, and nothing else; `letters`: B and S will do. */
function areSides(values: readonly string[], letters: boolean): boolean {
  const test = (words: RegExp) => (value: string) => words.test(value) && (letters || value.length > 1);
  const [buy, sell] = [test(/^(b|buy|buyer)$/i), test(/^(s|sell|seller)$/i)];
  return values.some(buy) && values.some(sell) && values.every((value) => buy(value) || sell(value));
}

function holds(seen: Seen, role: Role, column: number): boolean {
  const values = filled(seen, column);
  if (role === "time") return ["whole", "clock"].includes(timesIn(seen, column)!);
  if (role === "side") return areSides(values, /side|aggr|taker|direction/i.test(seen.names[column]!));
  if (role === "symbol")
    return values.length > 0 && !most(values, looksLikeNumber) && new Set(values).size <= Math.max(3, values.length / 2);
  return most(values, looksLikeNumber) && (role === "size" || values.some((value) => /[1-9]/.test(value)));
}

const one = <T>(of: readonly T[]): T | undefined => (of.length === 1 ? of[0] : undefined);

/** Columns of the usual names; those that hold such values, where several have one. */
export function usual(seen: Seen, role: Role): number[] {
  if (!seen.named) return [];
  const fold = (name: string) => wordsOf(name).join("_");
  const exact = all(seen).filter((i) => synonyms[role].includes(seen.names[i]!.toLowerCase()));
  const hits = exact.length > 0 ? exact : all(seen).filter((i) => synonyms[role].includes(fold(seen.names[i]!)));
  const fitting = hits.length > 1 ? hits.filter((i) => holds(seen, role, i)) : hits;
  return fitting.length === 1 ? fitting : hits;
}

/** Columns that may have a role by the words of their names, and hold such values. */
const fitting = (seen: Seen, role: GuessedRole): number[] =>
  !seen.named || areBars(seen.names) ? [] : all(seen).filter((i) => mayBe(role, seen.names[i]!) && holds(seen, role, i));

/** The one of them. */
export const likely = (seen: Seen, role: GuessedRole): number | undefined => one(fitting(seen, role));

const notTraded = /expir|matur|settle|list|birth/i;

/** Date and time of day in two columns, by what they hold. */
function dayAndClock(seen: Seen): Required<TimeColumns> | undefined {
  const kinds = all(seen).map((i) => ({ i, kind: timesIn(seen, i) }));
  const of = (kind: "day" | "clock", name: RegExp): number | undefined => {
    // Without a name, eight digits may be anything.
    const plain = kinds.filter((c) => c.kind === kind && (seen.named || !/^\d+$/.test(filled(seen, c.i)[0]!)));
    const fitting = plain.filter(({ i }) => !notTraded.test(seen.names[i]!));
    return one(fitting)?.i ?? one(fitting.filter(({ i }) => name.test(seen.names[i]!)))?.i;
  };
  const [time, clock] = [of("day", /date|day/i), of("clock", /time|clock/i)];
  return time === undefined || clock === undefined ? undefined : { time, clock };
}

/** Of a date and a time of day, whichever comes first. */
export function inOrder(seen: Seen, a: number, b: number): Required<TimeColumns> {
  const digits = seen.named ? undefined : digitTimes(seen, [a, b]);
  if (digits) return digits;
  return timesIn(seen, a) === "clock" && timesIn(seen, b) === "day" ? { time: b, clock: a } : { time: a, clock: b };
}

/** The one column of dates with times, whatever its name: nothing else is written so. */
const written = (seen: Seen): number | undefined =>
  one(all(seen).filter((i) => timesIn(seen, i) === "whole" && !most(filled(seen, i), looksLikeNumber)));

/** The time; with its date where that stands in a column of its own. Several: none is chosen. */
export function timeColumns(seen: Seen): TimeColumns | readonly number[] {
  const hits = usual(seen, "time");
  if (hits.length > 1) return hits;
  const [hit] = hits;
  if (hit !== undefined && timesIn(seen, hit) !== "clock") return { time: hit };
  const both = dayAndClock(seen) ?? (seen.named ? undefined : digitTimes(seen, all(seen)));
  if (both && (hit === undefined || hit === both.clock)) return both;
  const found = hit ?? likely(seen, "time") ?? written(seen);
  return found === undefined ? fitting(seen, "time") : { time: found };
}

const tradeWords = new Set(["trade", "trade nb", "trades", "execution", "executed", "exec", "match", "matched"]);
const eventWords = new Set(
  ["bid", "ask"]
    .flatMap((side) => [`quote ${side}`, `quote ${side} nb`])
    .concat(
      "trade cancelled",
      "trade cancelled nb",
      "quote quotes bid ask add added new insert submit submission cancel cancelled canceled delete deleted deletion modify modified update updated replace replaced amend depth book order snapshot l2update heartbeat status halt clear reset trade_cancel bookticker depthupdate".split(
        " ",
      ),
    ),
);

/** A column of kinds of events, some of which are trades; only where every word that was seen is known. */
export function eventColumn(seen: Seen, used: ReadonlySet<number>): { column: number; kinds: KindWords } | undefined {
  if (!seen.named) return undefined;
  const found = all(seen).flatMap((column) => {
    const name = wordsOf(seen.names[column]!);
    if (used.has(column) || !name.some((word) => /^(eventtype|msgtype|event|type|action|kind|msg|message|record)$/.test(word))) return [];
    const words = new Set(filled(seen, column).map((value) => value.toLowerCase()));
    const take = [...words].filter((word) => tradeWords.has(word));
    const rest = [...words].filter((word) => !tradeWords.has(word));
    if (take.length === 0 || !rest.every((word) => eventWords.has(word))) return [];
    const kinds: KindWords = { take: [...tradeWords], pass: Object.fromEntries(rest.map((word) => [word, word])), others: "pass" };
    return [{ column, kinds: { ...kinds, take } }];
  });
  return one(found);
}
