/** Series that R and Python were given for the numbers of garch.test.ts, rounded to 4 decimals so that every machine makes the same. */
import { seeded } from "../../../src/kernels/parts/sample.js";

const rounded = (x: number) => Math.round(1e4 * x) / 1e4;

/** 1,500 returns in percent: mean 0.03, h = 0.05 + 0.1 e^2 + 0.85 h. */
export function returns(): Float64Array {
  const random = seeded(11);
  const gauss = () => Array.from({ length: 12 }, random).reduce((sum, x) => sum + x, 0) - 6;
  let [h, e] = [1, 0];
  return Float64Array.from({ length: 1_500 }, () => {
    h = 0.05 + 0.1 * e * e + 0.85 * h;
    e = Math.sqrt(h) * gauss();
    return rounded(0.03 + e);
  });
}

/** 600 losses with a tail of shape 0.35. */
export function losses(): Float64Array {
  const random = seeded(12);
  return Float64Array.from({ length: 600 }, () => rounded(3 * ((1 - random()) ** -0.35 - 1)));
}
