/** Which trades a live source gave before it ended, whether its state knows of them or not. */
import type { SourceContext } from "./source.js";

export interface LastIds {
  /** Of each source: the id of the last trade that was given, NaN where there is none or it is not known. */
  readonly last: Float64Array;
  /** Of those that are not known: the last id that is known; more were given behind it. NaN for all others. */
  readonly unsure: Float64Array;
}

/** `saved`: as the state has them, 0 where there is none; behind them lies what the topic has still. */
export function lastIds(saved: Float64Array, instruments: readonly number[], given: SourceContext["given"]): LastIds {
  const last = saved.map((id) => (id > 0 ? id : NaN));
  const places = new Map(instruments.map((instrument, i) => [instrument, i]));
  const seen = new Set<number>();
  const gone = given?.("trades", ({ instrument, id }, rows) => {
    for (let row = 0; row < rows; row++) {
      const of = places.get(Number(instrument![row]));
      if (of === undefined) continue;
      seen.add(of);
      if (!(Number(id![row]) <= last[of]!)) last[of] = Number(id![row]);
    }
  });
  const unsure = last.map((id, i) => (gone! > 0 && !seen.has(i) ? id : NaN));
  for (const [i, id] of unsure.entries()) if (!Number.isNaN(id)) last[i] = NaN;
  return { last, unsure };
}
