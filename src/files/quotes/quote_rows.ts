/** Quotes of text and of tables, by the columns of their layout. */

import { type QuoteRole, quoteRoles } from "../../market/trade_columns.js";
import type { Cell, Column, ColumnBatch } from "../binary/table_batches.js";
import { quoteNumber } from "../guess/quote_columns.js";
import { isBlank, latin } from "../kernels/line.js";
import type { TimeRule } from "../kernels/line_time.js";
import { longestLine, type Refusal } from "../kernels/refusals.js";
import { type FieldsOf, fieldsOf } from "../layout/line_fields.js";
import { writtenTime } from "../layout/row_stage.js";
import { type TimePattern, timePattern } from "../times/time_pattern.js";
import { zoneTable } from "../times/zone.js";
import { nanoseconds } from "../trades/column_numbers.js";
import type { Quote, QuoteIntake } from "./quote_batch.js";
import { before, nsOf, type QuoteLayout } from "./quote_layout.js";

const latest = 2n ** 63n - 1n;

/** Times and numbers as the layout has them. */
class Reading {
  private readonly rule: TimeRule;
  private readonly pattern: TimePattern | undefined;

  constructor(readonly layout: QuoteLayout) {
    const { timeFormat, day = 0, zone, timePattern: written } = layout;
    this.rule = { timeFormat, day, zone: zone === undefined ? undefined : zoneTable(zone) };
    this.pattern = written && timePattern(written.text, written.days);
  }

  time(text: string, clock: string | undefined): bigint | Refusal {
    return writtenTime(text, clock, this.rule, this.pattern, this.layout.timePattern?.date);
  }

  /** Of a column with a type. */
  typedTime(cell: Cell, clock: string | undefined, timeScale: number | undefined): bigint | Refusal {
    const { timeFormat } = this.layout;
    const unit = timeScale ?? (timeFormat in nsOf ? Number(nsOf[timeFormat as "ns"]) : 1);
    const plain = this.pattern === undefined && clock === undefined;
    const time =
      plain && typeof cell === "bigint"
        ? cell * BigInt(unit)
        : plain && typeof cell === "number"
          ? nanoseconds(cell, unit)
          : this.time(cell === null || cell === undefined ? "" : String(cell), clock);
    return typeof time === "bigint" && (time < 0n || time > latest) ? "time_range" : time;
  }

  numbers(of: (column: number) => string): Record<QuoteRole, number> {
    const { quotes, written, priceScale = 0 } = this.layout;
    const number = (role: QuoteRole): number => {
      const column = quotes[role];
      return column === undefined ? Number.NaN : quoteNumber(of(column), written, role === "bid" || role === "ask" ? priceScale : 0);
    };
    return { bid: number("bid"), ask: number("ask"), bidSize: number("bidSize"), askSize: number("askSize") };
  }
}

const wrong = (refusal: Refusal, value: string): string =>
  refusal === "empty"
    ? "its time is empty"
    : refusal === "time_range"
      ? `its time '${value}' is outside 1970 to 2262`
      : `its time '${value}' is no such time`;

export class QuoteLines {
  private readonly reading: Reading;
  private readonly fields: FieldsOf;
  private begun = "";

  constructor(
    private readonly layout: QuoteLayout,
    private readonly into: QuoteIntake,
    /** Lines that were read already. */
    private line: number,
  ) {
    this.reading = new Reading(layout);
    const { quotes, columns } = layout;
    const used = [...quoteRoles.map((role) => quotes[role]), columns.time, columns.clock, columns.symbol];
    this.fields = fieldsOf(
      layout,
      used.filter((column) => column !== undefined),
    );
  }

  feed(piece: Uint8Array): void {
    const lines = (this.begun + latin(piece)).split("\n");
    this.begun = lines.pop()!;
    for (const line of lines) this.one(line);
    if (this.begun.length <= longestLine) return;
    this.into.refuse(this.line + 1, "line_long", `has more than ${longestLine} bytes`, this.begun.slice(0, 200));
    this.begun = "";
  }

  end(): void {
    if (this.begun !== "") this.one(this.begun);
    this.begun = "";
  }

  private one(given: string): void {
    const { layout, into } = this;
    this.line++;
    if (isBlank(given, layout.separator)) return;
    const line = given.trimEnd();
    // Most messages of a feed are long ones of other kinds.
    if (layout.allFour && !line.includes('"A"')) {
      into.facts.passed++;
      return;
    }
    const fields = this.fields(line);
    if (!fields) {
      this.noFields(line);
      return;
    }
    const of = (column: number | undefined): string => {
      const field = column === undefined ? undefined : fields(column);
      return field ? line.slice(field.start, field.end) : "";
    };
    const { quotes, columns } = layout;
    const texts = quoteRoles.map((role) => of(quotes[role]));
    if (layout.allFour ? texts.includes("") : texts[0] === "" && texts[1] === "") {
      into.facts.passed++;
      return;
    }
    const time = this.time(line, of(columns.time), columns.clock === undefined ? undefined : of(columns.clock));
    const symbol = columns.symbol === undefined ? undefined : Buffer.from(of(columns.symbol), "latin1").toString();
    if (typeof time === "string") into.refuse(this.line, time, wrong(time, of(columns.time)), line, of(columns.time));
    else into.add({ time, ...this.reading.numbers(of), symbol }, this.line, () => line);
  }

  private time(line: string, text: string, clock: string | undefined): bigint | Refusal {
    const { receipt } = this.layout;
    if (!receipt) return this.reading.time(text, clock);
    const received = before.exec(line)?.[1];
    return received === undefined ? "empty" : BigInt(received) * nsOf[receipt.unit] + receipt.shift;
  }

  private noFields(line: string): void {
    if (this.layout.json) this.into.refuse(this.line, "json", "is not JSON", line);
    else this.into.refuse(this.line, "columns", `has not the ${this.layout.names.length} columns of the others`, line);
  }
}

const textOf = (cell: Cell): string => (cell === null || cell === undefined ? "" : String(cell));

/** A batch of a table; `first`: rows of the file before it. */
export function tableQuotes(batch: ColumnBatch, layout: QuoteLayout, into: QuoteIntake, first: number): void {
  const reading = new Reading(layout);
  const { time, clock, symbol } = layout.columns;
  const column = (index: number | undefined): Column | undefined => (index === undefined ? undefined : batch.columns[index]);
  const [times, clocks, symbols] = [column(time)!, column(clock), column(symbol)];
  for (let row = 0; row < batch.rows; row++) {
    const of = (index: number) => textOf(batch.columns[index]!.get(row));
    if (of(layout.quotes.bid) === "" && of(layout.quotes.ask) === "") {
      into.facts.passed++;
      continue;
    }
    const at = reading.typedTime(times.get(row), clocks && textOf(clocks.get(row)), times.timeScale);
    const value = textOf(times.get(row));
    if (typeof at === "string") into.refuse(first + row + 1, at, wrong(at, value), value, value);
    else
      into.add(
        { time: at, ...reading.numbers(of), symbol: symbols && textOf(symbols.get(row)) } satisfies Quote,
        first + row + 1,
        () => value,
      );
  }
}
