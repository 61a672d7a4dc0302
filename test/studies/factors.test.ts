/** Cross-sections through the bus, a date a frame, against the same kernels called on whole columns. */
import { describe, expect, it } from "vitest";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { crossSectionTopic, FactorEngine, type FactorOptions, factorRiskTopic } from "../../src/engines/factors.js";
import { factorCovariance, factorReturns, factorRisk, specificRisk } from "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";

const [dates, assets, sectors, styles] = [9, 40, 3, 2];
const factors = 1 + sectors + styles;
const random = seeded(5);
const fill = (length: number, value: (i: number) => number) => Float64Array.from({ length }, (_, i) => value(i));
const sector = Int32Array.from({ length: assets }, (_, i) => i % sectors);
const data = {
  returns: fill(dates * assets, () => (random() < 0.03 ? Number.NaN : 0.05 * (random() - 0.45))),
  cap: fill(dates * assets, () => 10 ** (1 + 3 * random())),
  weights: fill(dates * assets, () => random() / assets),
  styles: fill(dates * styles * assets, () => random() + random() - 0.9),
};
const options: FactorOptions = {
  sector,
  sectors,
  styles,
  varianceLags: 1,
  correlationLags: 2,
  varianceHalfLife: 5,
  specificHalfLife: 4,
  groups: 2,
};

/** Dates `from` to `to` through an engine; its results by name. */
function run(from: number, to: number, more: Partial<FactorOptions> = {}) {
  const bus = new MemoryBus();
  const [sections, risks] = [crossSectionTopic({ assets, styles, slots: 2 }), factorRiskTopic({ sectors, styles, slots: 2 })];
  const [publisher, subscription, read] = [bus.publisher(sections), bus.subscribe(sections), bus.subscribe(risks)];
  const engine = new FactorEngine({ ...options, ...more }, bus.publisher(risks));
  const found: Record<string, number[]> = {};
  for (let t = from; t < to; t++) {
    const row = (name: keyof typeof data, width: number) => data[name].slice(t * width, (t + 1) * width);
    const columns = {
      returns: row("returns", assets),
      cap: row("cap", assets),
      weights: row("weights", assets),
      styles: row("styles", styles * assets),
    };
    publisher.publish({ time: BigInt64Array.of(BigInt(t)), ...columns });
    subscription.poll((batch) => expect(engine.take(batch)).toBe(true));
    read.poll(({ columns: out }) => {
      for (const [name, view] of Object.entries(out)) (found[name] ??= []).push(...Array.from(view as Float64Array, Number));
    });
  }
  return found;
}

function expectClose(got: readonly number[] | undefined, want: ArrayLike<number>, name: string): void {
  expect(got?.length, name).toBe(want.length);
  got!.forEach((value, i) => {
    if (Number.isNaN(want[i]!)) expect(value, `${name} ${i}`).toBeNaN();
    else
      expect(Math.abs(value - want[i]!), `${name} ${i}: ${value}, want ${want[i]}`).toBeLessThanOrEqual(
        1e-12 * Math.max(1, Math.abs(want[i]!)),
      );
  });
}

describe("factor engine", () => {
  const model = { assets, sectors, styles };
  const estimated = factorReturns({ returns: data.returns, cap: data.cap, sector, styles: data.styles }, model);
  const { covariance } = factorCovariance(
    { factorReturns: estimated.factorReturns },
    { factors, varianceLags: 1, correlationLags: 2, varianceHalfLife: 5 },
  );
  const { volatility } = specificRisk({ residuals: estimated.residuals, cap: data.cap }, { assets, halfLife: 4, groups: 2 });

  it("gives, date by date, what the kernels give on whole columns", () => {
    const found = run(0, dates);
    for (const name of ["factorReturns", "standardErrors", "rSquared", "used", "rank"] as const)
      expectClose(found[name], estimated[name], name);
    expectClose(found.covariance, covariance, "covariance");
    expect(found.time).toEqual(Array.from({ length: dates }, (_, t) => t));
    for (let t = 1; t < dates; t++) {
      const cut = (view: Float64Array, width: number) => view.slice(t * width, (t + 1) * width);
      const inputs = { weights: cut(data.weights, assets), sector, styles: cut(data.styles, styles * assets) };
      const want = factorRisk({ ...inputs, covariance: cut(covariance, factors ** 2), specific: cut(volatility, assets) }, model);
      expect(want.total[0]).toBeGreaterThan(0);
      expectClose(found.total!.slice(t, t + 1), want.total, "total");
      expectClose(found.contributions!.slice(t * factors, (t + 1) * factors), want.contributions, "contributions");
    }
  });

  it("goes on from the state of another engine", () => {
    const state = new ArrayBuffer(FactorEngine.stateBytes(options));
    const first = run(0, 4, { state });
    const second = run(4, dates, { state });
    const whole = run(0, dates);
    for (const name of Object.keys(whole)) expectClose([...first[name]!, ...second[name]!], whole[name]!, name);
  });

  it("names a capitalisation that cannot be used before anything changes", () => {
    const cap = data.cap[2 * assets + 7]!;
    const state = new ArrayBuffer(FactorEngine.stateBytes(options));
    run(0, 2, { state });
    const before = new Uint8Array(state).slice();
    data.cap[2 * assets + 7] = -1;
    expect(() => run(2, 3, { state })).toThrow("'cap' of asset 7 is -1, expected a finite number > 0");
    data.cap[2 * assets + 7] = cap;
    expect(Buffer.compare(new Uint8Array(state), before)).toBe(0);
  });
});
