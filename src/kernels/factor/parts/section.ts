/** Which assets take part in the regression of a date, and which value cannot be used. */
import type { RealView } from "../../../core/contract/contract.js";
import type { Section } from "./factor_regression.js";

export const noSection = (): Section => ({ asset: [], value: [], cap: [], weight: [], sector: [], styles: [] });

interface Given {
  returns: RealView;
  cap: RealView;
  weights?: RealView | undefined;
  sector: Int32Array;
  styles?: RealView | undefined;
  universe?: Uint8Array | undefined;
}

const usable = (size: number) => size > 0 && size < Number.POSITIVE_INFINITY;

/** The assets that take part, or the first value that cannot be used: its input and its element. */
export function sectionOf(
  given: Given,
  params: { assets: number; styles: number },
  t: number,
  set: number,
): Section | { input: string; row: number } {
  const { assets, styles } = params;
  const map = Math.min(set, given.sector.length / assets - 1);
  const section = noSection();
  const candidates: { asset: number; weight: number; styles: number[] }[] = [];
  for (let i = 0; i < assets; i++) {
    const cap = given.cap[set * assets + i]!;
    const weight = given.weights ? given.weights[set * assets + i]! : Math.sqrt(Math.abs(cap));
    if (given.universe?.[set * assets + i] === 0 || given.sector[map * assets + i] === -1) continue;
    if (Number.isNaN(cap) || Number.isNaN(weight)) continue;
    if (!usable(cap)) return { input: "cap", row: set * assets + i };
    if (!usable(weight)) return { input: "weights", row: set * assets + i };
    const exposures = Array.from({ length: styles }, (_, k) => given.styles![(set * styles + k) * assets + i]!);
    if (exposures.some(Number.isNaN)) continue;
    const bad = exposures.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) return { input: "styles", row: (set * styles + bad) * assets + i };
    candidates.push({ asset: i, weight, styles: exposures });
  }
  for (const { asset, weight, styles: exposures } of candidates) {
    const value = given.returns[t * assets + asset]!;
    if (Number.isNaN(value)) continue;
    if (!Number.isFinite(value)) return { input: "returns", row: t * assets + asset };
    section.asset.push(asset);
    section.value.push(value);
    section.cap.push(given.cap[set * assets + asset]!);
    section.weight.push(weight);
    section.sector.push(given.sector[map * assets + asset]!);
    section.styles.push(exposures);
  }
  return section;
}
