/** Seeded rows for engines: times that rise, some of them equal, sizes of many decades, instruments that come late and seldom. */
import { seeded } from "../../../src/kernels/parts/sample.js";
import type { Input, Row } from "../kit/drive.js";

const begin = 1_700_000_000_000_000_000n;
export const second = 1_000_000_000n;

interface Step {
  readonly time: bigint;
  readonly instrument: number;
  /** Of the instrument, a walk in ticks. */
  readonly price: number;
  readonly random: () => number;
}
/** What came at a step: a row of a port, or several. */
type Make = (step: Step) => Input | readonly Input[];

/** `gap`: mean seconds between rows. */
export function walk(rows: number, seed: number, instruments: number, gap: number, make: Make): Input[] {
  const random = seeded(seed);
  const prices = Array.from({ length: instruments }, (_, i) => 50 + 100 * i);
  const made: Input[] = [];
  let time = begin;
  while (made.length < rows) {
    time += random() < 0.15 ? 0n : BigInt(Math.floor(2e9 * gap * random()));
    const instrument = made.length > rows / 5 ? Math.floor(instruments * random()) : Math.floor(Math.max(1, instruments - 1) * random());
    prices[instrument] = Math.max(1, prices[instrument]! + Math.round(9 * (random() - 0.5)) / 8);
    made.push(...asList(make({ time, instrument, price: prices[instrument]!, random })));
  }
  return made.slice(0, rows);
}
const asList = (made: Input | readonly Input[]): readonly Input[] =>
  typeof made[0] === "string" ? [made as Input] : (made as readonly Input[]);

/** Sizes that no sum of doubles has exactly. */
const sizeOf = (random: () => number) => (random() < 0.03 ? 0 : 10 ** (3 * random() - 2));

export const trade = ({ time, instrument, price, random }: Step): Input => [
  "trades",
  { time, instrument, price, size: sizeOf(random), side: [1, -1, 1, -1, 0][Math.floor(5 * random())]! },
];
export const quote = ({ time, instrument, price, random }: Step): Input => [
  "quotes",
  { time, instrument, bid: price - random() / 4, ask: price + random() / 4, bidSize: sizeOf(random), askSize: sizeOf(random) },
];
/** A book of three levels a side; now and then a side is short, or nobody knows the book. */
export const levelled = ({ time, instrument, price, random }: Step): Input => {
  const known = random() < 0.05 ? 0 : random() < 0.2 ? 2 : 3;
  const side = (sign: 1 | -1) => [1, 2, 3].map((level) => (level > known ? Number.NaN : price + (sign * (level - random() / 2)) / 4));
  const sizes = () => [1, 2, 3].map((level) => (level > known ? Number.NaN : sizeOf(random)));
  return ["book", { time, instrument, bid: side(-1), bidSize: sizes(), ask: side(1), askSize: sizes() }];
};
export const priced = ({ time, instrument, price }: Step): Input => ["prices", { time, instrument, price }];
export const held = ({ time, instrument, random }: Step, more: Row = {}): Input => [
  "holdings",
  { time, instrument, quantity: 40 * (random() - 0.45), ...more },
];
export const filled = ({ time, instrument, price, random }: Step): Input => [
  "fills",
  {
    ...{ time, instrument, price, size: sizeOf(random), side: random() < 0.5 ? 1 : -1, fee: random() / 10 },
    decision: random() < 0.3 ? Number.NaN : price + random() - 0.5,
  },
];

/** Rows for a venue on paper: a quote, a trade at it, or a request of any kind, in ticks of 1/8 and lots of 1/64. */
export function traded({ time, instrument, price, random }: Step): Input {
  const size = () => Math.ceil(300 * random()) / 64;
  const side = random() < 0.5 ? 1 : -1;
  const draw = random();
  if (draw < 0.4) return ["quotes", { time, instrument, bid: price - 1 / 8, ask: price + 1 / 8, bidSize: size(), askSize: size() }];
  if (draw < 0.7) return ["trades", { time, instrument, price: price + (side * Math.ceil(2 * random())) / 8, size: size(), side }];
  const order = BigInt(Math.ceil(40 * random()));
  const asked = { time, instrument, order, side, price: price + Math.ceil(5 * random() - 3) / 8, size: size(), decision: price };
  return ["orders", { ...asked, kind: 8 + Math.floor(8 * random()) }];
}

