/** Weights against the kernels on the same rows, what alarms do to them, money to the cent, and what is said where there is no answer. */
import { describe, expect, it } from "vitest";
import { ewmaCovariance, ledoitWolf, meanVariance, minimumVariance } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { portfolio } from "../../../src/system/table/portfolio.js";
import { type Given, type Input, drive as run } from "../kit/drive.js";

const second = 1_000_000_000n;
const instruments = ["A", "B", "C"];
const price = (at: number, instrument: number, value: number): Input => [
  "prices",
  { time: BigInt(Math.round(at * 1e9)), instrument, price: value },
];
const alarm = (at: number, instrument: number, on: number): Input => [
  "toxicity",
  { endTime: BigInt(Math.round(at * 1e9)), instrument, alarm: on },
];

/** A price a second of each, with volatilities of 1 : 2 : 3 and a common part; `from`: the second of the first price of each. */
function tape(seconds: number, from: readonly number[] = [0, 0, 0]): Input[] {
  const random = seeded(7);
  const now = [100, 50, 20];
  return Array.from({ length: seconds }, (_, t) => {
    const common = random() - 0.5;
    return now.flatMap((_, i) => {
      now[i]! *= 1 + 0.01 * (i + 1) * (random() - 0.5) + 0.01 * common;
      return t < from[i]! ? [] : [price(t, i, now[i]!)];
    });
  }).flat();
}

/** What it gives, and what it says. */
async function drive(inputs: readonly Input[], options: object, names = instruments): Promise<{ given: Given; said: string[] }> {
  const said: string[] = [];
  const heard = {
    ...portfolio,
    begin: (of: Parameters<typeof portfolio.begin>[0]) => portfolio.begin({ ...of, log: (line) => said.push(line) }),
  };
  return { given: await run(heard as typeof portfolio, inputs, { options, instruments: names }), said };
}
const weightsOf = ({ target_weights: found }: Given, solve: number, column = "weight"): number[] =>
  found![column]!.filter((_, i) => found!.solve![i] === solve) as number[];
