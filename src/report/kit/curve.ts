/** A curve of two quantities, and single points beside it. Its grid stands in a group: neither axis is one of time. */
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { svg } from "./chart.js";
import { type Layout, round } from "./layout.js";
import { escapeHtml, fixed } from "./text.js";

export interface Curve {
  id: string;
  title: string;
  description: string;
  /** Quantity and unit of either axis. */
  across: string;
  up: string;
  x: Float64Array;
  y: Float64Array;
  /** Each with one letter, which a key explains. */
  points: readonly { label: string; x: number; y: number }[];
}

/** Places of a letter about its point, the best first. */
const about = [
  [9, 5],
  [-18, 5],
  [-5, -9],
  [-5, 20],
  [9, -9],
  [9, 19],
  [-18, -9],
  [-18, 19],
] as const;
const [letterWide, letterHigh] = [12, 13];

export function curve(of: Curve, layout: Layout): string {
  const [left, right, top, bottom] = [layout.left, layout.width - layout.right, 30, layout.height - 38];
  const span = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as [number, number];
  const x = scaleLinear(span([...of.x, ...of.points.map((p) => p.x)]), [left, right]).nice(layout.xTicks);
  const y = scaleLinear(span([...of.y, ...of.points.map((p) => p.y)]), [bottom, top]).nice(5);
  const written = (scale: typeof x, count: number) => {
    const ticks = scale.ticks(count);
    const step = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : 1;
    const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    return ticks.map((tick) => ({ at: round(scale(tick)), label: fixed(tick, decimals) }));
  };
  const [feet, sides] = [written(x, layout.xTicks - 1), written(y, 5)];
  const path = line()(Array.from(of.x, (value, i): [number, number] => [round(x(value)), round(y(of.y[i]!))])) ?? "";
  const taken: (readonly [number, number])[] = [];
  const letters = of.points.map((point) => {
    const [px, py] = [round(x(point.x)), round(y(point.y))];
    const free = about
      .map(([dx, dy]) => [px + dx, py + dy] as const)
      .find(
        ([ax, ay]) =>
          ax > left &&
          ax + letterWide < layout.width &&
          ay > letterHigh &&
          ay < bottom &&
          taken.every(([bx, by]) => Math.abs(ax - bx) > letterWide || Math.abs(ay - by) > letterHigh),
      );
    if (!free) return "";
    taken.push(free);
    return `<text class="mark" x="${free[0]}" y="${free[1]}">${escapeHtml(point.label)}</text>`;
  });
  const dots = of.points.map((point) => `M${round(x(point.x))},${round(y(point.y))}h0`).join("");
  const body =
    `<g><path class="grid" d="${sides.map(({ at }) => `M${left},${at}H${right}`).join("")}"/></g><text class="axis" x="2" y="13">${escapeHtml(of.up)}</text>` +
    sides.map(({ at, label }) => `<text class="tick" x="${left - 7}" y="${at + 4}" text-anchor="end">${label}</text>`).join("") +
    `<path class="line" d="${path}"/><path class="dots" d="${dots}"/>${letters.join("")}<path class="rule" d="M${left},${bottom}H${right}"/>` +
    feet.map(({ at, label }) => `<text class="tick" x="${at}" y="${bottom + 18}" text-anchor="middle">${label}</text>`).join("") +
    `<text class="axis" x="${right}" y="${bottom + 34}" text-anchor="end">${escapeHtml(of.across)}</text>`;
  return svg(`${of.id}-${layout.name}`, of.title, of.description, layout, layout.height, body);
}
