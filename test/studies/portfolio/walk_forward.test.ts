/** What a walk does on which date, with which assets, and what it refuses. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import { walkForward } from "../../../src/studies/portfolio/walk_forward.js";
import { changed, madePrices } from "./made_prices.js";

const given = { window: 60, costs: 0.002, periodsPerYear: 252 } as const;
const bits = (values: Float64Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");

describe("what is walked", () => {
  const prices = madePrices(320, 6);

  it("is the same objective under its name as a comparison", async () => {
    const asked = (await walkForward(prices, { ...given, objective: ["inverse_volatility"] })).portfolios;
    const beside = (await walkForward(prices, { ...given, objective: ["equal_weight"] })).portfolios;
    expect(asked.map(({ name, role }) => `${name} ${role}`)).toEqual(["inverse_volatility objective", "equal_weight comparison"]);
    expect(bits(asked[0]!.value)).toBe(bits(beside[1]!.value));
  });

  it.each([
    ["monthly", (date: Date) => date.toISOString().slice(0, 7)],
    ["weekly", (date: Date) => Math.floor((date.getTime() / 86_400_000 + 3) / 7)],
    ["quarterly", (date: Date) => 4 * date.getUTCFullYear() + Math.floor(date.getUTCMonth() / 3)],
    ["yearly", (date: Date) => date.getUTCFullYear()],
  ] as const)("%s: trades on the first date of each period, decided on the one before", async (rebalance, period) => {
    const { portfolios, time } = await walkForward(prices, { ...given, rebalance });
    const of = (date: number) => period(new Date(Number(time[date]! / 1_000_000n)));
    const { turns } = portfolios[0]!;
    const expected = Array.from(time.keys()).filter((d) => d >= 61 && d < 319 && of(d) !== of(d - 1));
    expect(turns.map(({ traded }) => traded)).toEqual(expected);
    expect(turns.map(({ decided }) => decided)).toEqual(expected.map((d) => d - 1));
  });

  it("assets that are listed later are bought once they have a window of returns", async () => {
    const listed = changed(prices, (p, d, a) => (a === 4 && d < 100 ? Number.NaN : p));
    const { portfolios, universe } = await walkForward(listed, { ...given, objective: "equal_weight", rebalance: 5 });
    for (const { assets, decided } of portfolios[0]!.turns) expect([...assets].includes(4)).toBe(decided >= 160);
    expect(universe).toMatchObject({ least: 5, most: 6, never: [] });
  });

  it("an asset that does not move in the window is not bought; one that never could be is named", async () => {
    const still = changed(prices, (p, d, a) => ((a === 4 && d > 150) || a === 5 ? 7 : p));
    const { portfolios, universe } = await walkForward(still, { ...given, splits: "keep", rebalance: 5 });
    for (const { assets, decided } of portfolios[0]!.turns) expect([...assets].includes(4)).toBe(decided < 151 + 60);
    expect(universe.never).toEqual([5]);
  });

  it("dates without any price are left out and counted", async () => {
    const holed = changed(prices, (p, d) => (d % 50 === 7 ? Number.NaN : p));
    const { universe, time } = await walkForward(holed, { ...given, objective: "equal_weight" });
    expect([universe.emptyDates, universe.carried, time.length]).toEqual([7, 0, 313]);
  });

  it("shares of risk sum to 1, and the forecast is the deviation of the weights over the window", async () => {
    const { portfolios } = await walkForward(prices, { ...given, riskModel: "sample" });
    const returnOf = (d: number, a: number) => prices.price[d * 6 + a]! / prices.price[(d - 1) * 6 + a]! - 1;
    for (const { assets, weights, riskShares, forecast, decided } of portfolios.flatMap(({ turns }) => turns)) {
      expect(riskShares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      const series = Array.from({ length: 60 }, (_, k) =>
        weights.reduce((sum, w, i) => sum + w * returnOf(decided - 59 + k, assets[i]!), 0),
      );
      const mean = series.reduce((a, b) => a + b, 0) / 60;
      expect(forecast).toBeCloseTo(Math.sqrt(series.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 59), 12);
    }
  });

  it.each(["ledoit_wolf", "oas", "factor"])(
    "%s: the forecast is near to that of the sample, whose portfolio is of few assets",
    async (riskModel) => {
      const of = async (model: string) => (await walkForward(prices, { ...given, factors: 3, riskModel: model })).portfolios[1]!.measures;
      expect((await of(riskModel)).forecastVolatility / (await of("sample")).forecastVolatility).toBeCloseTo(1, 1);
    },
  );
});

describe("what cannot be", () => {
  const prices = madePrices(200, 4);
  const refused = async (of: Promise<unknown>) =>
    of.then(
      () => "nothing",
      (error) => `${error.code}: ${error.message}`,
    );

  it("prices: one asset, none above 0, too short, a date twice, a table that is none, no overlap", async () => {
    expect(await refused(walkForward({ ...madePrices(200, 1), file: "f" }))).toBe("E_TOO_FEW: f: A0 is the only asset");
    expect(await refused(walkForward(changed(prices, (p, d, a) => (d === 7 && a === 2 ? -1 : p))))).toBe(
      "E_BAD_PRICE: made: A2 is -1 on date 7, expected a price above 0",
    );
    expect(await refused(walkForward(prices, { window: 252, periodsPerYear: 252 }))).toBe(
      "E_TOO_FEW: made: 200 dates; a window of 252 returns, 1 dates of delay and one return after them need 255",
    );
    const twice = prices.time.map((t, i) => (i === 9 ? prices.time[8]! : t));
    expect(await refused(walkForward({ ...prices, time: twice }))).toMatch(/^E_DATE_REPEATED: made: date 9 is /);
    const short = { ...prices, price: prices.price.slice(1) };
    expect(await refused(walkForward(short))).toMatch(/^E_LENGTH: made: price has 799 values, expected 200 dates of 4 assets/);
    const apart = changed(madePrices(200, 2), (p, d, a) => ((a === 0) === d < 100 ? p : Number.NaN));
    expect(await refused(walkForward(apart, given))).toBe(
      "E_TOO_FEW: made: two assets with a whole window of 60 returns are there on no date of trade",
    );
  });

  it.each([
    { objective: ["equal_wieght"] },
    { objective: [] },
    { riskModel: "ledoit" },
    { expectedReturns: "jame" },
    { riskAversion: 0 },
    { costs: 0.2 },
    { costs: -1 },
    { window: 5 },
    { delay: -1 },
    { delistingReturn: 0.1 },
    { factors: 0 },
    { trials: 1 },
    { rebalance: 0 },
    { minWeight: 1 },
    { maxWeight: 0 },
    { periodsPerYear: 0 },
    { riskFreeRate: -2 },
  ])("option %o", async (wrong) => {
    expect(await refused(walkForward(prices, { ...given, ...wrong }))).toMatch(
      new RegExp(`^E_OPTION_RANGE: walkForward: option '${Object.keys(wrong)[0]}' is .*expected `),
    );
  });

  it("bounds that the assets of the first date cannot meet", async () => {
    const bounded = { ...given, objective: "minimum_cvar" };
    expect(await refused(walkForward(prices, { ...bounded, maxWeight: 0.2 }))).toBe(
      "E_OPTION_RANGE: walkForward: option 'maxWeight' is 0.2, expected 0.25 or more: 4 assets must reach 1",
    );
    expect(await refused(walkForward(prices, { ...bounded, minWeight: 0.3 }))).toBe(
      "E_OPTION_RANGE: walkForward: option 'minWeight' is 0.3, expected 0.25 or less: 4 assets must not pass 1",
    );
  });

  it("bounds that the assets of a later date cannot meet: what is held stays, told with the date and counted", async () => {
    const fewer = changed(prices, (p, d, a) => (d > 100 && a > 1 ? Number.NaN : p));
    const { portfolios, time } = await walkForward(fewer, { ...given, objective: "minimum_cvar", maxWeight: 0.4, rebalance: 10 });
    const { turns, troubles } = portfolios[0]!;
    expect(turns.map(({ decided }) => decided)).toEqual([60, 70, 80, 90, 100]);
    expect(troubles.map(({ decided }) => decided)).toEqual([110, 120, 130, 140, 150, 160, 170, 180, 190]);
    expect(troubles[0]).toMatchObject({
      what: "infeasible: 2 assets, and maxWeight is 0.4, expected 0.5 or more: 2 assets must reach 1",
      held: "what was held, drifting",
    });
    expect(time.length).toBe(200);
  });

  it("bounds for an objective that holds none", async () => {
    expect(await refused(walkForward(prices, { ...given, maxWeight: 0.5, objective: "inverse_volatility" }))).toMatch(
      /^E_OPTIONS: walkForward: option 'maxWeight' is given, and inverse_volatility holds no bounds$/,
    );
  });
});
