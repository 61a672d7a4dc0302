/** Trades as ccxt's fetchTrades and watchTrades give them -> columns for kernels. */
import { needArray, needObject } from "../../core/contract/arguments.js";
import { KernelError } from "../../core/contract/errors.js";
import { sideWords, type Trades } from "./column_spec.js";
import { RowColumns } from "./from_rows.js";

/** The fields read of ccxt's Trade; it may leave out any of them. */
export interface CcxtTrade {
  readonly id?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly symbol?: string | undefined;
  readonly side?: string | undefined;
  readonly price?: number | undefined;
  readonly amount?: number | undefined;
}
export interface CcxtOptions {
  /** false: leave the side out, for exchanges that do not tell it (classify by tick rule then). */
  side?: boolean;
  /** Symbols, whose places in this list become the column instrument; without it all trades must be of one symbol. */
  symbols?: readonly string[];
}

/**
 * A trade whose id (of that symbol) came before is left out and counted in `duplicates`, which is not enumerable: the columns
 * go to a kernel as they are. A field that is missing or is no number is an error that names row and field.
 */
export function fromCcxt(trades: readonly CcxtTrade[], options: CcxtOptions = {}): Trades & { readonly duplicates: number } {
  needArray("fromCcxt: trades", trades);
  needObject("fromCcxt: options", options);
  const { side = true, symbols } = options;
  if (symbols !== undefined) needArray("fromCcxt: symbols", symbols);
  const filled = new RowColumns(
    "fromCcxt",
    {
      time: { dtype: "i64", field: "timestamp" },
      price: "f64",
      size: { dtype: "f64", field: "amount" },
      ...(side && { side: { dtype: "i8", words: sideWords } as const }),
      ...(symbols && {
        instrument: { dtype: "u32", field: "symbol", words: Object.fromEntries(symbols.map((symbol, id) => [symbol, id])) } as const,
      }),
    },
    trades.length,
  );
  const seen = new Map<string | undefined, Set<string>>();
  let duplicates = 0;
  trades.forEach((trade, row) => {
    const { id, symbol } = trade ?? {};
    if (!symbols && symbol !== trades[0]?.symbol) throw mixedSymbols(row, symbol, trades[0]?.symbol);
    let ids = seen.get(symbol);
    if (!ids) seen.set(symbol, (ids = new Set()));
    if (id !== undefined && ids.has(id)) duplicates++;
    else filled.add(trade, row);
    if (id !== undefined) ids.add(id);
  });
  return Object.defineProperty(filled.views() as unknown as Trades & { duplicates: number }, "duplicates", { value: duplicates });
}

const mixedSymbols = (row: number, value: unknown, first: unknown) =>
  new KernelError("E_BAD_VALUE", `fromCcxt: 'symbol' of row ${row} is ${value}, expected ${first} as in row 0`, {
    port: "symbol",
    row,
    value,
    hint: "pass { symbols: [...] } to tell instruments apart by a column, or convert each symbol alone",
  });
