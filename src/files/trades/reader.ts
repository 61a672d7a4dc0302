/** What reads one form of file into claimed slots. */

import type { Layout } from "../layout/layout.js";
import type { BadRow } from "./bad_row.js";

/** What every reader counts, of the present file. */
export const countNames = ["rows", "lines", "emptyLines", "refused", "passed", "zeroSizes", "unknownSides", "repeats"] as const;
export type CountName = (typeof countNames)[number];

export interface TradeReader {
  /** Called for each refused row; what it throws ends the read. The rows before it are in the slot, or were committed. */
  refused: (row: BadRow) => void;
  count(what: CountName): number;
  /** Of the present file, where it has rows. */
  readonly firstTime: bigint | undefined;
  readonly lastPrice: number | undefined;
  /** Longest time without a trade, and the line that ended it. */
  readonly gap: { ns: bigint; line: number };
  /** Rows that are no trades, or none that was asked for, by what they are. */
  readonly passedBy: Record<string, number>;
  /** Some values of the rows that a condition left out. */
  readonly others?: readonly string[];
}

/** A file that was recognised, before its first trade. */
export interface Opened {
  reader: TradeReader;
  layout: Layout;
  /** Reads to the end of the file; yields after each piece. */
  pieces(): AsyncGenerator<void>;
}
