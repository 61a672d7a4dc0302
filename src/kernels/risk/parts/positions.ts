/** What the margin kernels share: columns of positions, what can be wrong with one, and what it is worth. */

import { spread } from "../../parts/sample.js";
import { normalCdf } from "../../parts/special.js";
import { logReturn } from "../../parts/window.js";

const { exp, sqrt } = Math;
const column = (unit: string, doc: string, expects: string) => ({ dtype: "f64", shape: ["position"], unit, doc, expects }) as const;
const perYear = (doc: string) => ({ ...column("per year", doc, "a rate from -1 to 10"), optional: true }) as const;

export const positionInputs = {
  quantity: column("contracts", "units or contracts held, negative where sold", "a number of at most 1e15"),
  multiplier: {
    ...column("units/contract", "units of the underlying in a contract; 1 where left out", "a number > 0 and <= 1e15"),
    optional: true,
  },
  kind: {
    dtype: "u8",
    shape: ["position"],
    unit: "code",
    doc: "0: the asset itself (stock, coin), 1: call, 2: put, 3: future or perpetual, worth what its price has moved since `strike`",
    expects: "0 (asset), 1 (call), 2 (put) or 3 (future or perpetual)",
  },
  underlying: {
    dtype: "u32",
    shape: ["position"],
    unit: "row of price",
    doc: "instrument whose price moves this position",
    expects: "a row of 'price' that holds a price above 1e-280",
  },
  strike: column(
    "price",
    "price at which an option is exercised, or a future was entered or last settled; not looked at for an asset",
    "a strike above 1e-280, or for a future a finite price",
  ),
  expiry: column("years", "time to expiry; looked at for options", "0 (expires now) to 1,000 years: an expired option is no position"),
  volatility: column("per sqrt(year)", "annual, 0.2 for 20 %; looked at for options", "0 to 10, where 0.2 stands for 20 %"),
  rate: perYear("continuous interest rate; 0 where left out; looked at for options"),
  dividendYield: perYear("continuous yield of the asset (of a future: the rate); 0 where left out; looked at for options"),
  price: {
    dtype: "f64",
    shape: ["instrument"],
    unit: "price",
    doc: "price of each instrument; NaN or not above 0: it has none, and positions in it are wrong",
  },
} as const;

export const badParam = (marked: string) =>
  ({
    type: "enum",
    values: ["refuse", marked],
    default: "refuse",
    doc: `a position that cannot be priced: an error that names its row and value, or ${marked === "mark" ? "NaN and a status, the others being computed" : "left out, the others being computed"}`,
  }) as const;

/** What a `status` stands for: nothing, or the column that is wrong. `price`: the instrument is known and has no price. */
export const positionStatus = [
  "ok",
  "quantity",
  "multiplier",
  "kind",
  "underlying",
  "strike",
  "expiry",
  "volatility",
  "rate",
  "dividendYield",
  "price",
] as const;
export type Fault = (typeof positionStatus)[number];

type Numbers = ArrayLike<number>;
export interface Positions {
  quantity: Numbers;
  multiplier?: Numbers | undefined;
  kind: Numbers;
  underlying: Numbers;
  strike: Numbers;
  expiry: Numbers;
  volatility: Numbers;
  rate?: Numbers | undefined;
  dividendYield?: Numbers | undefined;
  price: Numbers;
}

const most = 1e15;
/** Prices below this are mistakes, and scenarios of them would leave the normal numbers. */
const least = 1e-280;
const within = (x: number, low: number, high: number) => x >= low && x <= high;

/** The first column that is wrong in a position. */
export function faultOf(p: Positions, i: number): Fault {
  if (!within(p.quantity[i]!, -most, most)) return "quantity";
  if (p.multiplier && !(p.multiplier[i]! > 0 && p.multiplier[i]! <= most)) return "multiplier";
  if (p.kind[i]! > 3) return "kind";
  if (p.underlying[i]! >= p.price.length) return "underlying";
  const price = p.price[p.underlying[i]!]!;
  if (!(price > least && price <= most)) return "price";
  if (p.kind[i] === 0) return "ok";
  if (p.kind[i] === 3) return within(p.strike[i]!, -most, most) ? "ok" : "strike";
  if (!(p.strike[i]! > least && p.strike[i]! <= most)) return "strike";
  if (!within(p.expiry[i]!, 0, 1_000)) return "expiry";
  if (!within(p.volatility[i]!, 0, 10)) return "volatility";
  if (p.rate && !within(p.rate[i]!, -1, 10)) return "rate";
  return !p.dividendYield || within(p.dividendYield[i]!, -1, 10) ? "ok" : "dividendYield";
}

