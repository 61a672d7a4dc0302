/** Repeated rows among those whose times count, where not all of a file's do. */
import type { View } from "../../core/contract/contract.js";
import { firstAtOrAfter } from "../../market/sessions.js";
import type { TradeArrays } from "../../market/trade_columns.js";

/** Time in stretches that count, and others. */
export interface Spans {
  at(time: bigint): { readonly endTime: bigint; readonly open: boolean };
}

interface Done {
  consumed: number;
  produced: number;
}

/** A parser counts the repeats of a whole piece: one within which rows begin or end to count is read again, up to there. */
export class CountedRepeats {
  count = 0;
  private readonly kept: View[];

  constructor(
    private readonly spans: Spans,
    /** What the parser's kernel writes beside its outputs; symbols that it learns may stay. */
    private readonly state: readonly View[],
    private readonly repeats: () => bigint,
  ) {
    this.kept = state.map((view) => view.slice() as View);
  }

  /** A piece that makes a trade at most: it need not be read again. */
  one(columns: TradeArrays, row: number, run: (columns: TradeArrays) => Done): Done {
    const before = this.repeats();
    const done = run(columns);
    const more = Number(this.repeats() - before);
    if (more > 0 && this.spans.at(columns.time[row]!).open) this.count += more;
    return done;
  }

  /** The next piece into the columns from `row` on: all of its rows count, or none. */
  step(columns: TradeArrays, row: number, run: (columns: TradeArrays) => Done): Done {
    copy(this.state, this.kept);
    const before = this.repeats();
    const done = run(columns);
    if (done.produced === 0) return done;
    const { endTime, open } = this.spans.at(columns.time[row]!);
    const edge = firstAtOrAfter(columns.time, endTime, row, row + done.produced);
    const again = edge < row + done.produced;
    if (again) copy(this.kept, this.state);
    const counted = again ? run(upTo(columns, edge)) : done;
    if (open) this.count += Number(this.repeats() - before);
    return counted;
  }
}

function copy(from: readonly View[], to: readonly View[]): void {
  from.forEach((view, i) => void (to[i] as Float64Array).set(view as Float64Array));
}

const upTo = ({ time, price, size, side, instrument }: TradeArrays, rows: number): TradeArrays => ({
  time: time.subarray(0, rows),
  price: price.subarray(0, rows),
  size: size.subarray(0, rows),
  side: side.subarray(0, rows),
  instrument: instrument.subarray(0, rows),
});
