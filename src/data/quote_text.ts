/** The quotes of a text, a line at a time: the parser's kernel writes trades alone, and does not say from which lines. */
import type { Layout } from "./detect.js";
import type { TradeColumns } from "./intake.js";
import { latin } from "./line.js";
import { type FieldsOf, fieldsOf } from "./line_fields.js";
import { type QuoteColumns, quoteNumber, quoteRoles } from "./quote_columns.js";
import type { Written } from "./written.js";

/** Rows [from, to) have no quote. */
export function noQuotes(columns: TradeColumns, from: number, to: number): void {
  for (const role of quoteRoles) columns[role]?.fill(Number.NaN, from, to);
}

export class QuoteText {
  private readonly fields: FieldsOf;
  private readonly written: Written;
  private readonly columns: QuoteColumns;
  private readonly scale: number;
  /** What came of a line whose end is in a later piece. */
  private begun = "";

  constructor(layout: Layout) {
    this.columns = layout.quotes!;
    this.written = layout.written;
    this.scale = layout.priceScale ?? 0;
    const { bid, ask, bidSize = -1, askSize = -1 } = this.columns;
    this.fields = fieldsOf(layout, [bid, ask, bidSize, askSize]);
  }

  /** A piece of a line went by that made no trade; `ended`: so did its end. */
  passed(piece: Uint8Array, ended: boolean): void {
    this.begun = ended ? "" : this.begun + latin(piece);
  }

  /** The line that ends with this piece made a trade. */
  write(piece: Uint8Array, into: TradeColumns, row: number): void {
    const line = (this.begun + latin(piece)).trimEnd();
    this.begun = "";
    const fields = this.fields(line);
    for (const role of quoteRoles) {
      const column = this.columns[role];
      const field = column === undefined ? undefined : fields?.(column);
      const scale = role === "bid" || role === "ask" ? this.scale : 0;
      into[role]![row] = field ? quoteNumber(line.slice(field.start, field.end), this.written, scale) : Number.NaN;
    }
  }
}