const near = (found: readonly number[], wanted: ArrayLike<number>, digits = 6) => {
  expect(found.length).toBe(wanted.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(wanted[i]!, digits);
};

const few = { window: 20, interval: 30, lot: 0.01 };

describe("of prices", () => {
  it("are those of least variance by the covariance of the last bars, and orders bring them about to the cent", async () => {
    const rows = tape(62);
    const { given } = await drive(rows, { ...few, costRate: 0.001 });
    const { time, status, gap, cash, worth, cost, solve } = given.portfolio!;
    expect([time, status, solve]).toEqual([
      [30n * second, 60n * second],
      [0, 0],
      [1, 2],
    ]);
    for (const one of gap!) expect(one).toBeLessThan(1e-8);
    const prices = (t: number) =>
      [0, 1, 2].map((i) => rows.find(([, row]) => row.time === BigInt(t) * second && row.instrument === i)![1].price as number);
    // The bar of second 29 ends with the first price of second 30.
    const returns = Float64Array.from({ length: 60 }, (_, at) => {
      const [t, i] = [10 + Math.floor(at / 3), at % 3];
      return prices(t)[i]! / prices(t - 1)[i]! - 1;
    });
    const { covariance } = ledoitWolf({ returns }, { assets: 3, target: "constant_correlation" });
    near(weightsOf(given, 1), minimumVariance({ covariance }, { assets: 3 }).weights);
    // All that was bought and sold, by hand.
    const { orders } = given;
    const [held, left] = [[0, 0, 0], [1_000_000]];
    for (const [k, instrument] of orders!.instrument!.entries()) {
      const units = Number(orders!.size![k]) * Number(orders!.side![k]);
      const money = units * Number(orders!.decision![k]);
      expect(orders!.cost![k]).toBeCloseTo(0.001 * Math.abs(money), 6);
      held[Number(instrument)]! += units;
      left[0]! -= money + 0.001 * Math.abs(money);
    }
    expect(cash!.at(-1)).toBeCloseTo(left[0]!, 4);
    const last = prices(59);
    expect(worth!.at(-1)).toBeCloseTo(
      held.reduce((sum, units, i) => sum + units * last[i]!, left[0]!),
      4,
    );
    near(
      held.map((units, i) => (units * last[i]!) / Number(worth!.at(-1))),
      weightsOf(given, 2),
      4,
    );
    expect(Number(cost![0]) + Number(cost![1])).toBeCloseTo(
      orders!.cost!.reduce<number>((sum, one) => sum + Number(one), 0),
      6,
    );
    expect(orders!.order).toEqual(orders!.order!.map((_, i) => BigInt(i + 1)));
  });

  it("may weigh younger returns more", async () => {
    const rows = tape(32);
    const { given } = await drive(rows, { ...few, estimator: "exponential", halfLife: 4 });
    const at = (t: number, i: number) => rows[3 * t + i]![1].price as number;
    const returns = Float64Array.from({ length: 60 }, (_, k) => at(10 + Math.floor(k / 3), k % 3) / at(9 + Math.floor(k / 3), k % 3) - 1);
    const { covariance } = ewmaCovariance({ returns }, { assets: 3, batch: 20, halfLife: 4 });
    near(weightsOf(given, 1), minimumVariance({ covariance }, { assets: 3 }).weights);
  });

  it("leave out an instrument until it has a whole window", async () => {
    const { given } = await drive(tape(95, [0, 0, 25]), few);
    expect(given.portfolio!.assets).toEqual([2, 3, 3]);
    expect(given.portfolio!.missing).toEqual([1, 0, 0]);
    expect([weightsOf(given, 1)[2], weightsOf(given, 1, "there")]).toEqual([0, [1, 1, 0]]);
    const { given: early, said } = await drive(tape(15), { ...few, interval: 5 });
    expect(early.portfolio!.time).toEqual([]);
    expect(said).toEqual(["no weights yet: no instrument has 20 bars of prices in which it moved"]);
  });

  it("hold what a topic says is held: paid at last prices, a debt is paid back", async () => {
    const rows = tape(62);
    const hold = (at: number, instrument: number, quantity: number): Input => [
      "holdings",
      { time: BigInt(at) * second, instrument, quantity },
    ];
    const at = rows.findIndex(([, row]) => row.time === 40n * second);
    // A's units come before its first price, B's are more than the money does.
    const { given } = await drive([hold(0, 0, 100), ...rows.slice(0, at), hold(40, 1, 6000), ...rows.slice(at)], {
      ...few,
      capital: 100_000,
    });
    const first = (i: number) => rows.find(([, row]) => row.instrument === i)![1].price as number;
    const before = rows.slice(0, at).findLast(([, row]) => row.instrument === 1)![1].price as number;
    const cash = 100_000 - 100 * first(0) - 6000 * before;
    expect(cash).toBeLessThan(-100_000);
    const { worth, cash: after } = given.portfolio!;
    const [a, b] = [0, 1].map((i) => rows.find(([, row]) => row.time === 59n * second && row.instrument === i)![1].price as number);
    expect(worth![1]).toBeCloseTo(cash + 100 * a! + 6000 * b!, 5);
    // What the trades would leave; they are not done before holdings say so.
    expect(Math.abs(Number(after![1]))).toBeLessThan(1);
    expect(weightsOf(given, 2, "before")[1]).toBeCloseTo((6000 * b!) / Number(worth![1]), 9);
  });

  it("do not trade at old prices, nor without one", async () => {
    const rows = tape(62).filter(([, row]) => row.instrument !== 2 || (row.time as bigint) < 45n * second);
    const { given, said } = await drive(rows, { ...few, staleSeconds: 10 });
    expect(given.portfolio!.unpriced).toEqual([0, 1]);
    const later = given.orders!.instrument!.filter((_, k) => given.orders!.solve![k] === 2);
    expect([later.length, later.includes(2)]).toEqual([2, false]);
    expect(said).toEqual(["1 assets have no price, or an old one, and are not traded: C"]);
  });
});

/** Loadings of five assets on two factors. */
const five = ["A", "B", "C", "D", "E"];
const model = (time: number, change: { loading?: number[]; covariance?: number[]; specific?: number[] } = {}): Input => [
  "risk_model",
  {
    time: BigInt(time) * second,
    loading: [1, 0.2, 0.8, -0.3, 1.2, 0.5, 0.9, -0.4, 1.1, 0],
    covariance: [1e-4, 1e-5, 1e-5, 4e-5],
    specific: [0.01, 0.02, 0.015, 0.012, 0.018],
    ...change,
  },
];
const modelPorts = (assets: number[]) => {
  const [, row] = model(0);
  const { loading, covariance, specific } = row as Record<string, number[]>;
  return {
    loading: Float64Array.from(assets.flatMap((i) => loading!.slice(2 * i, 2 * i + 2))),
    factorCovariance: Float64Array.from(covariance!),
    specificVariance: Float64Array.from(assets, (i) => specific![i]! ** 2),
  };
};
const signal = (time: number, instrument: number, expected: number): Input => [
  "signals",
  { time: BigInt(time) * second, instrument, expected },
];

describe("of a factor model", () => {
  it("weigh signals, risk and costs as the kernel does; an asset without a signal is named", async () => {
    const expected = [0.001, -0.0005, 0.0008, Number.NaN, 0.0012];
    const inputs = [...expected.map((value, i) => signal(0, i, value)), model(1), model(2)];
    const options = { factors: 2, objective: "mean_variance", riskAversion: 6, upper: 0.5, costRate: 0.002, costHorizon: 20, capital: 0 };
    const { given, said } = await drive(inputs, { ...options, turnoverLimit: 0.1 }, five);
    const wanted = (held: number[], more: object = {}) =>
      meanVariance(
        {
          ...{ ...modelPorts([0, 1, 2, 3, 4]), expected: Float64Array.from(expected, (value) => value || 0) },
          ...{ riskAversion: Float64Array.of(6), upper: new Float64Array(5).fill(0.5), held: Float64Array.from(held) },
          tradeCost: new Float64Array(5).fill(0.0001),
        },
        { assets: 5, ...more },
      );
    const first = wanted([0, 0, 0, 0, 0]);
    near(weightsOf(given, 1), first.weights);
    expect(given.portfolio!.expectedReturn![0]).toBeCloseTo(first.mean[0]!, 8);
    expect(given.portfolio!.risk![0]).toBeCloseTo(first.risk[0]!, 8);
    expect(given.portfolio!.turnover![0]).toBeCloseTo(1, 9);
    near(weightsOf(given, 2), wanted(weightsOf(given, 1), { turnoverLimit: 0.1 }).weights);
    expect([given.portfolio!.unsignaled, given.portfolio!.cause, given.orders!.time]).toEqual([[1, 1], [1, 1], []]);
    expect(said).toEqual(["1 assets have no signal, 0 is taken: D"]);
  });

  it("of several factors are those of the kernel", async () => {
    const random = seeded(5);
    const fill = (length: number, of: (at: number) => number) => Array.from({ length }, (_, at) => of(at));
    const mixed = fill(9, () => 0.02 * (random() - 0.5));
    const loading = fill(15, () => 2 * random() - 0.5);
    const covariance = fill(9, (at) =>
      [0, 1, 2].reduce((sum, l) => sum + mixed[3 * Math.floor(at / 3) + l]! * mixed[3 * (at % 3) + l]!, 0),
    );
    const specific = fill(5, () => 0.005 + 0.01 * random());
    const { given } = await drive([model(1, { loading, covariance, specific })], { factors: 3, upper: 0.4 }, five);
    const ports = { loading: Float64Array.from(loading), factorCovariance: Float64Array.from(covariance) };
    const specificVariance = Float64Array.from(specific, (one) => one ** 2);
    const wanted = minimumVariance({ ...ports, specificVariance, upper: new Float64Array(5).fill(0.4) }, { assets: 5 });
    near(weightsOf(given, 1), wanted.weights);
    expect(given.portfolio!.objective![0]).toBeCloseTo(wanted.objective[0]!, 10);
  });

  it("do without an asset that vanishes, and with it again", async () => {
    const without = model(2, { specific: [0.01, 0.02, Number.NaN, 0.012, 0.018] });
    const { given, said } = await drive([model(1), without, model(3)], { factors: 2, upper: 0.6 }, five);
    const rest = minimumVariance({ ...modelPorts([0, 1, 3, 4]), upper: new Float64Array(4).fill(0.6) }, { assets: 4 }).weights;
    near(weightsOf(given, 2), [rest[0]!, rest[1]!, 0, rest[2]!, rest[3]!]);
    near(weightsOf(given, 3), weightsOf(given, 1));
    expect([given.portfolio!.assets, given.portfolio!.missing]).toEqual([
      [5, 4, 5],
      [0, 1, 0],
    ]);
    const weight = weightsOf(given, 1)[2]!.toPrecision(3);
    expect(said).toEqual([
      `the risk model has 1 assets no more, whose weights were ${weight} in all: C`,
      "the risk model has 1 assets anew: C",
    ]);
  });

  it("stay where a model is none, and how far it is from one is said; the model before it goes on", async () => {
    const indefinite = model(2, { covariance: [1e-4, 9e-5, 9e-5, 4e-5] });
    const askew = model(3, { covariance: [1e-4, 1e-5, 2e-5, 4e-5] });
    const hole = model(4, { covariance: [1e-4, Number.NaN, Number.NaN, 4e-5] });
    const nothing = model(6, { specific: new Array(5).fill(Number.NaN) });
    const { given, said } = await drive([model(1), indefinite, askew, hole, alarm(5, 0, 1), nothing], { factors: 2, upper: 0.9 }, five);
    expect([given.portfolio!.status, given.portfolio!.kept, given.portfolio!.cause]).toEqual([
      [0, 3, 3, 3, 0, 4],
      [0, 1, 1, 1, 0, 1],
      [1, 1, 1, 1, 2, 1],
    ]);
    expect(weightsOf(given, 5)[0]).toBeCloseTo(0.5 * weightsOf(given, 1)[0]!, 9);
    expect(said[0]).toMatch(/^weights stay as they are: 'covariance' is indefinite: its smallest eigenvalue is about -0\.0000249/);
    expect(said[1]).toMatch(/'covariance' is not symmetric: row 1, column 0 is 0\.00002, row 0, column 1 is 0\.00001/);
    expect(said[2]).toBe("weights stay as they are: 'covariance' of factors 0 and 1 is NaN");
    expect(said.at(-1)).toMatch(/no asset may be held/);
  });
});

describe("where there is no answer", () => {
  it("say which limits contradict each other, and stay", async () => {
    const { given, said } = await drive([model(1)], { factors: 2, upper: { A: 0.1, B: 0.2, C: 0.1, D: 0.1, E: 0.2 } }, five);
    const { status, kept, budgetCertificate, objective } = given.portfolio!;
    expect([status, kept, budgetCertificate, objective]).toEqual([[2], [1], [-1], [Number.NaN]]);
    expect([given.target_weights!.time, given.orders!.time]).toEqual([[], []]);
    expect(said).toEqual([
      "weights stay as they are: infeasible: budget 1 and the bounds contradict each other; bounds add up to 0 and 0.7",
    ]);
  });

  it("stay where the solver was stopped", async () => {
    const simple = model(2, { loading: new Array(10).fill(0), specific: new Array(5).fill(0.01) });
    const { given, said } = await drive([model(1), simple], { factors: 2, upper: 0.3, maxIterations: 3 }, five);
    expect([given.portfolio!.status, given.portfolio!.kept, given.portfolio!.iterations]).toEqual([
      [1, 0],
      [1, 0],
      [3, 3],
    ]);
    expect([weightsOf(given, 1), weightsOf(given, 2, "before")]).toEqual([[], [0, 0, 0, 0, 0]]);
    near(weightsOf(given, 2), new Array(5).fill(0.2));
    expect(said[0]).toMatch(/^weights stay as they are: stopped after 3 steps, the gap is \d/);
  });
});

describe("alarms", () => {
  /** Alarms right behind the first price of their second. */
  const behind = (rows: Input[], alarms: Input[]) =>
    rows.flatMap((row) => [row, ...alarms.filter(([, { endTime }]) => row[1].time === endTime && row[1].instrument === 0)]);

  it("halve a weight at once, buy none of it while they stand, and let it be when they end", async () => {
    const { given } = await drive(behind(tape(125), [alarm(40, 0, 1), alarm(50, 0, 1), alarm(85, 0, 0)]), few);
    const { time, cause, alarmed, status } = given.portfolio!;
    expect(time).toEqual([30n, 40n, 70n, 100n].map((t) => t * second));
    expect([cause, alarmed, status]).toEqual([
      [0, 2, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 0],
    ]);
    const [before, halved, standing, after] = [1, 2, 3, 4].map((solve) => weightsOf(given, solve)[0]!);
    expect(halved).toBeCloseTo(0.5 * before!, 9);
    // Told again while it stands, an alarm has not begun again.
    expect(standing).toBeCloseTo(0.5 * before!, 9);
    expect(after).toBeGreaterThan(0.6 * before!);
    const bought = given.orders!.solve!.filter(
      (solve, k) => Number(solve) === 3 && given.orders!.instrument![k] === 0 && given.orders!.side![k] === 1,
    );
    expect(bought).toEqual([]);
    expect(weightsOf(given, 2, "alarm")).toEqual([1, 0, 0]);
  });

  it("that follow each other are answered together, and change nothing where they do not count", async () => {
    const rows = behind(tape(65), [alarm(40, 0, 1), alarm(42, 1, 1)]);
    const { given } = await drive(rows, { ...few, alarmInterval: 5, alarmShare: 0.8 });
    expect(given.portfolio!.time!.slice(0, 3)).toEqual([30n, 40n, 45n].map((t) => t * second));
    expect(given.portfolio!.alarmed!.slice(0, 3)).toEqual([0, 1, 2]);
    for (const i of [0, 1]) expect(weightsOf(given, 3)[i]).toBeLessThanOrEqual(0.8 * weightsOf(given, 1 + i)[i]! + 1e-9);
    const { given: deaf } = await drive(rows, { ...few, alarms: false });
    expect(deaf.portfolio!.cause).toEqual([0, 0]);
    near(weightsOf(deaf, 1), weightsOf(given, 1));
  });

  it("of all instruments at once leave nothing to go to: weights stay", async () => {
    const all = [0, 1, 2].map((i) => alarm(40, i, 1));
    const { given, said } = await drive(behind(tape(45), all), { ...few, alarmInterval: 0 });
    expect(given.portfolio!.status).toEqual([0, 0, 0, 2]);
    expect(given.portfolio!.kept!.at(-1)).toBe(1);
    expect(said).toEqual([
      expect.stringMatching(/infeasible: budget 1 and the bounds contradict each other; bounds add up to 0 and 0\.\d+$/),
    ]);
  });

  it("leave an instrument out where the objective has no bounds", async () => {
    for (const objective of ["equal_risk_contribution", "inverse_volatility"]) {
      const { given } = await drive(behind(tape(45), [alarm(40, 1, 1)]), { ...few, objective });
      const [first, second] = [weightsOf(given, 1), weightsOf(given, 2)];
      expect(Math.min(...first)).toBeGreaterThan(0.05);
      expect(second[1]).toBe(0);
      expect(second[0]! + second[2]!).toBeCloseTo(1, 12);
    }
  });
});

describe("refused before anything starts", () => {
  it.each([
    [{ lower: { B: 0.6 }, upper: 0.5 }, /option 'lower' is 0\.6 for B, above upper, 0\.5/],
    [{ objective: "inverse_volatility", upper: 0.5 }, /option 'upper' says nothing where objective is 'inverse_volatility'/],
    [{ objective: "equal_risk_contribution", alarmShare: 0.5 }, /option 'alarmShare' is 0\.5 where objective is 'equal_risk_contribution'/],
    [{ objective: "minimum_varience" }, /option 'objective' is .*minimum_varience/],
  ])("%o", async (options, message) => {
    await expect(drive([], options)).rejects.toThrow(message);
  });

  it("a covariance of too many pairs", async () => {
    const many = Array.from({ length: 2001 }, (_, i) => `I${i}`);
    await expect(drive([], {}, many)).rejects.toThrow(/option 'factors' is 0 with 2001 instruments/);
  });
});
