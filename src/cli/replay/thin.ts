/** Tapes of a comparison that have too few trades for one VPIN: they are named and left out, and the others compared. */

import { DataError } from "../../core/contract/errors.js";
import { TooFewTrades } from "../../studies/tape/choice.js";
import { count, plural } from "../kit/format.js";
import type { Group } from "./groups.js";

export interface Thin {
  title: string;
  files: readonly string[];
  trades: number;
  /** Of such sizes, for one VPIN. */
  needed: number;
}

/** The thin tape that an error is about, where it may be left out; other errors go on. */
export function thinTape(error: unknown, { name, files }: Group, tapes: number): Thin {
  if (tapes === 1 || !(error instanceof TooFewTrades)) throw error;
  return { title: name, files, trades: error.trades, needed: error.needed };
}

export const thinText = ({ title, trades, needed }: Thin): string =>
  `${title} has ${plural(trades, "trade")}, and one VPIN needs about ${count(needed)} of such sizes`;

export function refuseAllThin(thin: readonly Thin[], answers: number): void {
  if (answers > 0) return;
  throw new DataError("E_TOO_FEW_TRADES", `no bucket volume is sound for any of the tapes: ${thin.map(thinText).join("; ")}`, {
    hint: "more trades, a smaller --window, or --bucket-volume V to have it all the same",
  });
}
