import { kernel } from "../../../core/call/kernel.js";
import { badParam, faultOf, positionInputs, positionStatus, refusal, samplePositions, spoil, worthOf } from "../parts/positions.js";

const range = (what: string) =>
  ({
    dtype: "f64",
    shape: ["instrument"],
    check: { min: 0, max: 100 },
    unit: "ratio",
    doc: `relative move of the ${what} that a shock of 1 stands for, 0.15 for 15 %`,
    expects: `a range at which no shock takes the ${what} ${what === "price" ? "to 0 or below" : "below 0"}`,
  }) as const;
const shock = (unit: string, doc: string, check: { min: number; max: number }) =>
  ({ dtype: "f64", shape: ["scenario"], unit, doc, check }) as const;

const third = 1 / 3;
/**
 * The classic sixteen: the price unmoved and a third, two thirds and the whole of its range up and down, each with the volatility up
 * and down; then twice the range either way, of which 35 % counts.
 */
export const scanScenarios = {
  priceShock: Float64Array.of(0, 0, third, third, -third, -third, 2 * third, 2 * third, -2 * third, -2 * third, 1, 1, -1, -1, 2, -2),
  volatilityShock: Float64Array.of(1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 0, 0),
  share: Float64Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.35, 0.35),
};

/** Scenarios of the samples: the sixteen, or others. */
const sampleScenarios = (scenario: number, random: () => number) =>
  scenario === 16
    ? scanScenarios
    : {
        priceShock: Float64Array.from({ length: scenario }, (_, s) => (s % 5 === 3 ? 0 : 3 * (random() - 0.5))),
        volatilityShock: Float64Array.from({ length: scenario }, (_, s) => (s % 4 === 1 ? 0 : 2 * (random() - 0.5))),
        share: Float64Array.from({ length: scenario }, random),
      };

