/** The checksum that Kraken tells of the ten best levels of each side: CRC32 over the digits of prices and sizes, asks first. */
import { powersOfTen } from "./decimals.js";

/** ISO 3309, reflected polynomial 0xEDB88320. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

const zero = 0x30;
const levelsSummed = 10;
/** Up to here the product of a size and a power of ten rounds to the digits of its text. */
const exact = 2 ** 51;
/** Digits that a double keeps whatever they are. */
const keptDigits = 15;

function addText(crc: number, digits: string): number {
  let sum = crc;
  for (let i = 0; i < digits.length; i++) sum = (sum >>> 8) ^ table[(sum ^ digits.charCodeAt(i)) & 0xff]!;
  return sum;
}

function addZeros(crc: number, count: number): number {
  let sum = crc;
  for (let i = 0; i < count; i++) sum = (sum >>> 8) ^ table[(sum ^ zero) & 0xff]!;
  return sum;
}

/** Digits of a size whose text has so many decimals, without point and leading zeros; undefined where its double does not tell them. */
function sizeDigits(size: number, decimals: number): string | undefined {
  const lots = Math.round(size * powersOfTen[decimals]!);
  if (lots < exact) return String(lots);
  const [integer = "", fraction = ""] = String(size).split(".");
  if (integer.length + fraction.length > keptDigits || fraction.length > decimals || integer.includes("e")) return undefined;
  return integer + fraction.padEnd(decimals, "0");
}

export interface Summed {
  /** Prices in ticks and sizes, the best first; the side ends with a NaN or with the array. */
  readonly bid: Float64Array;
  readonly bidSize: Float64Array;
  readonly ask: Float64Array;
  readonly askSize: Float64Array;
}

/**
 * CRC32 of the levels from `at` to `end` of the arrays, at most ten a side. `zeros`: digits that the texts of prices have behind those of
 * the ticks; `decimals`: of the texts of sizes. Undefined where a size has more digits than its double keeps.
 * Source: Kraken, "Book checksum", WebSocket v1 and v2.
 */
export function bookChecksum(levels: Summed, at: number, end: number, zeros: number, decimals: number): number | undefined {
  let crc = 0xffffffff;
  for (const [price, size] of [
    [levels.ask, levels.askSize],
    [levels.bid, levels.bidSize],
  ] as const)
    for (let i = at; i < end && i < at + levelsSummed && !Number.isNaN(price[i]!); i++) {
      const digits = sizeDigits(size[i]!, decimals);
      if (digits === undefined) return undefined;
      crc = addText(addZeros(addText(crc, String(price[i]!)), zeros), digits);
    }
  return (crc ^ 0xffffffff) >>> 0;
}
