/** The best quotes that stand in the row of a trade: which columns hold them, by name and content or as the user says. */
import { type QuoteRole, quoteRoles } from "../../market/trade_columns.js";
import { plainText, type Written } from "../kernels/written.js";

export interface QuoteColumns {
  bid: number;
  ask: number;
  bidSize?: number;
  askSize?: number;
}

/** Of a level of a book the best one: bid_px_00, and not bid_px_01. */
const best = "(?:0?0)?";
const price = `(?:price|px|prc)?${best}$`;
const size = `(?:size|siz|sz|qty|quantity|vol|volume|amount)${best}$`;
const names: Readonly<Record<QuoteRole, RegExp>> = {
  bid: RegExp(`^(?:best)?bid${price}`),
  ask: RegExp(`^(?:best)?(?:ask|offer|ofr)${price}`),
  bidSize: RegExp(`^(?:best)?bid${size}`),
  askSize: RegExp(`^(?:best)?(?:ask|offer|ofr)${size}`),
};
/** Of a path of keys or columns the last word: quote.bid is a bid. */
const folded = (name: string): string => (/[^.]*$/.exec(name)?.[0] ?? name).toLowerCase().replace(/[^a-z0-9]/g, "");

interface Seen {
  readonly named: boolean;
  readonly names: readonly string[];
  values(column: number): readonly string[];
}

/** The integer that Databento writes where a side of the book is empty. */
const undefinedText = String(2n ** 63n - 1n);

/** A number of the file as it is written; NaN where there is none. */
export function quoteNumber(text: string, written: Written, scale: number): number {
  const plain = plainText(text, written);
  if (plain === undefined || plain === undefinedText) return Number.NaN;
  const value = Number(scale === 0 ? plain : `${plain}e-${scale}`);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Numbers, some of which may be missing. */
function numeric(seen: Seen, column: number, written: Written): boolean {
  const values = seen.values(column).filter((value) => value !== "" && !/^(nan|null|none|na)$/i.test(value));
  return values.some((v) => Number(plainText(v, written)) > 0) && values.every((v) => Number.isFinite(Number(plainText(v, written))));
}

/** The columns by their names, where exactly one fits each; a file without a bid and an ask has no quotes. */
export function findQuotes(seen: Seen, used: ReadonlySet<number>, written: Written): QuoteColumns | undefined {
  if (!seen.named) return undefined;
  const one = (role: QuoteRole): number | undefined => {
    const hits = seen.names.flatMap((name, i) => (!used.has(i) && names[role].test(folded(name)) && numeric(seen, i, written) ? [i] : []));
    return hits.length === 1 ? hits[0] : undefined;
  };
  const [bid, ask, bidSize, askSize] = quoteRoles.map(one);
  if (bid === undefined || ask === undefined) return undefined;
  return { bid, ask, ...(bidSize !== undefined && askSize !== undefined && { bidSize, askSize }) };
}

/** As they are asked for. */
const flags = { bid: "bid", ask: "ask", bidSize: "bid-size", askSize: "ask-size" } as const;
export type QuoteFlag = (typeof flags)[QuoteRole];

/** The columns that were named, if any were: of both sides. */
export function askedQuotes(
  asked: { readonly [role in QuoteRole]?: string | undefined },
  index: (flag: QuoteFlag, given: string) => number,
  error: (code: string, what: string, hint: string) => Error,
): QuoteColumns | undefined {
  const given = quoteRoles.filter((role) => asked[role] !== undefined);
  if (given.length === 0) return undefined;
  const has = (role: QuoteRole) => given.includes(role);
  if (!has("bid") || !has("ask") || has("bidSize") !== has("askSize"))
    throw error(
      "E_QUOTE_COLUMNS",
      "a quote has two sides, and the column of one was named",
      "pass --bid with --ask, and --bid-size with --ask-size",
    );
  return Object.fromEntries(given.map((role) => [role, index(flags[role], asked[role]!)])) as unknown as QuoteColumns;
}

export const quotesNote = ({ bid, ask, bidSize }: QuoteColumns, title: (column: number) => string): string =>
  `quotes: ${title(bid)} and ${title(ask)}${bidSize === undefined ? ", no sizes" : ", with sizes"}`;
