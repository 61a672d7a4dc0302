/** What was found, and what it is found in. */

import type { QuoteSummary } from "../../engines/quote_sides.js";
import type { CourseSummary } from "../../engines/trades.js";
import type { Remark } from "../../files/layout/remarks.js";
import type { QuoteFacts } from "../../files/quotes/join_quotes.js";
import type { SpikeSummary } from "../../importer/spikes.js";
import type { BarFit } from "../../studies/tape/bars.js";

export interface Finding {
  /** Stable, for programs. */
  name: string;
  count: number;
  /** "3 price outliers, first ..." */
  what: string;
  done: string;
  /** Worth a line on the screen. */
  doubtful: boolean;
}

/** How trades and bars lie in the buckets that they filled. */
export interface Fit {
  buckets: number;
  /** Those that begin and end within one print, or within one bar where sides come from bars. */
  inOne: number;
  /** Where sides come from bars. */
  bars: readonly BarFit[] | undefined;
  /** Of all buckets, to the last bit. */
  sides: "balanced" | "one" | undefined;
}

export interface Looked {
  /** Of the files' columns. */
  remarks?: readonly Remark[];
  trades: number;
  /** Rows left out, by reason. */
  rejected: Readonly<Record<string, number>>;
  repeats?: number | undefined;
  /** Trades with the time, price, size and side of an earlier one; where that was looked at. */
  alike?: number | undefined;
  zeroSizes?: number | undefined;
  unknownSides?: number | undefined;
  /** The files have no side at all: one line says so elsewhere. */
  sideless: boolean;
  outsideSession?: number | undefined;
  /** Where sides come from quotes. */
  quotes?: QuoteSummary | undefined;
  /** Where quotes come from files of their own. */
  quoteFacts?: QuoteFacts | undefined;
  course: CourseSummary;
  /** Prices far off for a moment; and the VPIN that the tape has as it was read, and otherwise. */
  spikes?: SpikeSummary | undefined;
  vpin?: { read: VpinFigures; otherwise: VpinFigures } | undefined;
  tradesOverOneBucket?: number | undefined;
  /** Rows are bars of the file, not trades. */
  ofBars?: boolean;
  /** Their sides are what buyers took of them, not what prices say. */
  bought?: boolean;
  /** How long those are. */
  barSeconds?: number | undefined;
  /** Of all trades, where no buckets are made of them. */
  sides?: Fit["sides"];
  volume?: number;
  /** Of the finished buckets. */
  fit?: Fit | undefined;
  /** Share of the volume in them. */
  shareOverOneBucket?: number | undefined;
  instruments: readonly string[];
}

export interface VpinFigures {
  last: number;
  mean: number;
}

export const leftOut = "left out";
