/** Seeded trade text for parity and benchmark: every way to write a number; and, where asked, lines that are refused. */
import { encodeWords } from "./words.js";

export const sampleWords = encodeWords({ buy: ["buy"], sell: ["sell"], unknown: ["none"] });
export const sampleOptions = { columns: 6, timeColumn: 3, priceColumn: 1, sizeColumn: 2, sideColumn: 4, symbolColumn: 5 } as const;

const wrong = ["", "\r", "1,2,3", "4,0,1,5,buy,X", "5,1,-1,5,buy,X", "6,nan,1,5,buy,X", "7,1,1,5,up,X", '8,1,1,5,buy,"X', "9,1,1,5,buy,"];

/** `bad`: share of lines that are empty or refused. */
export function sampleText(bytes: number, random: () => number, bad = 0): Uint8Array {
  const lines: string[] = [];
  let length = 0;
  let time = 1_700_000_000_000;
  for (let id = 0; length < bytes; id++) {
    time += Math.floor(random() * 3) * (random() < 0.01 ? 100_000 : 1);
    const price = 10 ** (6 * random() - 3);
    const size = 10 ** (6 * random() - 3);
    const as = id % 7;
    const printed = as === 0 ? String(price) : as === 1 ? price.toExponential() : as === 2 ? price.toFixed(20) : price.toFixed(8);
    const side = random() < 0.6 ? "buy" : random() < 0.9 ? "SELL" : random() < 0.5 ? "none" : "";
    const symbol = `S${Math.floor(20 * random() ** 3)}`;
    const quoted = random() < 0.05 ? `"${symbol}"` : symbol;
    const amount = random() < 0.02 ? "0" : size.toFixed(3 + (id % 6));
    const line = random() < bad ? wrong[Math.floor(random() * wrong.length)]! : `${id},${printed},${amount},${time},${side},${quoted}`;
    lines.push(line);
    length += line.length + 1;
  }
  return new Uint8Array(Buffer.from(`${lines.join("\n")}\n`, "latin1").subarray(0, bytes));
}
