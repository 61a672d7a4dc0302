/**
 * Messages of a venue to rows: the parser of feeds beside JSON.parse with the same few numbers read, and ccxt's parser of trades where it is
 * installed (`NODE_PATH=<folder of packages>` finds it elsewhere). Processor time of one thread, least and median of some runs; what is
 * timed was compared first.
 */
import { createRequire } from "node:module";
import { install } from "../../src/backends/index.js";
import { binance } from "../../src/feeds/binance/spot.js";
import { FrameParser } from "../../src/feeds/kit/frame_parser.js";
import { seeded } from "../../src/kernels/parts/sample.js";

const frames = 20_000;
const runs = 9;
const received = 1_725_000_000_000_000_000n;
const random = seeded(1);
const price = () => (60_000 + 1000 * random()).toFixed(8);
const size = () => (2 * random()).toFixed(8);
const ms = (i: number) => 1_725_000_000_000 + i;
const levels = (count = Math.floor(11 * random())) => Array.from({ length: count }, () => `["${price()}","${size()}"]`).join(",");

/** In a combined stream, as recordings of 2024 have them. */
const messages = {
  trade: (i: number) =>
    `{"stream":"btcusdt@trade","data":{"e":"trade","E":${ms(i)},"s":"BTCUSDT","t":${i},"p":"${price()}","q":"${size()}","T":${ms(i)},"m":${random() < 0.5},"M":true}}`,
  quote: (i: number) =>
    `{"stream":"btcusdt@bookTicker","data":{"u":${i},"s":"BTCUSDT","b":"${price()}","B":"${size()}","a":"${price()}","A":"${size()}"}}`,
  "book, 0 to 20 levels": (i: number) =>
    `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${ms(i)},"s":"BTCUSDT","U":${2 * i},"u":${2 * i + 1},"b":[${levels()}],"a":[${levels()}]}}`,
  "book, 66 levels": (i: number) =>
    `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${ms(i)},"s":"BTCUSDT","U":${2 * i},"u":${2 * i + 1},"b":[${levels(33)}],"a":[${levels(33)}]}}`,
};

/** The sum of all prices and sizes: what each way must agree on. */
type Way = (all: readonly Buffer[]) => number;

const ours: Way = (all) => {
  const parser = new FrameParser(binance, ["BTCUSDT"]);
  let sum = 0;
  const run = () =>
    parser.run(({ price: p, size: s, ask, askSize, kind, state }, count) => {
      for (let row = 0; row < count; row++) {
        if (kind[row]! > 2) throw new Error(`a frame was not read: kind ${kind[row]}`);
        if (state[row]! < 128) sum += p[row]! + s[row]! + (kind[row] === 1 ? ask[row]! + askSize[row]! : 0);
      }
    });
  for (const frame of all)
    if (!parser.push(frame, received)) {
      run();
      parser.push(frame, received);
    }
  run();
  return sum;
};

const parsed: Way = (all) => {
  let sum = 0;
  for (const frame of all) {
    const { data } = JSON.parse(frame.toString("utf8"));
    if (data.e === "trade") sum += Number(data.p) + Number(data.q);
    else if (data.e === undefined) sum += Number(data.b) + Number(data.B) + Number(data.a) + Number(data.A);
    else for (const side of [data.b, data.a]) for (const [p, q] of side) sum += Number(p) + Number(q);
  }
  return sum;
};

function ccxt(): Way | undefined {
  let library: any;
  try {
    library = createRequire(import.meta.url)("ccxt");
  } catch {
    return undefined;
  }
  const exchange = new library.pro.binance();
  const market = exchange.safeMarketStructure({ id: "BTCUSDT", symbol: "BTC/USDT", base: "BTC", quote: "USDT", type: "spot", spot: true });
  return (all) => {
    let sum = 0;
    for (const frame of all) {
      const trade = exchange.parseWsTrade(JSON.parse(frame.toString("utf8")).data, market);
      sum += trade.price + trade.amount;
    }
    return sum;
  };
}

function time(way: Way, all: readonly Buffer[]): { least: number; median: number } {
  const times = Array.from({ length: runs }, () => {
    const before = process.cpuUsage();
    way(all);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  }).sort((a, b) => a - b);
  return { least: times[0]!, median: times[runs >> 1]! };
}

install();
const peer = ccxt();
if (!peer) console.log("ccxt is not installed: left out");
for (const [name, message] of Object.entries(messages)) {
  const all = Array.from({ length: frames }, (_, i) => Buffer.from(message(i)));
  const ways: [string, Way][] = [
    ["tickforge", ours],
    ["JSON.parse", parsed],
    ...(peer && name === "trade" ? [["ccxt", peer] as [string, Way]] : []),
  ];
  const want = parsed(all);
  for (const [, way] of ways) if (Math.abs(way(all) - want) > 1e-6 * want) throw new Error(`${name}: ${way(all)}, expected ${want}`);
  const bytes = all.reduce((sum, { length }) => sum + length, 0) / frames;
  for (const [who, way] of ways) {
    const { least, median } = time(way, all);
    console.log(
      `${name}, ${bytes.toFixed(0)} bytes  ${who.padEnd(10)}  ${(frames / least / 1e6).toFixed(2)} M messages/s at best, ${(frames / median / 1e6).toFixed(2)} median; ${((frames * bytes) / least / 1e6).toFixed(0)} MB/s at best`,
    );
  }
}
