/** What is missing, double, late or out of order in a feed, by symbol; how the clocks stand; whether sides are those of the aggressors. */
import { rowKinds, rowState } from "../../files/frames/frame_rows.js";
import type { FrameParser } from "../kit/frame_parser.js";
import type { Order } from "../kit/venue.js";
import { AggressorAudit } from "./aggressor_audit.js";
import { Sequence } from "./sequence.js";
import { Spread } from "./spread.js";

type Rows = Parameters<Parameters<FrameParser["run"]>[0]>[0];

const skewed = rowState.first | rowState.snapshot;

/** Of one symbol. */
export class SymbolLedger {
  trades = 0;
  quotes = 0;
  changes = 0;
  /** Trades that the stream tells one by one, and several at once: their ids are not of one row. */
  readonly single = new Sequence();
  readonly aggregate = new Sequence();
  readonly updates = new Sequence();
  /** Ns from the exchange's time to that of receipt. */
  readonly skew = new Spread();
  /** Trades whose time is before that of one that came earlier, and by how many ns at most. */
  backwards = 0;
  mostBackwards = 0;
  untimed = 0;
  clock = 0;
  readonly audit = new AggressorAudit();
  private latest: bigint | undefined;

  trade(time: bigint): void {
    this.trades++;
    if (this.latest !== undefined && time < this.latest) {
      this.backwards++;
      this.mostBackwards = Math.max(this.mostBackwards, Number(this.latest - time));
    } else this.latest = time;
  }
}

export class Ledger {
  readonly symbols: readonly SymbolLedger[];

  constructor(
    private readonly order: Order,
    instruments: readonly string[],
  ) {
    this.symbols = instruments.map(() => new SymbolLedger());
  }

  take(rows: Rows, count: number): void {
    const { kind, state, instrument, time, received, id, first, previous, price, ask, side } = rows;
    for (let row = 0; row < count; row++) {
      const [what, bits] = [kind[row]!, state[row]!];
      if (what >= rowKinds.notice) continue;
      const of = this.symbols[instrument[row]!]!;
      if (bits & rowState.clock) of.clock++;
      if (bits & rowState.untimed) of.untimed++;
      // Of quotes and snapshots the time may be that of what they tell of, long ago.
      else if (what !== rowKinds.quote && (bits & skewed) === rowState.first) of.skew.add(Number(received[row]! - time[row]!));
      if (what === rowKinds.quote) {
        of.quotes++;
        of.audit.quote(received[row]!, price[row]!, ask[row]!);
      } else if (what === rowKinds.depth) {
        if (bits & rowState.first) this.change(of, bits, first[row]!, id[row]!, previous[row]!);
      } else {
        const ids = bits & rowState.aggregate ? of.aggregate : of.single;
        const known = this.order.trades === "consecutive" && !ids.take(id[row]!, id[row]!, (bits & rowState.snapshot) > 0);
        if (what !== rowKinds.trade || known) continue;
        of.trade(time[row]!);
        of.audit.trade(received[row]!, price[row]!, side[row]!);
      }
    }
  }

  private change(of: SymbolLedger, bits: number, first: bigint, id: bigint, previous: bigint): void {
    of.changes++;
    const { depth } = this.order;
    if (depth !== "range" && depth !== "previous") return;
    if (bits & rowState.snapshot) return;
    of.updates.take(depth === "previous" ? previous + 1n : first, id, false);
  }
}
