/** What the kernels over portfolios of a factor model share: holdings, and exposures in the form that factor_returns takes. */
export const exposureInputs = {
  sector: {
    dtype: "i32",
    shape: ["assets"],
    check: { min: -1, below: "sectors" },
    unit: "id",
    doc: "sector of each asset from 0, -1: none, the asset has no exposures",
  },
  styles: {
    dtype: "real",
    shape: ["styles", "assets"],
    optional: true,
    unit: "any",
    doc: "exposure of each asset to each style; NaN: none",
  },
} as const;

export const factorParams = {
  assets: { type: "i32", min: 1, max: 10_000_000, unit: "assets", doc: "number of assets" },
  sectors: { type: "i32", min: 1, max: 10_000, unit: "sectors", doc: "number of sectors" },
  styles: { type: "i32", min: 0, max: 500, default: 0, unit: "styles", doc: "number of styles" },
  factors: {
    type: "i32",
    min: 0,
    default: 0,
    derived: ({ sectors, styles }: Readonly<Record<string, any>>): number => 1 + sectors + styles,
    unit: "factors",
    doc: "1 + sectors + styles: computed, need not be given",
  },
} as const;

export const stylesGiven = ({ styles }: Readonly<Record<string, any>>, _: string, given: ReadonlySet<string> | undefined) =>
  given && given.has("styles") !== styles > 0
    ? `${styles} styles, but the input 'styles' is ${given.has("styles") ? "given" : "missing"}`
    : undefined;

export interface Model {
  assets: number;
  sectors: number;
  styles: number;
}

/** Exposure of one asset to each factor: 1 to the market and to its sector; all NaN without a sector. */
export function exposureRow(sector: Int32Array, styles: ArrayLike<number> | undefined, model: Model, asset: number): number[] {
  const id = sector[asset]!;
  if (id < 0) return Array(1 + model.sectors + model.styles).fill(Number.NaN);
  return [
    1,
    ...Array.from({ length: model.sectors }, (_, s) => (s === id ? 1 : 0)),
    ...Array.from({ length: model.styles }, (_, k) => styles![k * model.assets + asset]!),
  ];
}

/** Sum of weight * exposure over the assets held; NaN where one of them has no exposure. */
export function portfolioExposure(
  weights: ArrayLike<number>,
  sector: Int32Array,
  styles: ArrayLike<number> | undefined,
  model: Model,
): Float64Array {
  const sum = new Float64Array(1 + model.sectors + model.styles);
  for (let i = 0; i < model.assets; i++) {
    if (weights[i] === 0) continue;
    for (const [k, x] of exposureRow(sector, styles, model, i).entries()) sum[k]! += weights[i]! * x;
  }
  return sum;
}

/** Seeded exposures: gaps at assets 3 and 5, which the even portfolios do not hold. */
export function sampleModel({ assets, sectors, styles }: Model, random: () => number) {
  const sector = Int32Array.from({ length: assets }, (_, i) => (i === 3 ? -1 : Math.floor(random() * sectors)));
  const exposures = Float64Array.from({ length: styles * assets }, (_, at) => (at === 5 ? Number.NaN : random() + random() - 0.8));
  return { sector, styles: exposures };
}

export const sampleWeights = (portfolios: number, assets: number, random: () => number): Float64Array =>
  Float64Array.from({ length: portfolios * assets }, (_, at) => {
    const [p, i] = [Math.floor(at / assets), at % assets];
    const none = p === 2 || random() < 0.3 || (p % 2 === 0 && (i === 3 || i === 5));
    return none ? 0 : (random() - 0.3) / assets;
  });
