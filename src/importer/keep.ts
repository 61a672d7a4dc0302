/** Rows of a slot that are to stay, moved to its front; the number of them. Times never fall. */

import type { TradeViews } from "../engines/gather.js";
import type { Spans } from "../files/trades/counted_repeats.js";
import { firstAtOrAfter, type Sessions } from "../market/sessions.js";

export interface Range {
  from: bigint;
  to: bigint;
}

/** Which times are taken: those in the range in which the exchange is open. */
export function taken(range: Range | undefined, sessions: Sessions | undefined): Spans | undefined {
  if (!range) return sessions;
  const { from, to } = range;
  return {
    at(time) {
      if (time < from) return { endTime: from, open: false };
      if (time >= to) return { endTime: 2n ** 63n, open: false };
      const { endTime, open } = sessions?.at(time) ?? { endTime: to, open: true };
      return { endTime: endTime < to ? endTime : to, open };
    },
  };
}

/** Those in [from, to), which lie together. */
export function keepRange(columns: TradeViews, rows: number, { from, to }: Range): number {
  const { time } = columns;
  let first = 0;
  let end = rows;
  while (first < rows && time[first]! < from) first++;
  while (end > first && time[end - 1]! >= to) end--;
  return move(columns, first, end, 0);
}

/** Those of the time in which the exchange is open. */
export function keepOpen(columns: TradeViews, rows: number, sessions: Sessions): number {
  let kept = 0;
  for (let from = 0; from < rows; ) {
    const { endTime, open } = sessions.at(columns.time[from]!);
    const until = firstAtOrAfter(columns.time, endTime, from, rows);
    if (open) kept = move(columns, from, until, kept);
    from = until;
  }
  return kept;
}

function move(columns: TradeViews, from: number, to: number, into: number): number {
  if (from > into) for (const column of Object.values(columns)) column?.copyWithin(into, from, to);
  return into + to - from;
}
