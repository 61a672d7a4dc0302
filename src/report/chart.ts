import { scaleUtc } from "d3-scale";
import { utcFormat } from "d3-time-format";
import { type Frame, type Layout, round, type Shade, type TimeChart } from "./layout.js";
import { bars, lines, overLine } from "./marks.js";
import { escapeHtml } from "./text.js";
import { tickLabels, vertical } from "./vertical.js";

export function timeChart(of: TimeChart, layout: Layout): string {
  const frame = layOut(of, layout);
  const body = [
    shades(frame),
    yAxis(frame),
    xAxis(frame),
    of.form === "bars" ? bars(frame) : lines(frame),
    threshold(frame),
    overLine(frame),
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

function layOut(of: TimeChart, layout: Layout): Frame {
  const top = of.alarms?.length ? 46 : 30;
  const bottom = layout.height - (of.truth?.length ? 58 : 38);
  const y = vertical(of, [bottom, top]);
  const longest = Math.max(...tickLabels(y, of.scale).map(({ label }) => label.length));
  const left = Math.max(layout.left, Math.ceil(longest * layout.letter) + 10);
  const span = widen(of.x);
  const x = scaleUtc([new Date(span[0]), new Date(span[1])], [left, layout.width - layout.right]);
  return { of, layout, left, top, bottom, x: (ms) => x(ms), y, span };
}

/** A single moment gets half a minute on either side. */
function widen(x: Float64Array): readonly [number, number] {
  const [from, to] = [x[0]!, x[x.length - 1]!];
  return to > from ? [from, to] : [from - 30_000, to + 30_000];
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

const clock = utcFormat("%H:%M");
const clockSeconds = utcFormat("%H:%M:%S");
const clockMs = utcFormat("%H:%M:%S.%L");
const date = utcFormat("%-d %b");
const weekdayDate = utcFormat("%a %-d %b");
const month = utcFormat("%b %Y");

/** `step` is the time between two ticks: all ticks of an axis are written to the same unit. */
function timeLabel(at: Date, step: number, span: number): string {
  if (step < 1000) return clockMs(at);
  if (step < 60_000) return clockSeconds(at);
  if (at.getUTCHours() || at.getUTCMinutes()) return clock(at);
  if (span < 20 * 86_400_000) return weekdayDate(at);
  return span > 300 * 86_400_000 && at.getUTCDate() === 1 ? month(at) : date(at);
}

function xAxis({ left, bottom, layout, x, span, of }: Frame): string {
  const scale = scaleUtc([new Date(span[0]), new Date(span[1])], [left, layout.width - layout.right]);
  const y = bottom + (of.truth?.length ? 38 : 18);
  let free = Number.NEGATIVE_INFINITY;
  let marks = "";
  const ticks = scale.ticks(layout.xTicks);
  const step = ticks.length > 1 ? ticks[1]!.getTime() - ticks[0]!.getTime() : span[1] - span[0];
  const labels = ticks.map((tick) => {
    const at = round(x(tick.getTime()));
    const text = timeLabel(tick, step, span[1] - span[0]);
    const half = (text.length * layout.letter) / 2;
    if (at - half < free || at + half > layout.width || at - half < 0) return "";
    free = at + half + layout.letter;
    marks += `M${at},${bottom}v5`;
    return `<text class="tick" x="${at}" y="${y}" text-anchor="middle">${text}</text>`;
  });
  const day = utcFormat("%Y-%m-%d");
  const [from, to] = [day(new Date(span[0])), day(new Date(span[1]))];
  const title = `<text class="axis" x="${layout.width - layout.right}" y="${y + 17}" text-anchor="end">UTC, ${from === to ? from : `${from} to ${to}`}</text>`;
  return `<path class="rule" d="M${left},${bottom}H${layout.width - layout.right}${marks}"/>${labels.join("")}${title}`;
}

/** Stretches that touch on the screen are drawn as one; none is thinner than two units, or it would not be seen. */
function runs({ x, span }: Frame, of: readonly Shade[]): { from: number; to: number }[] {
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
  return `<path class="threshold" d="M${left},${round(y(of.threshold.value))}H${end}"/>${label}`;
}
