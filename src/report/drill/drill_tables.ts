/** Tables of the page: recovery by engine and burst, and where every row of every topic went. */
import { type Drill, recoveriesOf } from "../../analysis/drill.js";
import type { Section } from "../kit/page.js";
import { count, none, significant, table } from "../kit/text.js";

const seconds = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(2)} s` : none);
const micro = (us: number): string => (!Number.isFinite(us) ? none : us < 1000 ? `${us} µs` : `${significant(us / 1000, 3)} ms`);

export function recovery(drill: Drill): Section {
  const body = table({
    caption:
      "From the end of a burst to the first of three looks in a row at which an engine is no worse than at its worst in the calm before: rows that wait for it, and the 99th percentile of its batches, an upper bound. A dash where that was not before the next burst, or nothing was seen before",
    columns: ["Engine", "Burst", "Lag before", "In it", "Back after", "99 % before", "In it", "Back after"],
    rows: recoveriesOf(drill).map((one) => [
      ...[one.engine, count(one.burst + 1), count(one.lagBefore), count(one.lagMost), seconds(one.lagSeconds)],
      ...[micro(one.p99Before), micro(one.p99Most), seconds(one.latencySeconds)],
    ]),
  });
  return { id: "recovery", heading: "Recovery", body };
}

export function accounts({ topics }: Drill): Section {
  const rows = topics.flatMap(({ name, giver, backpressure, rows: published, full, takers }) =>
    takers.map(({ engine, taken, refused, lost, gaps }) => [
      ...[name, giver, engine, backpressure],
      ...[published, taken, refused, lost, gaps, published - taken - refused - lost, full].map(count),
    ]),
  );
  const body = table({
    caption:
      "Where every row went: published are taken, refused because a value was wrong, or told as lost; nothing may be left over. Full: times that the giver found no room",
    columns: ["Topic", "From", "To", "When full", "Published", "Taken", "Refused", "Lost", "Gaps", "Left over", "Full"],
    words: [0, 1, 2, 3],
    rows,
  });
  return { id: "accounts", heading: "Every row accounted for", body };
}