/** Profit and loss of positions under shocks of price and volatility. */
export const marginGrid = kernel({
  name: "margin_grid",
  rows: "position",
  doc:
    "Profit and loss of each position in each scenario: assets and futures in proportion to the price, options repriced in full by " +
    "Black-Scholes-Merton. Scenario s multiplies the price of an instrument by 1 + priceShock[s] priceRange and its options' volatilities by " +
    "1 + volatilityShock[s] volatilityRange; share[s] of the result counts. `scanScenarios` are the classic sixteen. Positions do not look at " +
    "each other: after a price has moved, a bound call on the rows of that instrument alone leaves what a whole run would, to the bit.",
  source:
    "Kupiec & White (1996), J. Futures Markets 16(8); the sixteen scenarios as in McMillan, Options as a Strategic Investment, chapter 34; " +
    "Merton (1973), Bell J. Econ. 4(1)",
  inputs: {
    ...positionInputs,
    priceRange: range("price"),
    volatilityRange: range("volatility"),
    priceShock: shock("price ranges", "move of the price in each scenario", { min: -100, max: 100 }),
    volatilityShock: shock("volatility ranges", "move of the volatilities in each scenario", { min: -100, max: 100 }),
    share: shock("ratio", "part of the profit or loss that counts, 1 but for extreme moves", { min: 0, max: 1 }),
  },
  params: { bad: badParam("mark") },
  outputs: {
    profit: { dtype: "f64", shape: ["position", "scenario"], unit: "currency", doc: "profit, losses negative; NaN where status is not 0" },
    value: { dtype: "f64", shape: ["position"], unit: "currency", doc: "what the position is worth now; NaN where status is not 0" },
    status: {
      dtype: "u8",
      shape: ["position"],
      unit: "code",
      doc: "0, or what is wrong, as `positionStatus` lists it: 1 quantity, 2 multiplier, 3 kind, 4 underlying, 5 strike, 6 expiry, 7 volatility, 8 rate, 9 dividendYield, 10 no price",
    },
  },
  // A profit is a difference of values, which the samples hold near 1,000.
  compare: {
    profit: { f64: { relative: 1e-11, floor: 1 }, f32: { relative: 1e-11, floor: 1 } },
    value: { f64: { relative: 1e-11, floor: 1 }, f32: { relative: 1e-11, floor: 1 } },
    status: { f64: { exact: true }, f32: { exact: true } },
  },
  workspace: true,
  cost: ({ position = 0, scenario = 0 }) => ({ flops: position * (200 + 130 * scenario), bytes: position * (70 + 8 * scenario) }),
  reference({ in: positions, params: { bad }, out, dims: { scenario = 0 } }) {
    const { price, priceRange, volatilityRange, priceShock, volatilityShock, share, quantity } = positions;
    for (const [input, column, shocks, least] of [
      ["priceRange", priceRange, priceShock, Number.MIN_VALUE],
      ["volatilityRange", volatilityRange, volatilityShock, 0],
    ] as const)
      for (let u = 0; u < price.length; u++)
        if (shocks.some((by) => 1 + by * column[u]! < least))
          return { consumed: 0, produced: 0, refused: { code: "badValue", input, row: u } };
    for (let i = 0; i < quantity.length; i++) {
      const fault = faultOf(positions, i);
      if (fault !== "ok" && bad === "refuse") return refusal(fault, i);
      const u = positions.underlying[i]!;
      out.status[i] = positionStatus.indexOf(fault);
      const value = fault === "ok" ? worthOf(positions, i, 1, 1) : Number.NaN;
      out.value[i] = value;
      for (let s = 0; s < scenario; s++) {
        const [ratio, bump] = [1 + priceShock[s]! * priceRange[u]!, 1 + volatilityShock[s]! * volatilityRange[u]!];
        out.profit[i * scenario + s] = fault === "ok" ? share[s]! * (worthOf(positions, i, ratio, bump) - value) : Number.NaN;
      }
    }
    return undefined;
  },
  sample({ position = 0, instrument = 0, scenario = 0 }, random, { bad }) {
    const positions = samplePositions(position, instrument, random);
    if (bad === "mark") spoil(positions);
    return {
      ...positions,
      priceRange: Float64Array.from({ length: instrument }, (_, u) => (u === 1 ? 0 : 0.05 + 0.3 * random())),
      volatilityRange: Float64Array.from({ length: instrument }, () => 0.1 + 0.4 * random()),
      ...sampleScenarios(scenario, random),
    };
  },
  golden: [
    {
      source:
        "mpmath 1.3.0 with 50 digits: the pricing formula at moved prices and volatilities; 10 shares, 2 short calls, 3 puts on 100, 3 short futures from 98",
      inputs: {
        quantity: [10, -2, 3, -3],
        multiplier: [1, 100, 100, 10],
        kind: [0, 1, 2, 3],
        underlying: [0, 0, 0, 0],
        strike: [0, 105, 95, 98],
        expiry: [0, 0.25, 0.5, 0],
        volatility: [0, 0.3, 0.4, 0],
        rate: [0, 0.03, 0.03, 0],
        dividendYield: [0, 0.01, 0.01, 0],
        price: [100],
        priceRange: [0.125],
        volatilityRange: [0.25],
        priceShock: [0, 1, -1, -2],
        volatilityShock: [1, 1, -1, 0],
        share: [1, 1, 1, 0.35],
      },
      outputs: {
        value: [1000, -824.3916971041584, 2445.573000802097, -60],
        profit: [
          0, 125, -125, -87.5, -293.7922959493206, -1716.4073551254003, 771.7099081243855, 284.14111266623786, 791.3311048192913,
          -336.9068131721341, 952.5340789160641, 1431.193628854344, 0, -375, 375, 262.5,
        ],
        status: [0, 0, 0, 0],
      },
      relative: 1e-12,
    },
    {
      source: "hand calculation: a share without a price and an expired call are marked, the share beside them gains 10 %",
      inputs: {
        quantity: [1, 1, 1],
        kind: [0, 1, 0],
        underlying: [1, 0, 0],
        strike: [0, 100, 0],
        expiry: [0, -0.01, 0],
        volatility: [0, 0.2, 0],
        price: [100, Number.NaN],
        priceRange: [0.1, 0.1],
        volatilityRange: [0, 0],
        priceShock: [1],
        volatilityShock: [0],
        share: [1],
      },
      options: { bad: "mark" },
      outputs: { value: [Number.NaN, Number.NaN, 100], profit: [Number.NaN, Number.NaN, 10], status: [10, 6, 0] },
      relative: 1e-14,
    },
  ],
  parity: [
    { dims: { position: 0, instrument: 1, scenario: 16 } },
    { dims: { position: 1, instrument: 1, scenario: 1 } },
    { dims: { position: 67, instrument: 4, scenario: 0 } },
    { dims: { position: 603, instrument: 9, scenario: 16 } },
    { dims: { position: 603, instrument: 9, scenario: 16 }, options: { bad: "mark" } },
    { dims: { position: 203, instrument: 5, scenario: 21 }, without: ["multiplier", "rate", "dividendYield"] },
  ],
  bench: [
    { dims: { position: 100_000, instrument: 500, scenario: 16 }, label: "100,000 positions, 16 scenarios" },
    { dims: { position: 1_000, instrument: 1, scenario: 16 }, label: "1,000 positions of one instrument" },
  ],
});