export const alarmed = ({ time, instrument, random }: Step, more: Row = {}): Input => [
  "toxicity",
  { endTime: time, instrument, alarm: random() < 0.5 ? 1 : 0, ...more },
];
/** On the grid of eighths, but for a few; now and then of one side alone. */
export const shown = ({ time, instrument, price, random }: Step): Input => {
  const off = random() < 0.03 ? 0.01 : 0;
  const none = random() < 0.05;
  const [bid, bidSize] = none ? [Number.NaN, Number.NaN] : [price - 1 / 8 - off, Math.ceil(99 * random()) / 64];
  return ["quotes", { time, instrument, bid, bidSize, ask: price + 1 / 8, askSize: Math.ceil(99 * random()) / 64 }];
};
/** A venue's answer to one of the first orders, whatever it asked for. */
export function answered({ time, instrument, price, random }: Step, orders: number): Input {
  const kind = 1 + Math.floor(5 * random());
  const size = Math.ceil(100 * random()) / 64;
  const of = { time, happened: time - 5n, instrument, order: BigInt(Math.ceil(orders * random())), kind, reason: Math.floor(9 * random()) };
  const left = random() < 0.3 ? 0 : Math.ceil(100 * random()) / 64;
  const queue = random() < 0.3 ? Number.NaN : 3 * random();
  return ["order_news", { ...of, side: 1, price, size, left, maker: random() < 0.5 ? 1 : 0, fee: random() / 10, queue }];
}
/** A level of a book of eighths; now and then it begins anew. */
export function changed({ time, instrument, price, random }: Step): Input {
  const side = random() < 0.5 ? 1 : -1;
  const level = price - (side * Math.ceil(4 * random())) / 8;
  const flags = (random() < 0.02 ? 1 : 0) + (random() < 0.8 ? 2 : 0);
  return ["book_changes", { time, instrument, side, price: level, size: random() < 0.3 ? 0 : Math.ceil(99 * random()) / 64, flags }];
}
export const signaled = ({ time, instrument, random }: Step): Input => [
  "signals",
  { time, instrument, expected: random() < 0.2 ? Number.NaN : 0.01 * (random() - 0.4) },
];
/** A factor model in which now and then an asset is missing. */
export function modelled({ time, random }: Step, assets: number, factors: number): Input {
  const fill = (length: number, value: (at: number) => number) => Float64Array.from({ length }, (_, at) => value(at));
  return [
    "risk_model",
    {
      time,
      loading: fill(assets * factors, () => (random() < 0.04 ? Number.NaN : 1.5 * random() - 0.3)),
      covariance: fill(factors ** 2, (at) => (at % (factors + 1) === 0 ? 1e-4 * (1 + random()) : 2e-5)),
      specific: fill(assets, () => (random() < 0.05 ? Number.NaN : 0.01 + 0.02 * random())),
    },
  ];
}

/** Cross-sections of dates, some returns and capitalizations missing. */
export function sections(dates: number, assets: number, styles: number, seed: number): Input[] {
  const random = seeded(seed);
  const fill = (length: number, value: () => number) => Float64Array.from({ length }, value);
  return Array.from(
    { length: dates },
    (_, t): Input => [
      "cross_sections",
      {
        time: begin + BigInt(t) * 86_400n * second,
        returns: fill(assets, () => (random() < 0.03 ? Number.NaN : 0.05 * (random() - 0.45))),
        cap: fill(assets, () => (random() < 0.02 ? Number.NaN : 10 ** (1 + 3 * random()))),
        weights: fill(assets, () => random() / assets),
        styles: fill(styles * assets, () => random() + random() - 0.9),
      },
    ],
  );
}
