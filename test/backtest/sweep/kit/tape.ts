/** A market of five minutes, whose mid goes up and down and whose trades reach what rests. */
import { join } from "node:path";
import { type Level, record, type Trade } from "../../run/kit/record.js";

const second = 1_000_000_000n;
const length = 300;
const midAt = (at: number): number => 100 + Math.abs((at % 20) - 10) / 10 + ((at * 7) % 13) / 100;
const onTick = (price: number): number => Math.round(price * 10) / 10;

/** Writes its book and its trades. */
export function tape(folder: string): [book: string, trades: string] {
  const levels = Array.from({ length }, (_, at): Level[] => {
    const of = { time: BigInt(at) * second, size: 5 };
    return [
      { ...of, flags: 1, side: 1, price: onTick(midAt(at) - 0.1) },
      { ...of, flags: 2, side: -1, price: onTick(midAt(at) + 0.1) },
    ];
  }).flat();
  const trades = Array.from({ length }, (_, at): Trade => {
    const side = at % 2 === 0 ? 1 : -1;
    return { time: BigInt(at) * second + second / 2n, side, price: onTick(midAt(at) + 0.1 * side), size: 8 };
  });
  return [record(join(folder, "book.tfr"), "book_changes", levels), record(join(folder, "trades.tfr"), "trades", trades)];
}
