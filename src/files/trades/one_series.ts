/** Several files in one read are one series: what shows that they are not ends the read. */
import { DataError } from "../../core/contract/errors.js";
import type { Layout } from "../layout/layout.js";

/** Two instruments, rather than one over which time went: prices at less than a third, or more than three times. */
const farApart = 3;

/** What is known of the files that were opened before. */
export interface SeriesBefore {
  named?: { file: string; named: boolean };
  last?: { file: string; price: number; where: "beginning" | "end" };
}

export class OneSeries {
  private file = "";
  private named = false;

  /** `stated`: the caller has said which instrument the files are of. `before` is shared by those that read files side by side. */
  constructor(
    private readonly stated: boolean,
    private readonly only: readonly string[],
    private readonly before: SeriesBefore = {},
  ) {}

  /** A file begins. */
  open(file: string, { columns, symbol }: Layout): void {
    const named = columns.symbol !== undefined || symbol !== undefined;
    if (this.only.length > 0 && columns.symbol === undefined && !this.only.includes(symbol ?? ""))
      throw fail(
        file,
        `it cannot be searched for ${this.only.join(", ")}: no column holds symbols`,
        "leave out --only, or name the column: --symbol COL",
      );
    const { named: other } = this.before;
    if (other && other.named !== named && !this.stated) {
      const what = named ? `it names its instruments, ${other.file} does not` : `it does not name its instrument, ${other.file} does`;
      throw fail(file, what, "read them apart, or name the column: --symbol COL");
    }
    this.file = file;
    this.named = named;
    this.before.named = { file, named };
  }

  /** The first price of the file is known; its first rows are not handed over yet. */
  begins(price: number): void {
    const { last } = this.before;
    const near = last === undefined || (price < farApart * last.price && last.price < farApart * price);
    if (this.stated || this.named || near) {
      this.before.last = { file: this.file, price, where: "beginning" };
      return;
    }
    throw fail(
      this.file,
      `its prices begin at ${price}, after ${last.price} at the ${last.where} of ${last.file}: two instruments`,
      "read them apart; where they are one series all the same, join them first: cat A B > C",
    );
  }

  /** The file ended, at this price where it has rows. */
  ends(price: number | undefined): void {
    if (price !== undefined) this.before.last = { file: this.file, price, where: "end" };
  }
}

const fail = (file: string, what: string, hint: string) => new DataError("E_INSTRUMENTS", `${file}: ${what}`, { file, hint });
