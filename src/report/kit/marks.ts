import { area, curveLinear, curveStepAfter, line } from "d3-shape";
import { columnsOf, decimate } from "./decimate.js";
import { type Frame, type Layout, narrow, round } from "./layout.js";

/** Fewer values than this are also marked one by one: a line through three points hides how few they are. */
const fewValues = 60;
/** With more values than this in a column of a line's picture, the line would fill the picture: a band takes its place. */
const denseColumn = 4;
export const lineColumns = (layout: Layout, detail = 1): number => Math.round(layout.width * 0.75 * detail);
/** Whether either drawing of so many values is a band. */
export const isDense = (values: number): boolean => values > denseColumn * lineColumns(narrow);

/** Where nothing closed for this share of the width, a line would pretend that something did. */
export function breakShare(places: Float64Array): number {
  const waits = places.slice(1).map((place, i) => place - places[i]!);
  const middle = waits.sort()[waits.length >> 1] ?? 0;
  return Math.max(20 * middle, 0.025 * (places[places.length - 1]! - places[0]!));
}

/** Whether a line breaks between two places. */
function breaks({ places, timeline: { seams } }: Frame): (from: number, to: number) => boolean {
  const limit = breakShare(places);
  return (from, to) => to - from > limit || seams.some((seam) => from < seam && seam < to);
}

/** Where points lie close, to the whole pixel: they are several in each as it is. */
export const acrossDense = (frame: Frame, points: number): ((place: number) => number) =>
  points > 60 ? (place) => Math.round(across(frame, place)) : (place) => across(frame, place);

export const across = ({ left, layout }: Frame, place: number): number => round(left + place * (layout.width - layout.right - left));

export function lines(frame: Frame): string {
  const { of, layout, places, y, detail } = frame;
  if (of.extremes) return envelope(frame);
  if (of.x.length > denseColumn * lineColumns(layout)) return band(frame);
  const [floor] = y.domain() as [number, number];
  const kept = decimate(places, of.y, lineColumns(layout, detail) / (of.coarse ? 2 : 1));
  const placed = acrossDense(frame, kept.length);
  const broken = breaks(frame);
  const points: [number, number][] = [];
  const marks: string[] = [];
  kept.forEach((i, place) => {
    const at = placed(places[i]!);
    const level = round(y(of.scale === "log" ? Math.max(of.y[i]!, floor) : of.y[i]!));
    if (place && broken(places[kept[place - 1]!]!, places[i]!)) points.push([at, Number.NaN]);
    points.push([at, level]);
    if (kept.length <= fewValues && Number.isFinite(level)) marks.push(`M${at},${level}h0`);
  });
  const steps = !of.straight && kept.length === of.x.length && kept.length < layout.width / 4;
  const path = line()
    .defined((point) => Number.isFinite(point[1]))
    .curve(steps ? curveStepAfter : curveLinear)(points);
  return `<path class="line${of.faint ? " faint" : ""}" d="${relative(path ?? "")}"/>${marks.length ? `<path class="dots" d="${marks.join("")}"/>` : ""}`;
}

/** Lowest to highest of each column as a band, the median as a line in it. Two units wide: the tip of a spike has to be seen. */
function band(frame: Frame): string {
  const { of, layout, places, y, detail } = frame;
  const [floor] = y.domain() as [number, number];
  const level = (value: number) => round(y(of.scale === "log" ? Math.max(value, floor) : value));
  const broken = breaks(frame);
  const columns = columnsOf(places, of.y, Math.round((detail * layout.width) / (of.coarse ? 4 : 2)));
  const placed = acrossDense(frame, columns.length);
  const points = columns.flatMap((c, i) => (i && broken(columns[i - 1]!.x, c.x) ? [undefined, c] : [c]));
  const isThere = (c: (typeof points)[number]) => c !== undefined;
  const at = (c: (typeof points)[number]) => placed(c!.x);
  const spread = area<(typeof points)[number]>(
    at,
    (c) => level(c!.lowest),
    (c) => level(c!.highest),
  ).defined(isThere)(points);
  const middle = line<(typeof points)[number]>(at, (c) => level(c!.median)).defined(isThere)(points);
  return `<path class="band" d="${relative(spread ?? "")}"/><path class="line" d="${relative(middle ?? "")}"/>`;
}

