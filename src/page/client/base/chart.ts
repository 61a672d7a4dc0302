/** One chart: lines over time, with alarms behind them, a sentence for who cannot see it, and its numbers in a table. */
import uPlot from "uplot";
import { slices } from "../../../report/kit/decimate.js";
import type { Alarm } from "../../series/alarm_log.js";
import { joined, scaleOf, spaceOf, timesOf, widthOf } from "./axes.js";
import { h, table } from "./dom.js";
import { axisTexts, significant, span, toMs, toSecond } from "./format.js";
import { Reader } from "./reader.js";
import { extremes, gapsOf, lastOf, valueAt } from "./said.js";
import type { Points } from "./store.js";
import { type Pen, strokeLine } from "./strokes.js";
import { zoneAt, zoneName } from "./zone.js";

export interface LineStyle {
  readonly series: number;
  readonly name: string;
  /** A colour of the style sheet, and dashes: never colour alone. */
  readonly colour: string;
  readonly dash?: readonly number[];
}
export interface ChartOptions {
  readonly title: string;
  readonly lines: readonly LineStyle[];
  readonly unit: string;
  /** Ends of the scale where they are known. */
  readonly range?: readonly [number, number];
  zoom(from: number, to: number): void;
  /** Shares of the stretch that is shown. */
  pan(by: number): void;
  scale(by: number, at: number): void;
  /** The moment under the pointer, of this chart or another one; undefined: there is none. */
  hover?(time: number | undefined): void;
}

/** Width of the mark of an alarm. */
const MARK = 10;
const SLICES = 20;
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
/** Of the style sheet, which gives large screens larger ones. */
const pixels = (name: string) => Number.parseFloat(colour(`--${name}`));
const sync = uPlot.sync("page");

export class Chart {
  readonly element: HTMLElement;
  private readonly picture = h("div", { class: "picture", role: "img" });
  private readonly nothing = h("p", { class: "soft nothing", hidden: true });
  /** What the lines are at the pointer; for who has none, the numbers are in the table. */
  private readonly values = h("div", { class: "values", hidden: true, "aria-hidden": "true" });
  private readonly numbers = h("div", {});
  private readonly reader: Reader;
  private readonly details: HTMLDetailsElement;
  private plot: uPlot | undefined;
  private span: readonly [number, number] = [0, 1];
  private empty = true;
  private points: readonly (Points | undefined)[] = [];
  private alarms: readonly Alarm[] = [];
  private pens: readonly Pen[] = [];
  private alarmColours: readonly [fill: string, mark: string] = ["", ""];
  /** Of the picture, as the page was laid out last. */
  private width = 0;
  private readonly sized: ResizeObserver;

  constructor(private readonly options: ChartOptions) {
    this.details = h("details", { toggle: () => this.tell() }, h("summary", {}, "Numbers of this chart"), this.numbers);
    const key = options.lines.map(({ name, colour, dash }) =>
      h("li", {}, h("span", { class: `stroke ${dash ? (dash[0]! > dash[1]! ? "dashed" : "dotted") : ""} ${colour.slice(2)}` }), name),
    );
    this.reader = new Reader(options.title, { plot: () => this.plot, words: (time) => this.wordsAt(time) });
    this.element = h(
      "figure",
      {},
      h("figcaption", {}, h("span", { class: "title" }, options.title), h("ul", { class: "key" }, ...key)),
      h("div", { class: "under" }, this.picture, this.values),
      this.reader.element,
      this.nothing,
      this.details,
    );
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(this.picture);
    this.picture.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }
  get columns(): number {
    if (this.width === 0) this.width = this.picture.clientWidth;
    return Math.max(64, Math.round(this.width * devicePixelRatio));
  }

