/** The vertical axis of a chart: its domain from the values, its ticks and how they are written. */
import { scaleLinear, scaleLog } from "d3-scale";
import type { TimeChart, Vertical } from "./layout.js";

/** Axes that span less than this many times their foot are divided as linear ones are: 1, 2 and 5 would leave them bare. */
const fewFold = 3;
const twoDecades = 100;

type Values = Pick<TimeChart, "form" | "scale" | "domain" | "y" | "over" | "family" | "signs">;

export function vertical(of: Values, range: [number, number]): Vertical {
  // A bar's length is its value, so its axis begins at zero.
  let [low, high, above] = of.form === "bars" ? [0, 0, Infinity] : [Infinity, -Infinity, Infinity];
  for (const line of [
    of.y,
    ...(of.over ? [of.over.y] : []),
    ...(of.family?.below ?? []).map(({ y }) => y),
    ...(of.signs ?? []).map(({ y }) => y),
  ]) {
    for (const value of line) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
      if (value > 0) above = Math.min(above, value);
    }
  }
  if (of.scale === "log") return scaleLog(of.domain ?? (above === Infinity ? [0.1, 1] : logDomain(above, high)), range);
  if (of.domain) return scaleLinear(of.domain, range);
  // Values that differ by rounding alone are one value: their ticks would need all digits there are.
  if (high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high))) return scaleLinear([low, high], range).nice(5);
  const margin = Math.abs(low) * 0.01 || 1;
  return scaleLinear([low - margin, high + margin], range).nice(5);
}

/** From the 1, 2 or 5 at or below the lowest value to the one at or above the highest; of few-fold values from step to step. */
function logDomain(low: number, high: number): [number, number] {
  if (!(high > low * (1 + 1e-9))) return [low / 2, low * 2];
  const [from, to] = scaleLinear([low, high], [0, 1]).nice(5).domain() as [number, number];
  if (from > 0 && to / from < fewFold) return [from, to];
  return [round125(low, Math.floor), round125(high, Math.ceil)];
}

/** The nearest of 1, 2 and 5 times a power of ten on one side; what is one already, but for rounding, stays. */
function round125(value: number, towards: (index: number) => number): number {
  const decade = Math.floor(Math.log10(value) + 1e-12);
  const part = value / 10 ** decade;
  const index = [1, 2, 5, 10].findIndex((k) => part <= k * (1 + 1e-9));
  const met = Math.abs(part / [1, 2, 5, 10][index]! - 1) < 1e-9;
  return oneTwoFive(3 * decade + (met ? index : towards(index - 0.5)));
}

/** 1, 2, 5, 10, 20, ...: the `n`-th from 1 on. */
const oneTwoFive = (n: number): number => Number(`${[1, 2, 5][((n % 3) + 3) % 3]}e${Math.floor(n / 3)}`);

export function yTicks(y: Vertical, scale: TimeChart["scale"]): number[] {
  if (scale !== "log") return y.ticks(5);
  const [low, high] = y.domain() as [number, number];
  if (high / low < fewFold) return scaleLinear([low, high], [0, 1]).ticks(5);
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  if (high / low <= twoDecades * (1 + 1e-9)) {
    const all = Array.from({ length: 3 * (last - first + 2) }, (_, i) => oneTwoFive(3 * (first - 1) + i));
    return all.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
  }
  const every = Math.ceil((last - first) / 5);
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, i) => 10 ** (first + i * every));
}

/** Below a ten-thousandth a power is shorter than its zeros. */
const logLabel = (tick: number): string =>
  tick < 0.9e-4
    ? Number(tick.toPrecision(3)).toExponential().replace("-", "\u2212")
    : tick.toLocaleString("en-US", { maximumSignificantDigits: 3 });

/** All ticks of one axis as they are written. */
export function tickLabels(y: Vertical, scale: TimeChart["scale"]): { tick: number; label: string }[] {
  const [low, high] = y.domain() as [number, number];
  const written = scale === "log" && high / low >= fewFold ? logLabel : scaleLinear([low, high], [0, 1]).tickFormat(5);
  return yTicks(y, scale).map((tick) => ({ tick, label: written(tick) }));
}