/** From lowest to highest of each stretch: what lay between them, and in which order, is not known. */
function envelope(frame: Frame): string {
  const { of, layout, places, y } = frame;
  const [floor] = y.domain() as [number, number];
  const level = (value: number) => round(y(of.scale === "log" ? Math.max(value, floor) : value));
  // A marked value is one of its stretch, not a stretch of its own.
  const values = of.y.slice();
  for (const i of of.over?.marked ?? []) values[i] = Number.NaN;
  const columns = columnsOf(places, values, lineColumns(layout));
  const at = (c: (typeof columns)[number]) => across(frame, c.x);
  const broken = breaks(frame);
  const runs = columns.reduce<(typeof columns)[]>((all, c, i) => {
    if (i === 0 || broken(columns[i - 1]!.x, c.x)) all.push([]);
    all.at(-1)!.push(c);
    return all;
  }, []);
  const edge = (of: "lowest" | "highest") => runs.map((run) => line<(typeof columns)[number]>(at, (c) => level(c[of]))(run) ?? "").join("");
  const between = runs.map(
    (run) =>
      area<(typeof columns)[number]>(
        at,
        (c) => level(c.lowest),
        (c) => level(c.highest),
      )(run) ?? "",
  );
  return `<path class="band" d="${relative(between.join(""))}"/><path class="line" d="${relative(edge("lowest"))}"/><path class="line" d="${relative(edge("highest"))}"/>`;
}

/** The same path with steps in place of positions, which are half as long to write. Positions are whole tenths, so nothing adds up. */
export function relative(path: string): string {
  let [x, y, drawing] = [0, 0, false];
  return path.replace(/([ML])(-?[\d.]+),(-?[\d.]+)/g, (_, command: string, toX: string, toY: string) => {
    const [nextX, nextY] = [Math.round(Number(toX) * 10), Math.round(Number(toY) * 10)];
    const step = `${tenths(nextX - x)}${nextY < y ? "" : ","}${tenths(nextY - y)}`;
    const text = command === "M" ? `M${toX},${toY}` : `${drawing ? (nextX < x ? "" : " ") : "l"}${step}`;
    [x, y, drawing] = [nextX, nextY, command === "L"];
    return text;
  });
}

const tenths = (value: number): string => String(value / 10).replace(/^(-?)0\./, "$1.");

/** From zero up and from zero down in two paths; a dense chart keeps the longest bar of each column on either side. */
export function bars(frame: Frame): string {
  const { of, layout, left, places, y, detail } = frame;
  const zero = round(y(0));
  const kept = decimate(places, of.y, Math.round(layout.width * 0.45 * detail));
  const placed = acrossDense(frame, kept.length);
  const thick = kept.length < layout.width / 8 ? " thick" : "";
  let [up, down] = ["", ""];
  for (const i of kept) {
    const value = of.y[i]!;
    if (!(value !== 0 && Number.isFinite(value))) continue;
    const bar = `M${placed(places[i]!)},${zero}V${round(y(value))}`;
    if (value > 0) up += bar;
    else down += bar;
  }
  const rule = `<path class="rule" d="M${left},${zero}H${layout.width - layout.right}"/>`;
  return `<path class="up${thick}" d="${up}"/><path class="down${thick}" d="${down}"/>${rule}`;
}

/** The line over the chart, and a cross at every value that is marked: the marker of each point of an unseen line. */
export function overLine(frame: Frame): string {
  const { of, layout, places, y, detail } = frame;
  if (!of.over) return "";
  const kept = decimate(places, of.over.y, lineColumns(layout, detail) / 2);
  const placed = acrossDense(frame, kept.length);
  const points = kept.map((i): [number, number] => [placed(places[i]!), round(y(of.over!.y[i]!))]);
  const path = line().defined((point) => Number.isFinite(point[1]))(points) ?? "";
  const marked = of.over.marked.map((i): [number, number] => [across(frame, places[i]!), round(y(of.y[i]!))]);
  const marks = marked.length ? `<path class="breach" d="${relative(line()(marked)!)}"/>` : "";
  return `<path class="over" d="${relative(path)}"/>${marks}`;
}
