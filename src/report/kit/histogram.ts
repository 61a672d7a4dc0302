import { scaleLinear, scaleSqrt } from "d3-scale";
import type { Bins } from "../../analysis/risk.js";
import { svg } from "./chart.js";
import { type Layout, round } from "./layout.js";
import { escapeHtml, fixed } from "./text.js";

export interface Histogram {
  id: string;
  title: string;
  description: string;
  bins: Bins;
  /** Places on the axis, each with a name; values below the first belong to the tail. */
  marks: readonly { at: number; label: string }[];
}

/** Counts of returns, the tail in another colour, with VaR and ES as named lines. */
export function histogram(of: Histogram, layout: Layout): string {
  const { from, width, counts } = of.bins;
  const [left, right, bottom] = [layout.left, layout.width - layout.right, layout.height - 38];
  const x = scaleLinear([from, from + width * counts.length], [left, right]);
  const fits = (i: number) => i > 0 && x(of.marks[i]!.at) - 5 - of.marks[i]!.label.length * layout.letter > 0;
  const top = of.marks.every((_, i) => i === 0 || fits(i)) ? 40 : 56;
  // Tails of a few returns are what the picture is for: a linear axis would hide them.
  const y = scaleSqrt([0, Math.max(...counts)], [bottom, top]);
  const border = of.marks[0]?.at ?? Number.NEGATIVE_INFINITY;
  const boxes = { body: "", tail: "" };
  counts.forEach((count, i) => {
    if (count === 0) return;
    const [a, b] = [round(x(from + i * width)), round(x(from + (i + 1) * width))];
    const box = `M${a},${bottom}V${round(Math.min(y(count), bottom - 1))}H${b}V${bottom}z`;
    if (from + (i + 1) * width <= border + width / 2) boxes.tail += box;
    else boxes.body += box;
  });
  const most = Math.max(...counts);
  const yTicks = [0.02, 0.1, 0.3, 0.6, 1]
    .map((share) => round125(share * most))
    .filter((tick, i, all) => tick <= most && tick !== all[i - 1]);
  const grid = yTicks.map((tick) => `M${left},${round(y(tick))}H${right}`).join("");
  const sides = yTicks.map(
    (tick) => `<text class="tick" x="${left - 7}" y="${round(y(tick)) + 4}" text-anchor="end">${fixed(tick, 0)}</text>`,
  );
  const feet = x
    .ticks(layout.xTicks)
    .map(
      (tick) =>
        `<text class="tick" x="${round(x(tick))}" y="${bottom + 18}" text-anchor="middle">${fixed(100 * tick, Math.abs(x.ticks(layout.xTicks)[1]! - x.ticks(layout.xTicks)[0]!) < 0.01 ? 1 : 0)}</text>`,
    );
  // The first name stands on the right of its line, the others, further out in the tail, on the left of theirs where there is room.
  const marks = of.marks.map(({ at, label }, i) => {
    const place = round(x(at));
    const words = fits(i) ? `x="${place - 5}" y="30" text-anchor="end"` : `x="${place + 5}" y="${i === 0 ? 30 : 46}"`;
    return `<path class="threshold" d="M${place},20V${bottom}"/><text class="mark" ${words}>${escapeHtml(label)}</text>`;
  });
  const body =
    `<path class="grid" d="${grid}"/><text class="axis" x="2" y="13">returns in a bin, square-root axis</text>${sides.join("")}` +
    `<path class="bin" d="${boxes.body}"/><path class="bin tail" d="${boxes.tail}"/><path class="rule" d="M${left},${bottom}H${right}"/>` +
    `${feet.join("")}<text class="axis" x="${right}" y="${bottom + 34}" text-anchor="end">return, %</text>${marks.join("")}`;
  return svg(`${of.id}-${layout.name}`, of.title, of.description, layout, layout.height, body);
}

/** The nearest of 1, 2 and 5 times a power of ten below it. */
function round125(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [5, 2, 1].map((k) => k * power).find((tick) => tick <= Math.max(1, value))!;
}
