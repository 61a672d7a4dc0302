import type { Batch } from "../../bus/bus.js";
import { crossSectionTopic, FactorEngine, factorRiskTopic } from "../../engines/factors.js";
import { readRecords } from "../../engines/kit/records_file.js";
import { riskModelTopic } from "../../engines/portfolio/portfolio_topics.js";
import { defineEngine, type Settings } from "../kit/engine.js";
import { crossSectionsTaken } from "./taken.js";

const most = { integer: true, min: 0, max: 100_000 } as const;
const halfLife = { type: "number", above: 0, max: 1e8, optional: true, unit: "dates" } as const;

const options = {
  sectors: {
    type: "file",
    doc: "assets in the order of the cross-sections, each with its sector, none where it is empty: CSV with a header asset,sector or a JSON list",
  },
  styles: { type: "number", ...most, max: 500, default: 0, doc: "styles in each cross-section" },
  varianceHalfLife: { ...halfLife, doc: "of the variances of factors: age at which a date counts half" },
  correlationHalfLife: { ...halfLife, doc: "the same of their correlations" },
  varianceLags: { type: "number", ...most, optional: true, unit: "dates", doc: "lags of Newey-West in the variances" },
  correlationLags: { type: "number", ...most, optional: true, unit: "dates", doc: "the same in the correlations" },
  specificHalfLife: { ...halfLife, doc: "of specific variances" },
  groups: { type: "number", ...most, min: 1, optional: true, doc: "groups of capitalization that specific risk is shrunk towards" },
  shrinkage: { type: "number", min: 0, optional: true, doc: "how much it is shrunk" },
  model: {
    type: "flag",
    default: false,
    doc: "whether to give each date's risk model, as portfolio takes it: assets times factors numbers",
  },
} as const;
type Own = Settings<typeof options>;

function engineOptions({ options: { sectors: file, model, ...others } }: Own) {
  const records = readRecords(file, { asset: "text", sector: "text" }, ["asset"]);
  const seen = new Set<string>();
  for (const { text, wrong } of records) {
    if (seen.has(text("asset")!)) throw wrong("asset", "an asset that was not listed before");
    seen.add(text("asset")!);
  }
  const names = [...new Set(records.flatMap(({ text }) => text("sector") ?? []))];
  const sector = Int32Array.from(records, ({ text }) => names.indexOf(text("sector") ?? ""));
  return { ...others, model, sector, sectors: names.length, assets: records.map(({ text }) => text("asset")!) };
}

const shapeOf = ({ sector, styles }: ReturnType<typeof engineOptions>) => ({ assets: sector.length, styles });

export const factor = defineEngine({
  name: "factor",
  doc: "Factor returns, their covariance, specific risk and the risk of the portfolio held, date by date, from cross-sections of assets.",
  options,
  takes: (settings) => ({ cross_sections: crossSectionsTaken(shapeOf(engineOptions(settings))) }),
  gives(settings) {
    const { sectors, styles, model, assets } = engineOptions(settings);
    const shape = { assets: assets.length, factors: 1 + sectors + styles, symbols: assets };
    return {
      factor_risk: { doc: "a row for each date", topic: factorRiskTopic({ sectors, styles, slots: 64 }) },
      ...(model && { risk_model: { doc: "the model at the end of each date", topic: riskModelTopic(shape) } }),
    };
  },
  stateBytes: (settings) => FactorEngine.stateBytes(engineOptions(settings)),
  begin({ state, gives, ...settings }) {
    const own = engineOptions(settings);
    const engine = new FactorEngine({ ...own, state }, gives.factor_risk!, gives.risk_model);
    // The kernels are bound to one date; slots of the topic may hold several.
    const { columns } = crossSectionTopic(shapeOf(own));
    const date = Object.entries(columns).map(([name, { dtype, width = 1 }]) => ({
      ...{ name, width, view: dtype === "i64" ? new BigInt64Array(width) : new Float64Array(width) },
    }));
    const staged = Object.fromEntries(date.map(({ name, view }) => [name, view]));
    return {
      take(_, batch, from) {
        for (let row = from; row < batch.rows; row++) {
          for (const { name, width, view } of date)
            view.set((batch.columns as never as Record<string, Float64Array>)[name]!.subarray(row * width, (row + 1) * width) as never);
          if (!engine.take({ slot: 0, columns: staged, from: 0, rows: 1 } as unknown as Batch)) return row;
        }
        return batch.rows;
      },
    };
  },
});
