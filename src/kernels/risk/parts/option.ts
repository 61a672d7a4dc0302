/** What the option kernels share: their columns, and samples of them. */
import type { Check } from "../../../core/contract/contract.js";
import { spread } from "../../parts/sample.js";

const real = (unit: string, doc: string, check: Check) => ({ dtype: "real", shape: ["option"], unit, doc, check }) as const;
const perYear = (doc: string) => ({ ...real("per year", doc, { min: -1, max: 10 }), optional: true }) as const;

export const optionInputs = {
  spot: real("price", "price of the asset, above 1e-280", { above: 1e-280 }),
  strike: real("price", "price at which the option is exercised, above 1e-280", { above: 1e-280 }),
  expiry: real("years", "time to expiry, >= 0", { min: 0, max: 1_000 }),
  rate: perYear("continuous interest rate, 0.05 for 5 %; 0 where left out"),
  dividendYield: perYear("continuous yield of the asset (foreign rate of a currency, rate of a future); 0 where left out"),
  call: { dtype: "u8", shape: ["option"], check: { max: 1 }, unit: "flag", doc: "1 for a call, 0 for a put" },
} as const;

/** Spots of six decades, strikes within a few deviations; every sixteenth at expiry, another exactly at the money without rates. */
export function sampleOptions(rows: number, random: () => number) {
  const spot = Float64Array.from({ length: rows }, () => 10 * spread(random));
  const still = (i: number) => i % 16 === 9;
  return {
    spot,
    strike: spot.map((s, i) => (still(i) ? s : s * Math.exp(1.1 * (random() - 0.45) ** 3 * 8))),
    expiry: spot.map((_, i) => (i % 16 === 3 ? 0 : (1 / 365) * 2_000 ** random())),
    rate: spot.map((_, i) => (still(i) ? 0 : 0.12 * (random() - 0.2))),
    dividendYield: spot.map((_, i) => (still(i) ? 0 : 0.07 * (random() - 0.1))),
    call: Uint8Array.from({ length: rows }, () => (random() < 0.6 ? 1 : 0)),
  };
}