  private make(): uPlot {
    const { lines, range, zoom } = this.options;
    const [text, grid] = [colour("--soft"), colour("--grid")];
    const letters = pixels("chart-font");
    const font = `${letters}px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;
    this.pens = lines.map(({ colour: of, dash }) => ({ colour: colour(of), width: dash ? 1 : 1.5, dash }));
    this.alarmColours = [colour("--alarm-fill"), colour("--alarm")];
    const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
    return new uPlot(
      {
        width: Math.max(120, this.picture.clientWidth),
        height: pixels("chart-height"),
        ms: 1,
        tzDate: (time) => uPlot.tzDate(new Date(time), zoneName()),
        legend: { show: false },
        padding: [8, 18, 0, 0],
        cursor: { sync: { key: sync.key }, drag: { x: true, y: false, setScale: false }, points: { show: false } },
        scales: {
          x: { time: true, range: () => [...this.span] as [number, number] },
          y: { range: (_, low, high) => (range ? [...range] : scaleOf(low, high)) as [number, number] },
        },
        axes: [
          {
            ...axis,
            space: (_, __, from, to, room) => spaceOf((to - from) / room, letters / 12),
            size: (50 * letters) / 12,
            values: (_, splits, __, ___, step) => timesOf(splits, step),
          },
          {
            ...axis,
            space: (30 * letters) / 12,
            size: (_, texts) => widthOf(texts, letters / 12),
            values: (_, splits) => (this.empty ? splits.map(() => "") : axisTexts(splits)),
          },
        ],
        series: [
          {},
          // For the scale and the cursor: lines are drawn by themselves, as columns of pixels.
          ...lines.map(({ name }) => ({ label: name, points: { show: false }, paths: () => null })),
        ],
        hooks: {
          drawClear: [(plot) => this.drawAlarms(plot)],
          draw: [(plot) => this.drawLines(plot)],
          setCursor: [(plot) => this.hover(plot)],
          setSelect: [
            (plot) => {
              const { left, width } = plot.select;
              if (width < 4) return;
              zoom(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      joined(this.points, lines.length),
      this.picture,
    );
  }
  private extremes(line: number): readonly [low: number, high: number, last: string] {
    return extremes(this.points[line], this.span);
  }
  private drawLines(plot: uPlot): void {
    // The first line lies above the others.
    for (const [i, pen] of [...this.pens.entries()].reverse()) {
      const of = this.points[i];
      if (of) strokeLine(plot, of, pen);
    }
  }
  private hover({ cursor, posToVal, over }: uPlot): void {
    const left = cursor.left ?? -1;
    const time = left >= 0 ? posToVal(left, "x") : undefined;
    this.values.hidden = time === undefined;
    this.options.hover?.(time);
    if (time === undefined) return;
    const said = this.options.lines.map(({ name }, i) => `${name} ${valueAt(this.points[i], time)}`);
    this.values.textContent = [toMs(time), ...said].join("\n");
    // On the other side of the pointer.
    this.values.className = `values ${left < over.clientWidth / 2 ? "right" : "left"}`;
  }
  private drawAlarms(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const [fill, mark] = this.alarmColours;
    ctx.save();
    // Alarms so close that they meet are one ground, and their marks keep a distance.
    let [painted, marked] = [bbox.left, Number.NEGATIVE_INFINITY];
    for (const { from, to } of this.alarms) {
      if (to < this.span[0] || from > this.span[1]) continue;
      const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
      const right = Math.min(bbox.left + bbox.width, Math.max(left + 2, plot.valToPos(to, "x", true)));
      ctx.fillStyle = fill;
      const start = Math.max(left, painted);
      if (right > start) ctx.fillRect(start, bbox.top, right - start, bbox.height);
      painted = Math.max(painted, right);
      if (left - marked < MARK) continue;
      marked = left;
      ctx.fillStyle = mark;
      ctx.beginPath();
      ctx.moveTo(left - MARK / 2, bbox.top);
      ctx.lineTo(left + MARK / 2, bbox.top);
      ctx.lineTo(left, bbox.top + MARK - 1);
      ctx.fill();
    }
    ctx.restore();
  }

  draw(points: readonly (Points | undefined)[], shown: readonly [number, number], alarms: readonly Alarm[]): void {
    this.points = points;
    this.span = shown;
    const wasEmpty = this.empty;
    this.empty = !this.options.lines.some((_, i) => Number.isFinite(this.extremes(i)[0]));
    this.alarms = alarms.toSorted((a, b) => a.from - b.from);
    if (!this.plot && this.picture.clientWidth > 0) this.plot = this.make();
    else this.plot?.setData(joined(points, this.options.lines.length));
    // Numbers beside a scale that stays are not written anew by themselves.
    if (wasEmpty !== this.empty) this.plot?.redraw(false, true);
    this.describe();
    if (this.details.open) this.tell();
  }
  private describe(): void {
    const gaps = this.points
      .flatMap((of) => of?.gaps ?? [])
      .filter(({ at, length }) => at + length / 2 > this.span[0] && at - length / 2 < this.span[1]);
    const holes = gapsOf(gaps);
    this.nothing.hidden = !this.empty && holes === "";
    this.nothing.textContent = this.empty ? "no number in this time yet" : holes;
    const parts = this.options.lines.map(({ name }, i) => {
      const [low, high, last] = this.extremes(i);
      if (!Number.isFinite(low)) return `${name} has no number`;
      return `${name} lies between ${significant(low, 9)} and ${significant(high, 9)}, last ${last}`;
    });
    const alarms = this.alarms.filter(({ from, to }) => to >= this.span[0] && from <= this.span[1]).length;
    const [from, to] = this.span;
    const label = `${this.options.title}, ${toSecond(from)} to ${toSecond(to)} ${zoneName()}: ${parts.join("; ")}; ${holes === "" ? "" : `${holes} `}${alarms} alarm${alarms === 1 ? "" : "s"}`;
    if (this.picture.getAttribute("aria-label") !== label) this.picture.setAttribute("aria-label", label);
  }
  private wordsAt(time: number): string {
    const alarm = this.alarms.some(({ from, to }) => from <= time && time <= to) ? "; an alarm stands" : "";
    const of = this.options.lines.map(({ name }, i) => `${name} ${valueAt(this.points[i], time)}`);
    return `${toMs(time)} ${zoneAt(time)}: ${of.join("; ")}${alarm}`;
  }
  private tell(): void {
    if (!this.details.open) return;
    const rows = this.options.lines.flatMap(({ name }, i) => {
      const of = this.points[i];
      if (!of) return [];
      const [low, high] = [slices(of.x, of.low, SLICES), slices(of.x, of.high, SLICES)];
      return low.map((one, k) => ({
        name,
        from: one.from,
        lowest: one.lowest,
        highest: high[k]?.highest ?? one.highest,
        last: lastOf(one, high[k]),
      }));
    });
    const columns = [
      { head: `from (${zoneName()})`, words: true, cell: (row: (typeof rows)[number]) => toSecond(row.from) },
      { head: "line", words: true, cell: (row: (typeof rows)[number]) => row.name },
      { head: "lowest", cell: (row: (typeof rows)[number]) => significant(row.lowest) },
      { head: "highest", cell: (row: (typeof rows)[number]) => significant(row.highest) },
      { head: "last", cell: (row: (typeof rows)[number]) => row.last },
    ] as const;
    this.numbers.replaceChildren(
      table(`${this.options.title}, in steps of ${span((this.span[1] - this.span[0]) / SLICES)}`, columns, rows),
    );
  }

  private wheel(event: WheelEvent): void {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!sideways && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { width, left } = this.picture.getBoundingClientRect();
    if (sideways) this.options.pan(event.deltaX / width);
    else this.options.scale(event.deltaY > 0 ? 1.25 : 0.8, Math.min(1, Math.max(0, (event.clientX - left) / width)));
  }
  private resize(): void {
    this.width = this.picture.clientWidth;
    if (this.plot && this.width > 0) this.plot.setSize({ width: this.width, height: pixels("chart-height") });
  }
  /** In the colours that hold now. */
  restyle(): void {
    this.plot?.destroy();
    this.plot = this.picture.clientWidth > 0 ? this.make() : undefined;
  }
  close(): void {
    this.reader.close();
    this.sized.disconnect();
    this.plot?.destroy();
  }
}
