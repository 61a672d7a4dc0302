import { svg } from "./chart.js";
import type { Layout } from "./layout.js";
import { fixed } from "./text.js";

const names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Year"];

/** Size classes: below 2 %, below 6 %, above. */
const classOf = (value: number, year: boolean): number => {
  const [small, large] = year ? [0.05, 0.15] : [0.02, 0.06];
  return Math.abs(value) < small ? 0 : Math.abs(value) < large ? 1 : 2;
};

export interface Months {
  id: string;
  title: string;
  description: string;
  years: readonly number[];
  /** [year, month], and the whole year as its last; NaN leaves the cell empty. */
  values: Float64Array;
}

/** Returns of months as a map: direction by colour and sign, size by strength. A phone has room for whole per cents. */
export function monthMap(of: Months, layout: Layout): string {
  const small = layout.name === "narrow";
  const [left, top, height] = [small ? 32 : 42, 20, small ? 19 : 22];
  const width = (layout.width - left - 1) / names.length;
  const paths = new Map<string, string>();
  const labels: string[] = [];
  of.values.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    const [row, column] = [Math.floor(i / names.length), i % names.length];
    const [x, y] = [left + width * column, top + height * row];
    const kind = `${value < 0 ? "m-down" : "m-up"} o${classOf(value, column === 12)}`;
    const box = `M${one(x + 0.5)},${y + 0.5}h${one(width - 1)}v${height - 1}h${-one(width - 1)}z`;
    paths.set(kind, (paths.get(kind) ?? "") + box);
    labels.push(`<text x="${one(x + width / 2)}" y="${one(y + height / 2 + 4)}">${fixed(100 * value, small ? 0 : 1)}</text>`);
  });
  const heads = names.map(
    (name, i) => `<text x="${one(left + width * (i + 0.5))}" y="13">${small ? name.slice(0, i === 12 ? 2 : 1) : name}</text>`,
  );
  const sides = of.years.map((year, i) => `<text x="${left - 5}" y="${one(top + height * (i + 0.5) + 4)}">${year}</text>`);
  const grounds = [...paths].map(([kind, path]) => `<path class="${kind}" d="${path}"/>`).join("");
  const body =
    `<g class="tick" text-anchor="middle">${heads.join("")}</g><g class="tick" text-anchor="end">${sides.join("")}</g>` +
    `${grounds}<g class="${small ? "tiny" : "cell"}" text-anchor="middle">${labels.join("")}</g>`;
  return svg(`${of.id}-${layout.name}`, of.title, of.description, layout, top + height * of.years.length + 4, body);
}

const one = (value: number): number => Math.round(value * 10) / 10;
