/** The columns of a tape of trades, declared once: for topics, readers, batches of one instrument and tapes in memory. */
import { type Dtype, type ViewOf, viewOf } from "../core/contract/contract.js";

/** Under the names of the ports that read them. */
export const tradeColumns = {
  time: { dtype: "i64" },
  price: { dtype: "f64" },
  size: { dtype: "f64" },
  side: { dtype: "i8" },
  instrument: { dtype: "u32" },
} as const;
/** The best quote at each trade, NaN where there is none. */
export const quoteColumns = { bid: { dtype: "f64" }, ask: { dtype: "f64" }, bidSize: { dtype: "f64" }, askSize: { dtype: "f64" } } as const;
/** Of bars of a file: the part of the volume that buyers took. */
export const boughtColumn = { bought: { dtype: "f64" } } as const;

export type QuoteRole = keyof typeof quoteColumns;
/** What may stand beside a trade. */
export type BesideRole = QuoteRole | keyof typeof boughtColumn;
export const quoteRoles = Object.keys(quoteColumns) as readonly QuoteRole[];
export const besideRoles = [...quoteRoles, ...Object.keys(boughtColumn)] as readonly BesideRole[];

/** What stands beside the trades of a tape that has quotes, or bars of which it is known what was bought. */
export const besideOf = ({ quotes, bought }: { quotes: boolean; bought: boolean }): readonly BesideRole[] => [
  ...(quotes ? quoteRoles : []),
  ...(bought ? (["bought"] as const) : []),
];

type Declared = typeof tradeColumns;
/** A tape in memory that a reader may write; further columns are left alone. */
export type TradeArrays = { readonly [name in keyof Declared]: ViewOf[Declared[name]["dtype"]] } & {
  /** Written where the sink has columns for them: NaN where the row has none. */
  readonly [role in BesideRole]?: Float64Array | undefined;
};

export function tradeArrays(rows: number, beside: readonly BesideRole[] = []): TradeArrays {
  const declared: Readonly<Record<string, { dtype: Dtype }>> = { ...tradeColumns, ...quoteColumns, ...boughtColumn };
  const names = [...Object.keys(tradeColumns), ...beside];
  return Object.fromEntries(names.map((name) => [name, new (viewOf(declared[name]!.dtype))(rows)])) as unknown as TradeArrays;
}

export type TradeColumns = typeof tradeColumns;
