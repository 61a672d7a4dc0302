/** Rows of a batch by instrument. Those of one instrument lie where they are; those of several are gathered, each instrument's together. */
import type { Views } from "../bus/bus.js";
import type { TradeColumns } from "../market/trade_columns.js";
import { type BesideRole, besideRoles, tradeArrays } from "../market/trade_columns.js";

/** With what stands beside the trades, where the topic has it. */
export type TradeViews = Views<TradeColumns> & { readonly [role in BesideRole]?: Float64Array | undefined };

/** Rows [from, to) of `columns` are trades of one instrument, in order. */
export interface Own {
  instrument: number;
  from: number;
  to: number;
}

export class Gather {
  readonly columns: TradeViews;
  private readonly beside: readonly BesideRole[];
  /** Where each row of the batch lies in `columns`. */
  readonly place: Uint32Array;
  /** And back. */
  readonly row: Uint32Array;
  private readonly counts: Uint32Array;

  /** `like`: columns that have what is to be gathered. */
  constructor(rows: number, instruments: number, like: TradeViews) {
    this.beside = besideRoles.filter((role) => like[role] !== undefined);
    this.columns = tradeArrays(rows, this.beside) as TradeViews;
    this.place = new Uint32Array(rows);
    this.row = new Uint32Array(rows);
    this.counts = new Uint32Array(instruments);
  }

  take(batch: TradeViews, from: number, to: number): Own[] {
    const { columns, place, row, counts } = this;
    const { instrument } = batch;
    const present: number[] = [];
    counts.fill(0);
    for (let i = from; i < to; i++) if (counts[instrument[i]!]!++ === 0) present.push(instrument[i]!);
    let at = from;
    const stretches = present.map((id) => {
      const stretch = { instrument: id, from: at, to: at + counts[id]! };
      counts[id] = at;
      at = stretch.to;
      return stretch;
    });
    for (let i = from; i < to; i++) {
      const into = counts[instrument[i]!]!++;
      place[i] = into;
      row[into] = i;
      columns.time[into] = batch.time[i]!;
      columns.price[into] = batch.price[i]!;
      columns.size[into] = batch.size[i]!;
      columns.side[into] = batch.side[i]!;
      for (const role of this.beside) columns[role]![into] = batch[role]![i]!;
    }
    return stretches;
  }
}
