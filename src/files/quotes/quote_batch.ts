/** Quotes on their way from a file: a batch of them, in order of time. */

import type { QuoteRole } from "../../market/trade_columns.js";
import type { Refusal } from "../kernels/refusals.js";
import type { Layout } from "../layout/layout.js";
import { type BadRow, codeOf, skip, stamp } from "../trades/bad_row.js";

export type QuoteValues = Readonly<Record<QuoteRole, number>>;

export interface Quote extends QuoteValues {
  /** ns since 1970 UTC. */
  time: bigint;
  /** Undefined where the file does not name instruments. */
  symbol: string | undefined;
}

/** What was in one file of quotes. */
export interface QuoteFileFacts {
  file: string;
  /** "binance bookTicker messages, ...". */
  format: string;
  quotes: number;
  /** Rows without a bid and an ask. */
  passed: number;
  /** Rows that could not be read, where that does not end the read. */
  refused: number;
  firstTime: bigint | undefined;
  lastTime: bigint | undefined;
  hasSizes: boolean;
  hasSymbols: boolean;
}

export const factsOf = (file: string, { name, notes, quotes, columns }: Layout): QuoteFileFacts => ({
  ...{ file, format: [name, ...notes].join(", "), quotes: 0, passed: 0, refused: 0, firstTime: undefined, lastTime: undefined },
  ...{ hasSizes: quotes?.bidSize !== undefined, hasSymbols: columns.symbol !== undefined },
});

/** Takes a row that cannot be read: throws, or counts it. */
export type Refuse = (bad: BadRow) => void;

/** A row of a file of quotes that cannot be read. */
function badQuote(
  row: Pick<BadRow, "file" | "line" | "unit" | "refusal" | "what" | "text"> & {
    value?: string | undefined;
    columnName?: string | undefined;
  },
  quotes: number,
): BadRow {
  const backwards = row.refusal === "time_backwards";
  const hint = backwards ? "sort the file of quotes by time, the oldest on top" : skip;
  const nowhere = { column: undefined, columnName: undefined, offset: 0, length: 0, value: "" };
  return { ...nowhere, ...row, value: row.value ?? "", columnName: row.columnName, code: codeOf(row.refusal), hint, rowsBefore: quotes };
}

/** Of one file: takes quotes in order of time, refuses those that are not. */
export class QuoteIntake {
  batch: Quote[] = [];

  constructor(
    readonly facts: QuoteFileFacts,
    private readonly unit: BadRow["unit"],
    private readonly refusing: Refuse,
  ) {}

  refuse(line: number, refusal: Refusal, what: string, text: string, value?: string): void {
    const { file, quotes } = this.facts;
    this.refusing(badQuote({ file, line, unit: this.unit, refusal, what, text, value }, quotes));
    this.facts.refused++;
  }

  add(quote: Quote, line: number, text: () => string): void {
    const { facts } = this;
    const { time } = quote;
    if (facts.lastTime !== undefined && time < facts.lastTime)
      this.refuse(line, "time_backwards", `its time ${stamp(time)} is before ${stamp(facts.lastTime)} of a quote above`, text());
    else {
      facts.firstTime ??= time;
      facts.lastTime = time;
      facts.quotes++;
      this.batch.push(quote);
    }
  }

  /** What came since the last call. */
  take(): Quote[] {
    const { batch } = this;
    this.batch = [];
    return batch;
  }
}
