import { familyLines, familyNames } from "./family.js";
import { type Frame, type Layout, round, type Shade, type TimeChart } from "./layout.js";
import { bars, lines, overLine } from "./marks.js";
import { signMarks } from "./signs.js";
import { type Stack, stackOf } from "./stack.js";
import { escapeHtml } from "./text.js";
import { tickLabels, vertical } from "./vertical.js";

export function timeChart(of: TimeChart, layout: Layout, stack: Stack = stackOf([of])): string {
  const frame = layOut(of, layout, stack);
  const border = `${of.id}-${layout.name}-cut`;
  const inside = (marks: string) => (stack.cut && marks ? `<g clip-path="url(#${border})">${marks}</g>` : marks);
  const body = [
    (stack.cut ? cut(border, frame) : "") + shades(frame),
    seams(frame),
    yAxis(frame),
    xAxis(frame),
    inside(familyLines(frame)) + familyNames(frame),
    inside(of.form === "bars" ? bars(frame) : lines(frame)),
    threshold(frame),
    inside(overLine(frame)),
    inside(signMarks(frame)),
    truthBand(frame),
  ];
  return svg(`${of.id}-${layout.name}`, of.title, of.description, layout, layout.height, body.join("\n"));
}

/** The outside of every picture: a name and a description that are read aloud. */
export function svg(
  id: string,
  title: string,
  description: string,
  layout: Pick<Layout, "name" | "width">,
  height: number,
  body: string,
): string {
  return (
    `<svg class="${layout.name}" viewBox="0 0 ${layout.width} ${height}" role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d">` +
    `<title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(description)}</desc>\n${body}\n</svg>`
  );
}

/** Where marks of values before and behind the plot end. */
const cut = (id: string, { left, top, bottom, layout }: Frame): string =>
  `<clipPath id="${id}"><rect x="${left}" y="${top - 4}" width="${layout.width - layout.right - left}" height="${bottom - top + 8}"/></clipPath>`;

function layOut(of: TimeChart, layout: Layout, { timeline, left: lefts, detail }: Stack): Frame {
  const top = of.alarms?.length ? 46 : 30;
  const bottom = layout.height - (of.truth?.length ? 58 : 38);
  const left = lefts[layout.name];
  const x = (ms: number) => left + timeline.place(ms) * (layout.width - layout.right - left);
  return {
    of,
    layout,
    left,
    top,
    bottom,
    timeline,
    detail,
    x,
    y: vertical(of, [bottom, top]),
    places: of.x.map((ms) => timeline.place(ms)),
  };
}

function yAxis({ of, layout, left, y }: Frame): string {
  const end = layout.width - layout.right;
  const ticks = tickLabels(y, of.scale);
  const grid = ticks.map(({ tick }) => `M${left},${round(y(tick))}H${end}`).join("");
  const labels = ticks.map(
    ({ tick, label }) => `<text class="tick" x="${left - 7}" y="${round(y(tick)) + 4}" text-anchor="end">${label}</text>`,
  );
  return `<path class="grid" d="${grid}"/><text class="axis" x="2" y="13">${escapeHtml(of.axis)}</text>${labels.join("")}`;
}

/** Ticks in their order, those of openings first: a label is drawn where none before it stands. */
function xAxis({ left, bottom, layout, timeline, of }: Frame): string {
  const y = bottom + (of.truth?.length ? 38 : 18);
  const end = layout.width - layout.right;
  const taken: [number, number][] = [];
  let marks = "";
  const ticks = timeline.ticks(layout.xTicks).sort((a, b) => Number(b.opening) - Number(a.opening));
  const labels = ticks.map(({ place, label }) => {
    const at = round(left + place * (end - left));
    const half = (label.length * layout.letter) / 2;
    const free = taken.every(([from, to]) => at + half + layout.letter <= from || at - half - layout.letter >= to);
    if (!free || at + half > layout.width || at - half < 0) return "";
    taken.push([at - half, at + half]);
    marks += `M${at},${bottom}v5`;
    return `<text class="tick" x="${at}" y="${y}" text-anchor="middle">${label}</text>`;
  });
  const whole = timeline.elapsed ? timeline.dates : `${timeline.zone}, ${timeline.dates}`;
  const text =
    !timeline.elapsed && whole.length * layout.letter > layout.width ? `${timeline.zone.split("/").at(-1)}, ${timeline.dates}` : whole;
  const title = `<text class="axis" x="${end}" y="${y + 17}" text-anchor="end">${escapeHtml(text)}</text>`;
  return `<path class="rule" d="M${left},${bottom}H${end}${marks}"/>${labels.join("")}${title}`;
}

/** A dotted line wherever time is left out. */
function seams({ timeline, left, layout, top, bottom }: Frame): string {
  const at = timeline.seams.map((place) => round(left + place * (layout.width - layout.right - left)));
  return at.length ? `<path class="seam" d="${at.map((x) => `M${x},${top}V${bottom}`).join("")}"/>` : "";
}

/** Stretches that touch on the screen are drawn as one; none is thinner than two units, or it would not be seen. */
function runs({ x, timeline: { span } }: Frame, of: readonly Shade[]): { from: number; to: number }[] {
  const drawn: { from: number; to: number }[] = [];
  for (const shade of of) {
    if (shade.to < span[0] || shade.from > span[1]) continue;
    const from = x(Math.max(shade.from, span[0]));
    const to = Math.max(from + 2, x(Math.min(shade.to, span[1])));
    const last = drawn[drawn.length - 1];
    if (last && from <= last.to + 1) last.to = Math.max(last.to, to);
    else drawn.push({ from, to });
  }
  return drawn;
}

const boxes = (of: { from: number; to: number }[], top: number, bottom: number): string =>
  of.map(({ from, to }) => `M${round(from)},${top}H${round(to)}V${bottom}H${round(from)}z`).join("");

function shades(frame: Frame): string {
  const { of, layout, top, bottom, x } = frame;
  if (!of.alarms?.length) return "";
  const drawn = runs(frame, of.alarms);
  const marks = drawn.map(({ from, to }) => `M${round((from + to) / 2)},${top}l-4,-7h8z`).join("");
  let free = 0;
  const labels = of.alarms.map((shade) => {
    const at = round((x(shade.from) + x(shade.to)) / 2);
    const half = (shade.label.length * layout.letter) / 2 + 3;
    if (at - half < free || at + half > layout.width) return "";
    free = at + half;
    return `<text class="mark" x="${at}" y="${top - 10}" text-anchor="middle">${escapeHtml(shade.label)}</text>`;
  });
  return `<path class="alarm" d="${boxes(drawn, top, bottom)}"/><path class="alarm-mark" d="${marks}"/>${labels.join("")}`;
}

function truthBand(frame: Frame): string {
  const { of, left, bottom } = frame;
  if (!of.truth?.length) return "";
  const band = boxes(runs(frame, of.truth), bottom + 9, bottom + 21);
  return `<path class="truth" d="${band}"/><text class="tick" x="${left - 7}" y="${bottom + 20}" text-anchor="end">truth</text>`;
}

function threshold({ of, layout, left, y }: Frame): string {
  if (!of.threshold) return "";
  const end = layout.width - layout.right;
  const label = `<text class="axis" x="${end}" y="13" text-anchor="end">${escapeHtml(of.threshold.label)}</text>`;
  const [low, high] = y.domain() as [number, number];
  if (of.threshold.value < low || of.threshold.value > high) return label;
  return `<path class="threshold" d="M${left},${round(y(of.threshold.value))}H${end}"/>${label}`;
}
