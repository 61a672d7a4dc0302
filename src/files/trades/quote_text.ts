/** The quotes of a text, and what was bought of bars: the parser's kernel writes trades alone, and does not say from which lines. */

import type { TradeArrays } from "../../market/trade_columns.js";
import { type BesideRole, besideRoles } from "../../market/trade_columns.js";
import { quoteNumber } from "../guess/quote_columns.js";
import { isBlank, latin } from "../kernels/line.js";
import { longestLine } from "../kernels/refusals.js";
import type { Written } from "../kernels/written.js";
import type { Layout } from "../layout/layout.js";
import { type FieldsOf, fieldsOf } from "../layout/line_fields.js";

/** Rows [from, to) have no quote, nor anything else beside them. */
export function noQuotes(columns: TradeArrays, from: number, to: number): void {
  for (const role of besideRoles) columns[role]?.fill(Number.NaN, from, to);
}

export class QuoteText {
  /** Whether each line that is not blank makes a trade or is refused: what stands where is then known of many lines at once. */
  readonly plain: boolean;
  private readonly fields: FieldsOf;
  private readonly written: Written;
  private readonly columns: { readonly [role in BesideRole]?: number };
  private readonly scale: number;
  private readonly separator: string;
  /** What came of a line whose end is in a later piece. */
  private begun = "";
  /** Within a line too long, which is refused before its end. */
  private through = false;
  /** Lines of the piece in hand, and how many of them were read. */
  private lines: string[] = [];
  private read = 0;

  constructor(layout: Layout, only: readonly string[] = []) {
    this.columns = { ...layout.quotes, ...(layout.bought && { bought: layout.bought.bought }) };
    this.written = layout.written;
    this.scale = layout.priceScale ?? 0;
    this.separator = layout.separator;
    this.plain = layout.kinds === undefined && only.length === 0;
    this.fields = fieldsOf(layout, Object.values(this.columns));
  }

  /** The next piece of many lines. */
  open(piece: Uint8Array): void {
    const lines = (this.begun + latin(piece)).split("\n");
    this.begun = lines.pop()!;
    if (this.through && lines.length > 0) {
      lines.shift();
      this.through = false;
    }
    this.through ||= this.begun.length > longestLine;
    if (this.through) this.begun = "";
    this.lines = lines.filter((line) => line.length <= longestLine && !isBlank(line, this.separator));
    this.read = 0;
  }

  /** The next `made` lines of the piece made a trade each, and one behind them was refused, or not. */
  take(into: TradeArrays, row: number, made: number, refused: boolean): void {
    for (let i = 0; i < made; i++) this.write(this.lines[this.read + i]!, into, row + i);
    this.read += made + (refused ? 1 : 0);
  }

  /** A piece of one line: its end, where `ended`, and then it made a trade or did not. */
  one(piece: Uint8Array, ended: boolean, made: boolean, into: TradeArrays, row: number): void {
    this.begun += latin(piece);
    if (made) this.write(this.begun, into, row);
    if (ended) this.begun = "";
  }

  private write(line: string, into: TradeArrays, row: number): void {
    const fields = this.fields(line.trimEnd());
    for (const role of besideRoles) {
      const target = into[role];
      if (!target) continue;
      const column = this.columns[role];
      const field = column === undefined ? undefined : fields?.(column);
      const scale = role === "bid" || role === "ask" ? this.scale : 0;
      target[row] = field ? quoteNumber(line.slice(field.start, field.end), this.written, scale) : Number.NaN;
    }
  }
}
