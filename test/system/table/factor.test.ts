/** Cross-sections of a file's assets, against the engine's kernels on whole columns; the same in any batches. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { factorReturns } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { checkEngineOptions } from "../../../src/system/kit/options.js";
import { factor } from "../../../src/system/table/factor.js";
import { portfolio } from "../../../src/system/table/portfolio.js";
import { temporaryFolder } from "../../support/cli.js";
import { drive, driven, type Input } from "../kit/drive.js";

const folder = temporaryFolder();
const [assets, styles, dates] = [30, 2, 12];
const names = ["energy", "banks", "ships"];
const sectors = join(folder, "sectors.csv");
writeFileSync(sectors, ["asset,sector", ...Array.from({ length: assets }, (_, i) => `S${i},${names[i % 3]}`)].join("\n"));
const random = seeded(3);
const fill = (length: number, value: () => number) => Float64Array.from({ length }, value);
const sections = Array.from({ length: dates }, (_, t) => ({
  time: BigInt(t) * 86_400_000_000_000n,
  returns: fill(assets, () => (random() < 0.03 ? Number.NaN : 0.05 * (random() - 0.45))),
  cap: fill(assets, () => 10 ** (1 + 3 * random())),
  weights: fill(assets, () => random() / assets),
  styles: fill(styles * assets, () => random() + random() - 0.9),
}));
const rows = sections.map((row): Input => ["cross_sections", row]);
const options = { sectors, styles, varianceLags: 1, varianceHalfLife: 5 };

describe("factor", () => {
  it("gives the kernels' factor returns, in any batches", async () => {
    const { factor_risk: found } = await driven(factor, rows, { options });
    const all = (name: "returns" | "cap" | "styles") => Float64Array.from(sections.flatMap((row) => [...row[name]]));
    const sector = Int32Array.from({ length: assets }, (_, i) => i % 3);
    const want = factorReturns(
      { returns: all("returns"), cap: all("cap"), styles: all("styles"), sector },
      { assets, sectors: 3, styles, mode: "joint" },
    );
    const factors = 1 + 3 + styles;
    expect(found!.time).toEqual(sections.map(({ time }) => time));
    expect(found!.factorReturns!.length).toBe(dates * factors);
    for (const [i, value] of [...want.factorReturns].entries())
      if (!Number.isNaN(value)) expect(found!.factorReturns![i]).toBeCloseTo(value, 12);
    expect(found!.total!.at(-1)).toBeGreaterThan(0);
  });

  it("gives the model of each date where it is asked for, which portfolio takes by the names of its assets", async () => {
    const { risk_model: found } = await driven(factor, rows, { options: { ...options, model: true } });
    const { factor_risk: risks } = await driven(factor, rows, { options });
    const factors = 1 + 3 + styles;
    const [last, at] = [sections.at(-1)!, (dates - 1) * assets * factors];
    expect(found!.time).toEqual(sections.map(({ time }) => time));
    expect(found!.covariance!.slice(-(factors ** 2))).toEqual(risks!.covariance!.slice(-(factors ** 2)));
    for (const asset of [0, 7, assets - 1])
      expect(found!.loading!.slice(at + asset * factors, at + (asset + 1) * factors)).toEqual([
        ...[1, ...[0, 1, 2].map((sector) => (asset % 3 === sector ? 1 : 0))],
        ...[last.styles[asset]!, last.styles[assets + asset]!],
      ]);
    // The risk of what is held, by what the model says of it.
    const exposures = Array.from({ length: factors }, (_, f) =>
      last.weights.reduce((sum, weight, i) => sum + weight * Number(found!.loading![at + i * factors + f]!), 0),
    );
    const covariance = found!.covariance!.slice(-(factors ** 2)).map(Number);
    const shared = exposures.reduce((sum, x, f) => sum + x * exposures.reduce((all, y, g) => all + y * covariance[f * factors + g]!, 0), 0);
    const own = last.weights.reduce((sum, weight, i) => sum + (weight * Number(found!.specific!.slice(-assets)[i]!)) ** 2, 0);
    expect(risks!.total!.at(-1)).toBeCloseTo(Math.sqrt(shared + own), 12);

    const around = { engine: "factor", instruments: ["A"], resolve: (path: string) => path };
    const settings = {
      name: "factor",
      instruments: ["A"],
      options: checkEngineOptions(factor.options, { ...options, model: true }, around),
    };
    const { topic } = factor.gives(settings).risk_model!;
    expect(topic.symbols!.slice(0, 2)).toEqual(["S0", "S1"]);
    const taken = (instruments: string[]) => {
      const own = {
        name: "portfolio",
        instruments,
        options: checkEngineOptions(portfolio.options, { factors }, { ...around, instruments }),
      };
      const takes = { risk_model: { topic, symbols: new MemoryBus().publisher(topic).symbols } };
      return () =>
        portfolio.begin({ ...own, takes, gives: {}, state: new ArrayBuffer(portfolio.stateBytes(own)), log: () => {}, health: () => [] });
    };
    expect(taken([...topic.symbols!])).not.toThrow();
    expect(taken(["S1", "S0", ...topic.symbols!.slice(2)])).toThrow(
      "engine 'portfolio': asset 0 of topic risk_model is 'S0', instrument 0 is 'S1'",
    );
  });

  it("names the line of an asset that is listed twice, and what is missing", async () => {
    writeFileSync(join(folder, "twice.csv"), "asset,sector\nA,x\nB,y\nA,y\n");
    await expect(drive(factor, [], { options: { sectors: join(folder, "twice.csv") } })).rejects.toThrow(
      /twice\.csv, line 4: 'asset' is "A", expected an asset that was not listed before/,
    );
    await expect(drive(factor, [], { options: {} })).rejects.toThrow(/option 'sectors' is missing/);
  });
});
