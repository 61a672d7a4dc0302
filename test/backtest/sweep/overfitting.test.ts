/** The probability of overfitting against the paper's steps, written out once more with whole columns. */
import { describe, expect, it } from "vitest";
import { overfittingOf } from "../../../src/backtest/sweep/overfitting.js";
import { Random } from "../../../src/market/random.js";

/** Sharpe ratio of some bars, as a textbook has it. */
function sharpe(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return mean / Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1));
}

function byThePaper(runs: readonly Float64Array[], stretches: number): number {
  const length = runs[0]!.length / stretches;
  const choices = (left: number, from: number): number[][] =>
    left === 0
      ? [[]]
      : Array.from({ length: stretches - from }, (_, i) => from + i).flatMap((one) =>
          choices(left - 1, one + 1).map((rest) => [one, ...rest]),
        );
  const logits = choices(stretches / 2, 0).map((inside) => {
    const of = (returns: Float64Array, where: (stretch: number) => boolean) =>
      sharpe([...returns].filter((_, bar) => where(Math.floor(bar / length))));
    const first = runs.map((returns) => of(returns, (stretch) => inside.includes(stretch)));
    const second = runs.map((returns) => of(returns, (stretch) => !inside.includes(stretch)));
    const best = first.indexOf(Math.max(...first));
    const rank = second.filter((one) => one <= second[best]!).length / (runs.length + 1);
    return Math.log(rank / (1 - rank));
  });
  return logits.filter((one) => one <= 0).length / logits.length;
}

describe("the probability of overfitting", () => {
  it.each([
    [20, 4, 3],
    [30, 6, 5],
    [40, 8, 4],
  ])("of %d bars in %d stretches of %d runs is that of the paper", (bars, stretches, count) => {
    const random = Random.fromSeed(7 + bars);
    const runs = Array.from({ length: count }, () => Float64Array.from({ length: bars }, () => random.normal()));
    expect(overfittingOf(runs)).toBeCloseTo(byThePaper(runs, stretches), 12);
  });

  it("is 0 where one run is the best at all times, and 1 where what was good is bad afterwards", () => {
    const wave = (up: number) => Float64Array.from({ length: 40 }, (_, bar) => up + (bar % 2 === 0 ? 0.1 : -0.1));
    expect(overfittingOf([wave(0), wave(1), wave(0.5)])).toBe(0);
    const flipped = (sign: number) =>
      Float64Array.from({ length: 20 }, (_, bar) => (bar < 10 ? sign : -sign) + (bar % 2 === 0 ? 0.1 : -0.1));
    expect(overfittingOf([flipped(1), flipped(-1)])).toBe(1);
  });

  it("is not known of one run, of few bars, and of runs of other lengths", () => {
    const bars = (length: number) => Float64Array.from({ length }, (_, bar) => bar % 3);
    for (const runs of [[bars(40)], [bars(19), bars(19)], [bars(40), bars(41)], []]) expect(overfittingOf(runs)).toBeNaN();
  });
});
