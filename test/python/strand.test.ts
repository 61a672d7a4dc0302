/** The calls of the toraniko and alphalens tables on 492 stocks and 65 dates of 2020. Numbers: their formulas with numpy 1.24, pandas 1.5, scipy 1.10. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, it } from "vitest";
import {
  factorRankAutocorrelation,
  factorReturns,
  forwardReturns,
  informationCoefficient,
  quantileReturns,
  quantileTurnover,
} from "../../src/index.js";
import { near } from "./kit/sample.js";

const folder = join(resolve(process.env.MARKET_DATA ?? "../shared/data"), "strand_2020");
const absent = existsSync(folder) ? undefined : `no real data at ${folder}: set MARKET_DATA`;

/** Rows of a quoted file, by the names of its columns. */
function table(name: string): Record<string, string>[] {
  const [head, ...lines] = gunzipSync(readFileSync(join(folder, name)))
    .toString("utf8")
    .replaceAll('"', "")
    .trim()
    .split("\n");
  const names = head!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [names[i]!, cell])));
}

function universe() {
  const inputs = table("inputs.csv.gz");
  const ids = [...new Set(inputs.map((row) => row.id!))].sort();
  const dates = [...new Set(inputs.map((row) => row.date!))].sort();
  const place = new Map([...ids.entries()].map(([i, id]) => [id, i]));
  const day = new Map([...dates.entries()].map(([t, date]) => [date, t]));
  const panel = (rows: Record<string, string>[], column: string) => {
    const out = new Float64Array(dates.length * ids.length).fill(Number.NaN);
    for (const row of rows) {
      const [t, i] = [day.get(row.date!), place.get(row.id!)];
      if (t !== undefined && i !== undefined) out[t * ids.length + i] = Number(row[column]);
    }
    return out;
  };
  // Names hold commas: the sector is the last cell.
  const secref = gunzipSync(readFileSync(join(folder, "secref.csv.gz")))
    .toString("utf8")
    .trim()
    .split("\n")
    .slice(1);
  const sectorOf = new Map(secref.map((line) => [line.split('"')[1]!, line.split('"').at(-2)!]));
  const sectors = [...new Set(ids.map((id) => sectorOf.get(id)!))].sort();
  const sector = Int32Array.from(ids, (id) => sectors.indexOf(sectorOf.get(id)!));
  const price = panel(table("pricing.csv.gz"), "price_unadj");
  return {
    assets: ids.length,
    dates: dates.length,
    sector,
    sectors: sectors.length,
    price,
    panel: (column: string) => panel(inputs, column),
  };
}
const mean = (values: ArrayLike<number>) => {
  const there = Array.from(values).filter((v) => !Number.isNaN(v));
  return there.reduce((a, b) => a + b, 0) / there.length;
};

describe.skipIf(absent)(`a real universe (${absent ?? folder})`, () => {
  it("signals are alphalens', factor returns toraniko's", () => {
    const { assets, dates, sector, sectors, price, panel } = universe();
    const factor = panel("value");
    const { forward } = forwardReturns({ price, horizon: Int32Array.of(1) }, { assets });
    const cut = quantileReturns({ factor, forward }, { assets });
    near(
      [
        mean(informationCoefficient({ factor, forward }, { assets }).spearman),
        mean(cut.mean.filter((_, i) => i % 5 === 0)),
        mean(cut.mean.filter((_, i) => i % 5 === 4)),
        mean(quantileTurnover({ quantile: cut.quantile }, { assets }).turnover.filter((_, i) => i % 5 === 4)),
        mean(factorRankAutocorrelation({ factor }, { assets }).autocorrelation),
      ],
      [-0.029916916889483412, 0.0005405602345089891, -0.00026539150040581945, 0.011205808080808082, 0.9997873155277859],
      1e-9,
    );
    const size = panel("size");
    const styles = Float64Array.from({ length: 2 * factor.length }, (_, k) => {
      const [t, i] = [Math.floor(k / (2 * assets)), k % (2 * assets)];
      return i < assets ? size[t * assets + i]! : factor[(t - 1) * assets + i]!;
    });
    const found = factorReturns(
      { returns: forward, cap: panel("market_cap"), sector, styles },
      { assets, sectors, styles: 2, mode: "two-stage" },
    );
    const last = (dates - 2) * (sectors + 3);
    near(
      [found.factorReturns[0]!, ...found.factorReturns.subarray(sectors + 1, sectors + 3)],
      [0.011276067372092828, -0.0009687445765721797, 0.0016407920980749],
      1e-9,
    );
    near(
      [found.factorReturns[last]!, ...found.factorReturns.subarray(last + sectors + 1, last + sectors + 3)],
      [-0.008219486368454442, -0.00042831349218465094, -0.0026807569852002142],
      1e-9,
    );
  });
});
