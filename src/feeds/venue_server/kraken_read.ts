/** What recorded messages of Kraken say, in both forms. */
import type { SaidDepth, SaidLevel, SaidTrade } from "./said.js";

/** What is common to both forms. */
export interface KrakenSaid {
  readonly channel: "trade" | "book" | "quotes";
  readonly pair: string;
  readonly trades?: readonly SaidTrade[];
  readonly depth?: SaidDepth;
}

interface Sides {
  as?: SaidLevel[];
  bs?: SaidLevel[];
  a?: SaidLevel[];
  b?: SaidLevel[];
  c?: string;
}

/** `[number, object or two or a list, channel, pair]`. */
export function readOlder(text: string): KrakenSaid | undefined {
  const message: unknown = JSON.parse(text);
  if (!Array.isArray(message) || typeof message.at(-1) !== "string") return undefined;
  const [name, pair] = [String(message.at(-2)), message.at(-1) as string];
  if (name === "spread") return { channel: "quotes", pair };
  if (name === "trade") {
    const trades = (message[1] as string[][]).map(([price, size, time, side]) => ({
      ...{ id: Number.NaN, price: price!, size: size!, ms: 1000 * Number(time), buyerIsMaker: side === "s" },
    }));
    return { channel: "trade", pair, trades };
  }
  if (!name.startsWith("book-")) return undefined;
  const { as, bs, a = [], b = [], c }: Sides = Object.assign({}, ...(message.slice(1, -2) as object[]));
  const levels = (side: readonly SaidLevel[]) => side.map(([price, size, time]): SaidLevel => [price, size, time!]);
  const whole = as !== undefined || bs !== undefined;
  const depth: SaidDepth = {
    ...{ last: Number.NaN, bids: levels(bs ?? b), asks: levels(as ?? a) },
    ...(whole && { whole }),
    ...(c !== undefined && { checksum: c }),
  };
  return { channel: "book", pair, depth };
}

interface NewerData {
  readonly symbol: string;
  readonly checksum?: number;
  readonly side?: string;
  readonly trade_id?: number;
  readonly timestamp?: string;
}
const level = /\{"price":([^,]+),"qty":([^}]+)\}/g;
const levelsOf = (text: string): SaidLevel[] => Array.from(text.matchAll(level), ([, price, size]): SaidLevel => [price!, size!]);
const sideOf = (text: string, name: string): SaidLevel[] => levelsOf(new RegExp(`"${name}":\\[([^\\]]*)\\]`).exec(text)?.[1] ?? "");

/** An object with a list of data; digits of numbers are those of the text. */
export function readNewer(text: string): KrakenSaid | undefined {
  const { channel, type, data } = JSON.parse(text) as { channel?: string; type?: string; data?: NewerData[] };
  const pair = data?.[0]?.symbol;
  if (pair === undefined) return undefined;
  if (channel === "ticker") return { channel: "quotes", pair };
  if (channel === "trade" && type === "update") {
    const numbers = Array.from(text.matchAll(/"price":([^,]+),"qty":([^,]+)/g));
    const trades = data!.map(({ trade_id, side, timestamp }, i) => ({
      ...{ id: trade_id!, price: numbers[i]![1]!, size: numbers[i]![2]!, ms: Date.parse(timestamp!), buyerIsMaker: side === "sell" },
    }));
    return { channel: "trade", pair, trades };
  }
  if (channel !== "book") return undefined;
  const checksum = data![0]!.checksum;
  return {
    ...{ channel, pair },
    depth: {
      ...{ last: Number.NaN, bids: sideOf(text, "bids"), asks: sideOf(text, "asks") },
      ...(type === "snapshot" && { whole: true as const }),
      ...(checksum !== undefined && { checksum: String(checksum) }),
    },
  };
}
