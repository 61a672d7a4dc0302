/** What a side column may say; letters match in either case, and an empty field is unknown. */
export interface SideWords {
  buy: readonly string[];
  sell: readonly string[];
  unknown?: readonly string[];
}

/** The form that the parser reads: 1 (buy), 2 (sell) or 0 (unknown), length, bytes; and again. */
export function encodeWords({ buy, sell, unknown = [] }: SideWords): Uint8Array {
  const one = (code: number) => (word: string) => {
    const bytes = Buffer.from(word, "utf8").subarray(0, 255);
    return [code, bytes.length, ...bytes];
  };
  return Uint8Array.from([...buy.flatMap(one(1)), ...sell.flatMap(one(2)), ...unknown.flatMap(one(0))]);
}
