/** What a side column may say; letters match in either case, and an empty field is unknown. */
export interface SideWords {
  buy: readonly string[];
  sell: readonly string[];
  unknown?: readonly string[];
}
/** What a column says of a row that may be no trade: the words of those that are read, and of those that are passed over and counted. */
export interface KindWords {
  take: readonly string[];
  /** Word -> what such rows are. */
  pass: Readonly<Record<string, string>>;
  /** Rows with any other word: passed over, or refused. */
  others: "pass" | "refuse";
}

/** The first number of a word, as in native/kernels/files/trade_fields.h. */
export const meaning = { none: 0, buy: 1, sell: 2, take: 3, only: 4, firstPassed: 16 } as const;

/** The form that the parser reads: what it means, length, bytes; and again. `only`: symbols that are read. */
export function encodeWords({ buy, sell, unknown = [] }: SideWords, kinds?: KindWords, only: readonly string[] = []): Uint8Array {
  const one = (code: number) => (word: string) => encode(code, word);
  return Uint8Array.from([
    ...buy.flatMap(one(meaning.buy)),
    ...sell.flatMap(one(meaning.sell)),
    ...unknown.flatMap(one(meaning.none)),
    ...(kinds?.take ?? []).flatMap(one(meaning.take)),
    ...Object.keys(kinds?.pass ?? {}).flatMap((word, i) => encode(meaning.firstPassed + i, word)),
    ...only.flatMap(one(meaning.only)),
  ]);
}

export function encode(code: number, word: string): number[] {
  const bytes = Buffer.from(word, "utf8").subarray(0, 255);
  return [code, bytes.length, ...bytes];
}
