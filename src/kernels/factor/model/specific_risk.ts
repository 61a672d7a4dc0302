import { kernel } from "../../../core/call/kernel.js";
import { specificGolden } from "../golden/risk.js";
import { assetsParam } from "../parts/panel.js";

const close = { f64: { relative: 1e-11, floor: 1e-9 }, f32: { relative: 2e-6, floor: 1e-6 } } as const;

/** Specific volatility of assets. */
export const specificRisk = kernel({
  name: "specific_risk",
  rows: "update",
  doc:
    "Specific volatility of each asset after every update of `batch` dates: the root of the mean square residual, weighted with a half-life in dates on which " +
    "the asset has one (`raw`), then drawn towards the mean of its group of capitalisation: v mean + (1 - v) raw, v = q |raw - mean| / (D + q |raw - mean|), " +
    "with the group's cap-weighted mean and D its root mean square distance from it. Groups have equal numbers of assets, in order of cap. An asset with fewer than `minimum` " +
    "residuals has the mean of its group; one without cap is NaN.",
  source: "Menchero, Orr & Wang (2011), USE4 Methodology Notes, section 5.2, eq. 5.6 to 5.9 (Bayesian shrinkage)",
  inputs: {
    residuals: {
      dtype: "real",
      shape: ["update", "batch", "assets"],
      expects: "a finite number, or NaN where there is none",
      unit: "ratio",
      doc: "specific return of each asset on `batch` dates for each update, oldest first; NaN: none, the date is passed over for that asset",
    },
    cap: {
      dtype: "real",
      shape: ["update", "assets"],
      expects: "a finite number > 0, or NaN where there is none",
      unit: "currency",
      doc: "market capitalisation at the end of each update; NaN: none",
    },
  },
  params: {
    assets: assetsParam,
    batch: { type: "i32", min: 1, max: 1_000_000, default: 1, unit: "dates", doc: "dates of an update: risks are put out after each" },
    halfLife: { type: "f64", above: 0, max: 1e8, default: 84, unit: "dates", doc: "age at which a residual counts half" },
    groups: { type: "i32", min: 1, max: 10_000, default: 10, unit: "groups", doc: "groups of capitalisation" },
    shrinkage: { type: "f64", min: 0, max: 1e6, default: 0.1, doc: "q: 0 leaves the raw volatility" },
    minimum: {
      type: "i32",
      min: 1,
      max: 1_000_000,
      default: 1,
      unit: "dates",
      doc: "residuals an asset needs for a volatility of its own",
    },
  },
  state: {
    squares: { dtype: "f64", shape: ["assets"], unit: "ratio^2", doc: "weighted sums of squares" },
    weight: { dtype: "f64", shape: ["assets"], unit: "ratio", doc: "sums of the weights" },
    count: { dtype: "f64", shape: ["assets"], unit: "dates", doc: "residuals so far" },
  },
  outputs: {
    volatility: {
      dtype: "real",
      shape: ["update", "assets"],
      unit: "ratio",
      doc: "shrunk; NaN without cap, or where no asset of the group has a volatility",
    },
    raw: { dtype: "real", shape: ["update", "assets"], unit: "ratio", doc: "of the asset's own residuals; NaN below `minimum`" },
  },
  workspace: true,
  compare: { volatility: close, raw: close },
  cost: ({ update = 0 }, { assets, batch }) => ({ flops: update * assets * (4 * batch + 40), bytes: update * 8 * assets * (batch + 6) }),
  reference({ in: { residuals, cap }, params, state, out }) {
    const { assets, batch, groups, shrinkage: q } = params;
    const fade = 2 ** (-1 / params.halfLife);
    const infinite = residuals.findIndex((e) => Math.abs(e) === Number.POSITIVE_INFINITY);
    if (infinite >= 0) return { consumed: 0, produced: 0, refused: { code: "badValue", input: "residuals", row: infinite } };
    const bad = cap.findIndex((c) => c <= 0 || c === Number.POSITIVE_INFINITY);
    if (bad >= 0) return { consumed: 0, produced: 0, refused: { code: "badValue", input: "cap", row: bad } };
    for (let update = 0; update < cap.length / assets; update++) {
      for (let at = update * batch * assets; at < (update + 1) * batch * assets; at++) {
        const [e, i] = [residuals[at]!, at % assets];
        if (Number.isNaN(e)) continue;
        state.squares[i] = fade * state.squares[i]! + e * e;
        state.weight[i] = fade * state.weight[i]! + 1;
        state.count[i]!++;
      }
      const caps = cap.slice(update * assets, (update + 1) * assets);
      const raw = Array.from(caps, (_, i) =>
        state.count[i]! >= params.minimum ? Math.sqrt(state.squares[i]! / state.weight[i]!) : Number.NaN,
      );
      const ranked = raw.map((_, i) => i).filter((i) => !Number.isNaN(caps[i]!));
      ranked.sort((a, b) => caps[a]! - caps[b]! || a - b);
      const volatility = raw.map(() => Number.NaN);
      for (let g = 0; g < groups; g++) {
        const members = ranked.filter((_, rank) => Math.floor((rank * groups) / ranked.length) === g);
        for (const [k, v] of shrink(members, raw, caps, q).entries()) volatility[members[k]!] = v;
      }
      out.raw.set(raw, update * assets);
      out.volatility.set(volatility, update * assets);
    }
    return undefined;
  },
  sample: ({ update = 0 }, random, { assets, batch }) => ({
    residuals: Float64Array.from({ length: update * batch * assets }, (_, at) =>
      random() < 0.1 || at % assets === 4 ? Number.NaN : 0.01 * (1 + (at % assets) / assets) * (random() + random() - 0.9),
    ),
    cap: Float64Array.from({ length: update * assets }, (_, at) =>
      at % 17 === 6 ? Number.NaN : at % 5 === 0 ? 100 : 10 ** (3 * random()),
    ),
  }),
  golden: specificGolden,
  parity: [
    { dims: { update: 0 } },
    { dims: { update: 9 }, options: { assets: 23, groups: 4, halfLife: 5, minimum: 3 } },
    { dims: { update: 3 }, options: { assets: 121, batch: 20, shrinkage: 1 } },
  ],
  bench: [{ dims: { update: 32 }, options: { assets: 3_000 } }],
  example: { assets: 6, groups: 2 },
});

/** Volatilities of one group, in its order. */
function shrink(members: readonly number[], raw: readonly number[], cap: ArrayLike<number>, q: number): number[] {
  const known = members.filter((i) => !Number.isNaN(raw[i]!));
  const total = known.reduce((sum, i) => sum + cap[i]!, 0);
  const mean = known.reduce((sum, i) => sum + cap[i]! * raw[i]!, 0) / total;
  const distance = Math.sqrt(known.reduce((sum, i) => sum + (raw[i]! - mean) ** 2, 0) / known.length);
  return members.map((i) => {
    if (Number.isNaN(raw[i]!)) return mean;
    const pull = q * Math.abs(raw[i]! - mean);
    const v = pull > 0 ? pull / (distance + pull) : 0;
    return v * mean + (1 - v) * raw[i]!;
  });
}
