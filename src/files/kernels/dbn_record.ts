/** Where the fields of a DBN record are. All numbers are little-endian. */

/** Kinds of record (`rtype`) that can hold a trade, with their length in bytes and the place of their fields. */
interface Fields {
  bytes: number;
  price: number;
  size: number;
  action: number;
  side: number;
  tsRecv: number;
}
const fromPrice = { price: 16, size: 24, action: 28, side: 29, tsRecv: 32 };
const kinds: Readonly<Record<number, Fields>> = {
  0: { bytes: 48, ...fromPrice }, // trades
  1: { bytes: 80, ...fromPrice }, // mbp-1, tbbo
  10: { bytes: 368, ...fromPrice }, // mbp-10
  160: { bytes: 56, price: 24, size: 32, action: 38, side: 39, tsRecv: 40 }, // mbo
  177: { bytes: 80, ...fromPrice }, // cmbp-1
  194: { bytes: 80, ...fromPrice }, // tcbbo
};

/** Every record begins with length in words of 4 bytes, kind, publisher, instrument, time of the event. */
export const headBytes = 16;
export const lengthUnit = 4;
export const longestRecord = 255 * lengthUnit;
/** Bytes of a trade that tell it from the next. */
export const comparedBytes = 56;

export const tradeFields = (kind: number): Fields | undefined => kinds[kind];

/** Kinds whose records have the best quote of the book as it was before the trade, and where: prices of 1e-9, then sizes. */
export const withQuotes: readonly number[] = [1, 10, 177, 194];
/** Kinds that are snapshots of the best quote alone, once a second or a minute; their quotes lie where those of the others do. */
export const snapshots: readonly number[] = [192, 193, 195, 196];
export const quoteAt = { bid: 48, ask: 56, bidSize: 64, askSize: 68 } as const;

/** The number that stands for a price that is not there. */
export const undefinedPrice = 2n ** 63n - 1n;
export const undefinedSize = 2 ** 32 - 1;

/** Places of the `counts` and `bad` state ports. */
export const dbnCounted = {
  lines: 0,
  rows: 1,
  otherKinds: 2,
  zeroSizes: 3,
  unknownSides: 4,
  repeats: 5,
  refused: 6,
  notTrades: 7,
  otherSymbols: 8,
} as const;
export const dbnBad = { code: 0, record: 1, offset: 2, value: 3, instrument: 4 } as const;
/** Id in the table of an instrument that was not asked for. */
export const otherSymbol = 2 ** 32 - 2;
/** Why `wanted` made a call end: an instrument that the table lacks, or a record of a day that it is not made for. */
export const dbnWanted = { nothing: 0, instrument: 1, day: 2 } as const;
