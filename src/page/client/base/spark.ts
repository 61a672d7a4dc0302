/** A line so small that it stands in a cell, with its extremes in words. */
import { rate, span } from "./format.js";
import type { Course } from "./rates.js";
import { px, s } from "./svg.js";

const [WIDTH, HEIGHT] = [110, 20];
/** Less than this is no whole line. */
const LEAST_MS = 60_000;

/** Of rows a second: from 0 to its highest, the newest at the right edge. */
export function spark(course: Course | undefined, what: string): Node {
  const { at, values } = course ?? { at: [], values: [] };
  if (values.length < 2) return document.createTextNode("");
  const now = at.at(-1)!;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const length = Math.max(LEAST_MS, now - at[0]!);
  const x = (time: number) => px(WIDTH - 1 - ((WIDTH - 2) * (now - time)) / length);
  const y = (value: number) => px(HEIGHT - 2 - ((HEIGHT - 4) * value) / Math.max(high, 1e-9));
  const path = values.map((value, i) => `${i === 0 ? "M" : "L"}${x(at[i]!)} ${y(value)}`).join("");
  const words = `${what} in the last ${span(now - at[0]!)}: between ${rate(low)} and ${rate(high)}, now ${rate(values.at(-1)!)}`;
  return s(
    "svg",
    { class: "spark", role: "img", "aria-label": words, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT },
    s("title", {}, words),
    s("path", { class: "ground", d: `M0 ${HEIGHT - 1.5}H${WIDTH}` }),
    s("path", { class: "course", d: path }),
  );
}
