/** The quotes of DBN records, one at a time: the kernel writes trades alone, and does not say from which records. */

import type { TradeArrays } from "../../market/trade_columns.js";
import { lengthUnit, quoteAt, undefinedPrice, withQuotes } from "../kernels/dbn_record.js";

/** Whether records of this kind have quotes. */
export const hasQuotes = (kind: number | undefined): boolean => kind !== undefined && withQuotes.includes(kind);

export class DbnQuotes {
  /** What came of a record whose end is in a later piece. */
  private begun: Uint8Array = new Uint8Array(0);

  /** Where the record that goes on at `from` ends, or the piece. */
  end(piece: Uint8Array, from: number): number {
    const [first] = this.begun.length > 0 ? this.begun : piece.subarray(from, from + 1);
    // A length of 0 is the kernel's to refuse.
    return Math.min(piece.length, from + Math.max(1, first! * lengthUnit - this.begun.length));
  }

  /** The kernel took these bytes and made no trade of them. */
  passed(bytes: Uint8Array): void {
    const all = this.whole(bytes);
    this.begun = all.length < (all[0] ?? 0) * lengthUnit ? all.slice() : new Uint8Array(0);
  }

  /** The record that ends with these bytes made a trade. */
  write(bytes: Uint8Array, into: TradeArrays, row: number): void {
    const record = this.whole(bytes);
    this.begun = new Uint8Array(0);
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    const price = (at: number): number => {
      const value = view.getBigInt64(at, true);
      return value === undefinedPrice ? Number.NaN : Number(value) / 1e9;
    };
    into.bid![row] = price(quoteAt.bid);
    into.ask![row] = price(quoteAt.ask);
    into.bidSize![row] = view.getUint32(quoteAt.bidSize, true);
    into.askSize![row] = view.getUint32(quoteAt.askSize, true);
  }

  private whole(bytes: Uint8Array): Uint8Array {
    return this.begun.length > 0 ? Buffer.concat([this.begun, bytes]) : bytes;
  }
}