/** The refusal of a position, as a reference returns it. */
export const refusal = (fault: Fault, row: number) => ({
  consumed: row,
  produced: 0,
  refused: { code: "badValue", input: fault === "price" ? "underlying" : fault, row } as const,
});

/** What a position is worth where the price of its asset is multiplied by `ratio` and its volatility by `bump`. */
export function worthOf(p: Positions, i: number, ratio: number, bump: number): number {
  const [s, k, t] = [p.price[p.underlying[i]!]! * ratio, p.strike[i]!, p.expiry[i]!];
  const units = p.quantity[i]! * (p.multiplier?.[i] ?? 1);
  if (p.kind[i] === 0) return units * s;
  if (p.kind[i] === 3) return units * (s - k);
  const [rate, yields] = [p.rate?.[i] ?? 0, p.dividendYield?.[i] ?? 0];
  const w = p.kind[i] === 1 ? 1 : -1;
  const [asset, cash] = [s * exp(-yields * t), k * exp(-rate * t)];
  const deviation = p.volatility[i]! * bump * sqrt(t);
  if (deviation === 0) return units * Math.max(0, w * (asset - cash));
  const d1 = (logReturn(k, s) + (rate - yields) * t) / deviation + deviation / 2;
  return units * w * (asset * normalCdf(w * d1) - cash * normalCdf(w * (d1 - deviation)));
}

/** Books of all kinds; prices of six decades, positions worth about 1,000; every sixteenth option at expiry, another without volatility. */
export function samplePositions(position: number, instrument: number, random: () => number) {
  const price = Float64Array.from({ length: instrument }, () => 10 * spread(random));
  const underlying = Uint32Array.from({ length: position }, () => Math.floor(random() * instrument));
  const per = <T>(make: (i: number) => T) => Float64Array.from({ length: position }, (_, i) => make(i) as number);
  const spot = per((i) => price[underlying[i]!]!);
  return {
    quantity: per((i) => Math.sign(random() - 0.42) * 100 * random() * (10 / spot[i]!)),
    multiplier: per(() => 0.5 + random()),
    kind: Uint8Array.from({ length: position }, (_, i) => (i % 3 === 0 ? (i % 2) * 3 : 1 + Math.floor(random() * 2))),
    underlying,
    strike: per((i) => (i % 16 === 9 ? spot[i]! : spot[i]! * exp(0.4 * (random() - 0.45)))),
    expiry: per((i) => (i % 16 === 5 ? 0 : (1 / 365) * 1_000 ** random())),
    volatility: per((i) => (i % 16 === 7 ? 0 : 0.1 * 20 ** random())),
    rate: per((i) => (i % 16 === 9 ? 0 : 0.1 * (random() - 0.2))),
    dividendYield: per((i) => (i % 16 === 9 ? 0 : 0.05 * random())),
    price,
  };
}

/** Spoils some positions in each of the ways there are. */
export function spoil(p: ReturnType<typeof samplePositions>): void {
  const ways: ((i: number) => void)[] = [
    (i) => (p.quantity[i] = Number.NaN),
    (i) => (p.multiplier[i] = 0),
    (i) => (p.kind[i] = 4),
    (i) => (p.underlying[i] = p.price.length),
    (i) => (p.strike[i] = Number.NaN),
    (i) => (p.expiry[i] = -1 / 365),
    (i) => (p.volatility[i] = 20),
    (i) => (p.rate[i] = 11),
    (i) => (p.dividendYield[i] = -2),
  ];
  for (let i = 10; i < p.quantity.length; i += 11) ways[((i - 10) / 11) % ways.length]!(i);
  if (p.price.length > 3) p.price[2] = Number.NaN;
}
