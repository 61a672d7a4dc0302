/** Kernels over the last dates of a panel: rings of rows, which begin as missing. */
import { counter } from "../../../core/contract/contract.js";
import { type Numbers, sampleReturnsPanel, sampleUniverse, sampleWeights } from "./panel.js";

const ring = (shape: readonly string[], unit: string, doc: string) => ({ dtype: "f64", shape, init: Number.NaN, unit, doc }) as const;

export const datesState = counter("dates", "dates so far");

export const olderState = (unit: string, doc: string) => ring(["window", "assets"], unit, doc);

/** State of a window that ends `lag` dates ago. */
export const delayedState = {
  recent: ring(["lag", "assets"], "ratio", "ring of the newest returns"),
  older: olderState("ratio", "ring of those of the window"),
  dates: datesState,
} as const;

/** Takes date `now` into the rings and gives each asset's values of the window, the newest first. */
export function windowAfter(
  fresh: Numbers,
  { recent, older }: { recent?: Float64Array; older: Float64Array },
  now: number,
  window: number,
  lag = 0,
): number[][] {
  const assets = fresh.length;
  const place = (now % (lag || 1)) * assets;
  const delayed = lag > 0 ? recent!.slice(place, place + assets) : fresh;
  if (lag > 0) recent!.set(fresh, place);
  older.set(delayed, (now % window) * assets);
  const slots = Array.from({ length: window }, (_, age) => (((now - age) % window) + window) % window);
  return Array.from({ length: assets }, (_, i) => slots.map((slot) => older[slot * assets + i]!));
}

/** Weights of ages 0 on: 2^(-age / halfLife). */
export const decay = (window: number, halfLife: number): number[] => Array.from({ length: window }, (_, age) => 2 ** (-age / halfLife));

export const sampleWindow = (dates: number, assets: number, random: () => number) => ({
  returns: sampleReturnsPanel(dates, assets, random),
  weights: sampleWeights(dates, assets, random),
  universe: sampleUniverse(dates, assets, random),
});
