/** Seeded cross-sections: gaps, an asset without sector, a date without returns, collinear styles on one date, sectors of one asset. */

interface Sizes {
  assets: number;
  sectors: number;
  styles: number;
}

const normal = (random: () => number): number => random() + random() + random() + random() - 2;

export function sampleCrossSections(
  dates: number,
  sets: number,
  params: Readonly<Record<string, any>>,
  random: () => number,
  without: ReadonlySet<string>,
) {
  const { assets, sectors, styles } = params as Sizes;
  const cap = new Float64Array(sets * assets);
  const universe = new Uint8Array(sets * assets);
  const exposures = new Float64Array(sets * styles * assets);
  const complete = without.has("universe") && without.has("exposureOf") && assets > 1_000; // a benchmark: nothing is missing
  const sector = Int32Array.from({ length: assets }, (_, i) =>
    i === 0 ? sectors - 1 : Math.floor(random() * (sectors > 2 ? sectors - 1 : sectors)),
  );
  if (!complete && assets > 3) sector[3] = -1;
  for (let set = 0; set < sets; set++)
    for (let i = 0; i < assets; i++) {
      cap[set * assets + i] = 1e3 * 10 ** (4 * random());
      universe[set * assets + i] = random() < 0.9 || i === 0 ? 1 : 0;
      for (let k = 0; k < styles; k++) {
        const own = 0.2 * sector[i]! + (k === 1 ? 3 : 0.3 * k) + normal(random);
        const gap = !complete && random() < 0.02 / styles;
        const alike = !complete && k > 0 && set % 4 === 1; // the last style is twice the first
        exposures[(set * styles + k) * assets + i] = gap
          ? Number.NaN
          : alike && k === styles - 1
            ? 2 * exposures[set * styles * assets + i]!
            : own;
      }
    }
  if (!complete && assets > 9) cap[7] = Number.NaN;
  const weights = cap.map((c) => (random() < 0.01 ? Number.NaN : (0.2 + random()) / (1 + 1e-4 * Math.abs(c))));
  const returns = new Float64Array(dates * assets);
  for (let t = 0; t < dates; t++) {
    const factor = Array.from({ length: 1 + sectors + styles }, () => 0.02 * normal(random));
    for (let i = 0; i < assets; i++) {
      const set = Math.max(0, Math.min(t, sets) - 1);
      let value = factor[0]! + factor[1 + Math.max(0, sector[i]!)]! + 0.03 * normal(random);
      for (let k = 0; k < styles; k++) value += 0.2 * factor[1 + sectors + k]! * (exposures[(set * styles + k) * assets + i] || 0);
      const still = !complete && dates > 3 && t === dates - 1; // no asset has a return
      returns[t * assets + i] = still || (!complete && i > 0 && (t < 2 || t % 3 === 0) && random() < 0.05) ? Number.NaN : value;
    }
  }
  const exposureOf = Int32Array.from({ length: dates }, (_, t) => (t === 1 ? -1 : Math.min(sets - 1, Math.floor((t * sets) / dates))));
  return { returns, cap, sector, styles: exposures, universe, exposureOf, weights };
}
