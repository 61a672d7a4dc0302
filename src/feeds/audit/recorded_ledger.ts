/** The ledger of a topic that was recorded: trades, with or without what feeds know beside them, or changes of books. */
import { rowState } from "../../files/frames/frame_rows.js";
import { SymbolLedger } from "./ledger.js";

type Views = Readonly<Record<string, ArrayLike<number> | ArrayLike<bigint> | undefined>>;

export class RecordedLedger {
  readonly symbols: SymbolLedger[] = [];
  rows = 0;

  constructor(
    /** What the topic has: `id` and `received` only where it came from a feed. */
    private readonly of: "trades" | "depth",
  ) {}

  take(columns: Views, rows: number): void {
    const { time, price, side, instrument } = columns as Readonly<Record<string, any>>;
    const { id, received, state, first, previous } = columns as Readonly<Record<string, any>>;
    this.rows += rows;
    for (let row = 0; row < rows; row++) {
      const ledger = this.at(instrument[row]);
      const bits: number = state?.[row] ?? 0;
      if (this.of === "depth") {
        if (bits & rowState.first) change(ledger, bits, first[row], id[row], previous[row]);
        continue;
      }
      const ids = bits & rowState.aggregate ? ledger.aggregate : ledger.single;
      if (id !== undefined && id[row] >= 0n && !ids.take(id[row], id[row], false)) continue;
      if (bits & rowState.clock) ledger.clock++;
      if (bits & rowState.untimed) ledger.untimed++;
      else if (received !== undefined) ledger.skew.add(Number(received[row] - time[row]));
      ledger.trade(time[row]);
      ledger.audit.trade(time[row], price[row], side[row]);
    }
  }

  private at(instrument: number): SymbolLedger {
    while (this.symbols.length <= instrument) this.symbols.push(new SymbolLedger());
    return this.symbols[instrument]!;
  }
}

/** Updates are counted where the venue counts them. */
function change(of: SymbolLedger, bits: number, first: bigint, id: bigint, previous: bigint): void {
  of.changes++;
  if (bits & rowState.snapshot || id < 0n || (first < 0n && previous < 0n)) return;
  of.updates.take(previous >= 0n ? previous + 1n : first, id, false);
}
