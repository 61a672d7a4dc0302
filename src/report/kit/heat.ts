import { svg } from "./chart.js";
import type { Layout } from "./layout.js";
import { escapeHtml } from "./text.js";

export interface HeatMap {
  id: string;
  title: string;
  description: string;
  rows: readonly string[];
  columns: readonly string[];
  /** Row-major; NaN leaves the cell empty. Colour follows this value. */
  values: Float64Array;
  /** Row-major; the value as it is written in the cell. */
  labels: readonly string[];
  /** Row-major; the smaller second line of the cell. */
  notes: readonly string[];
  /** Values above and below zero have colours of their own, stronger where larger. */
  signed?: true;
}

/** Five classes of equal width from the lowest to the highest value; few enough to tell apart, and each cell has its number. */
export function classBorders(values: ArrayLike<number>): number[] {
  const finite = Array.from(values).filter(Number.isFinite);
  if (!finite.length) return [];
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  return high > low ? [0, 1, 2, 3, 4, 5].map((i) => low + ((high - low) * i) / 5) : [low, high];
}

/** 0 to 4, and -1 for no value. */
export function classOf(value: number, borders: readonly number[]): number {
  if (Number.isNaN(value)) return -1;
  if (borders.length < 3) return 2;
  const [low, high] = [borders[0]!, borders[5]!];
  return Math.min(4, Math.floor(((value - low) / (high - low)) * 5));
}

/** The grounds of signed values, from the most negative; the letter is the colour, the number its strength. */
const signedGrounds = ["d2", "d1", "d0", "u0", "u1", "u2"] as const;

/** 0 to 5 by thirds of the largest size, and -1 for no value. */
export function signedClassOf(value: number, largest: number): number {
  if (Number.isNaN(value)) return -1;
  const strength = Math.min(2, Math.floor((3 * Math.abs(value)) / (largest || 1)));
  return value < 0 ? 2 - strength : 3 + strength;
}

const longest = (texts: readonly string[]) => texts.reduce((most, { length }) => Math.max(most, length), 1);

/** Columns side by side that leave each cell room for its longest text; more stand in bands below. */
function bandWidth(of: HeatMap, layout: Layout, across: readonly string[], side: number): number {
  const cell = layout.letter * Math.max(longest(of.labels), 1.15 * longest(across), 0.85 * longest(of.notes)) + 4;
  return Math.max(1, Math.min(across.length, Math.floor((layout.width - side) / cell)));
}

/** Room for the names on the left. */
const sideOf = (names: readonly string[], layout: Layout): number =>
  Math.max(leastSide, Math.ceil(1.2 * layout.letter * longest(names)) + 12);
const [leastSide, head, gap] = [42, 22, 14];

/** The narrow drawing stands on its side: a phone has room for seven columns, not for twenty-four. */
export function heatMap(of: HeatMap, layout: Layout): string {
  const upright = layout.name === "narrow";
  const [across, down] = upright ? [of.rows, of.columns] : [of.columns, of.rows];
  const cellHeight = upright ? 34 : 38;
  const side = sideOf(down, layout);
  const inBand = upright ? bandWidth(of, layout, across, side) : across.length;
  const cellWidth = (layout.width - side) / inBand;
  const bandHeight = head + cellHeight * down.length + gap;
  const place = (column: number, row: number): [number, number] => [
    side - 2 + cellWidth * (column % inBand),
    Math.floor(column / inBand) * bandHeight + head + cellHeight * row,
  ];
  const bands = Math.ceil(across.length / inBand);
  const heads = across.map((name, i) => text(place(i, 0)[0] + cellWidth / 2, place(i, 0)[1] - 8, name)).join("");
  const sides = Array.from({ length: bands }, (_, band) =>
    down.map((name, i) => text(side - 8, place(band * inBand, i)[1] + cellHeight / 2 + 4, name)),
  );
  const cells = of.labels.map((_, i) => {
    const [row, column] = [Math.floor(i / of.columns.length), i % of.columns.length];
    return upright ? place(row, column) : place(column, row);
  });
  const grounds = groundsOf(of, cells, cellWidth, cellHeight);
  const body = `${group("tick", "middle", heads)}${group("tick", "end", sides.flat().join(""))}${grounds}`;
  return svg(`${of.id}-${layout.name}`, of.title, of.description, layout, bandHeight * bands - gap + 2, body);
}

/** Every cell at its place, `width` by `height`. */
function groundsOf(of: HeatMap, cells: readonly [number, number][], width: number, height: number): string {
  const borders = classBorders(of.values);
  const largest = of.values.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
  const names = of.signed ? signedGrounds : ["h0", "h1", "h2", "h3", "h4"];
  const grounds = names.map((name) => ({ name, boxes: "", labels: "", notes: "" }));
  let holes = "";
  of.labels.forEach((label, i) => {
    const [x, y] = cells[i]!;
    const box = `M${one(x + 1)},${y + 1}h${one(width - 2)}v${height - 2}h${-one(width - 2)}z`;
    const ground = grounds[of.signed ? signedClassOf(of.values[i]!, largest) : classOf(of.values[i]!, borders)];
    if (ground) {
      ground.boxes += box;
      ground.labels += text(x + width / 2, y + height / 2 - 1, label);
      ground.notes += text(x + width / 2, y + height - 6, of.notes[i]!);
    } else holes += box;
  });
  return `<path class="he" d="${holes}"/>${grounds.map(drawClass).join("\n")}`;
}

/** All cells of one class are one path: three hundred rectangles would make a third of the file. */
function drawClass({ name, boxes, labels, notes }: { name: string; boxes: string; labels: string; notes: string }): string {
  const ink = name.startsWith("h") ? ` t${name.slice(1)}` : "";
  return boxes && `<path class="${name}" d="${boxes}"/>${group(`cell${ink}`, "middle", labels)}${group(`note${ink}`, "middle", notes)}`;
}

/** What the colours stand for, in words and numbers. */
export function heatKey(values: ArrayLike<number>, written: (value: number) => string): string {
  const borders = classBorders(values);
  if (borders.length < 3) return "";
  const items = [0, 1, 2, 3, 4].map((i) => `<li><i class="swatch s${i}"></i>${written(borders[i]!)} to ${written(borders[i + 1]!)}</li>`);
  return `<ul class="key">${items.join("")}</ul>`;
}

const one = (value: number): number => Math.round(value * 10) / 10;
const text = (x: number, y: number, words: string): string => `<text x="${one(x)}" y="${one(y)}">${escapeHtml(words)}</text>`;
const group = (kind: string, anchor: string, texts: string): string => `<g class="${kind}" text-anchor="${anchor}">${texts}</g>`;
