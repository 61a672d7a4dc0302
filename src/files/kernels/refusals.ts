/** Why a row of a trade file is refused, in the order of their numbers; the same numbers as in native/kernels/files/trade_fields.h. */
export const refusals = [
  "",
  "columns",
  "quote",
  "empty",
  "number",
  "number_range",
  "price",
  "size",
  "time",
  "time_range",
  "side",
  "symbol",
  "symbols_full",
  "line_long",
  "time_backwards",
  "kind",
  "json",
  "escape",
] as const;
/** `bought`: of a bar, told beside the parser. */
export type Refusal = Exclude<(typeof refusals)[number], ""> | "bought";
export const refusalNumber = (name: Refusal): number => (refusals as readonly string[]).indexOf(name);

/** Places of the `counts`, `kinds` and `bad` state ports. */
export const counted = { lines: 0, rows: 1, emptyLines: 2, zeroSizes: 3, unknownSides: 4, repeats: 5, refused: 6, passed: 7 } as const;
export const passed = { otherKind: 0, otherSymbol: 1, firstKind: 2, places: 18 } as const;
export const badItem = { code: 0, line: 1, column: 2, offset: 3, length: 4, textLength: 5 } as const;

/** Longest line that is read, in bytes: a message of an order book's depth may have 64 kB. */
export const longestLine = 131_072;
