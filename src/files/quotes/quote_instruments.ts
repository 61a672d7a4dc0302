/** Whose quotes are whose: by name where both trades and quotes name their instruments, else there is one. */
import { DataError } from "../../core/contract/errors.js";
import type { Layout } from "../layout/layout.js";
import type { Quote } from "./quote_batch.js";
import type { QuoteTape } from "./quote_tape.js";

const listed = 5;
const list = (names: readonly string[]): string =>
  names.length > listed ? `${names.slice(0, listed).join(", ")} and ${names.length - listed} more` : names.join(", ");

export class QuoteInstruments {
  private readonly quoteFile: string;
  private readonly quotesNamed: boolean;
  private tradeFile = "";
  private tradesNamed = false;
  /** Where one side alone names instruments: the one that it may name. */
  private only: string | undefined;
  /** Keys of trades by their ids, and of all quotes. */
  private readonly keys: string[] = [];
  private readonly quoted = new Set<string>();

  constructor(
    tape: QuoteTape,
    private readonly nameOf: (id: number) => string | undefined,
  ) {
    const [first, ...others] = tape.facts;
    this.quoteFile = first!.file;
    this.quotesNamed = first!.hasSymbols;
    const other = others.find(({ hasSymbols }) => hasSymbols !== this.quotesNamed);
    if (other)
      throw fail(
        other.file,
        `${other.hasSymbols ? "it names" : "it does not name"} the instruments of its quotes, and ${first!.file} ${first!.hasSymbols ? "does" : "does not"}`,
        "read quotes of one kind",
      );
  }

  /** A file of trades was recognised. */
  trades({ name, layout: { columns, symbol } }: { name: string; layout: Layout }): void {
    this.tradeFile = name;
    this.tradesNamed = columns.symbol !== undefined || symbol !== undefined;
  }

  ofQuote({ symbol = "" }: Quote): string {
    if (this.quotesNamed && this.tradesNamed) {
      this.quoted.add(symbol);
      return symbol;
    }
    if (this.quotesNamed && symbol !== (this.only ??= symbol))
      throw fail(
        this.quoteFile,
        `its quotes are of ${this.only} and ${symbol}, and ${this.tradeFile} does not name its instruments`,
        "name the column of the trades' symbols with --symbol COL, or keep the quotes of one instrument in the file",
      );
    return "";
  }

  ofTrade(id: number): string {
    const known = this.keys[id];
    if (known !== undefined) return known;
    const name = this.nameOf(id) ?? "";
    if (this.tradesNamed && !this.quotesNamed && name !== (this.only ??= name))
      throw fail(
        this.quoteFile,
        `it does not name the instruments of its quotes, and ${this.tradeFile} has trades of ${this.only} and ${name}`,
        "read the trades of one with --only SYMBOL, or quotes with a column called symbol",
      );
    this.keys[id] = this.tradesNamed && this.quotesNamed ? name : "";
    return this.keys[id];
  }

  /** Instruments of the trades that have no quote; refused where that is all of them. */
  unquoted(): string[] {
    if (!this.tradesNamed || !this.quotesNamed) return [];
    const own = [...new Set(this.keys.filter((key) => key !== undefined))];
    const without = own.filter((name) => !this.quoted.has(name));
    if (own.length > 0 && this.quoted.size > 0 && without.length === own.length)
      throw fail(
        this.quoteFile,
        `its quotes are of ${list([...this.quoted])}, and the trades of ${list(own)}`,
        "quotes go with trades of the same name: check that these are the right files",
      );
    return without;
  }
}

const fail = (file: string, what: string, hint: string) => new DataError("E_QUOTES_INSTRUMENTS", `${file}: ${what}`, { file, hint });
