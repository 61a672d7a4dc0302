/** The frontier of the last rebalance: no portfolio of the run lies above it. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import { objectives } from "../../../src/studies/portfolio/objectives.js";
import { walkForward } from "../../../src/studies/portfolio/walk_forward.js";
import { madePrices } from "./made_prices.js";

describe("the frontier", () => {
  it("begins at the least variance, and nothing of the run is above it", async () => {
    const objective = objectives.map(({ name }) => name);
    const { frontier, portfolios } = await walkForward(madePrices(300, 8), { window: 100, objective });
    if ("why" in frontier) throw new Error(frontier.why);
    const { volatility, expected, points, decided } = frontier;
    expect(decided).toBe(portfolios[0]!.turns.at(-1)!.decided);
    expect(points.map(({ name }) => name)).toEqual(objective);
    const least = points.find(({ name }) => name === "minimum_variance")!;
    expect(volatility[0]! / least.volatility).toBeCloseTo(1, 6);
    for (const point of points) {
      const i = volatility.findIndex((v) => v >= point.volatility);
      const best = i < 1 ? expected.at(i < 0 ? -1 : 0)! : expected[i]!; // the point of the curve to the right of it
      expect(point.expected).toBeLessThan(best + 1e-9);
    }
    expect(expected.every((m, i) => i === 0 || m >= expected[i - 1]! - 1e-15)).toBe(true);
  });

  it("is not drawn of more than 500 assets, and that is said", async () => {
    const { frontier } = await walkForward(madePrices(130, 501), { window: 60, objective: "equal_weight", rebalance: 100 });
    expect(frontier).toEqual({ why: "no frontier of 501 assets: it is drawn of up to 500" });
  });
});
