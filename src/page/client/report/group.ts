/** Charts on one axis of time: what is shown of it, where the cursor is, and how both change. */
import { clockOf } from "../../../report/kit/clock.js";
import { narrow, wide } from "../../../report/kit/layout.js";
import { leftOf, type Stack } from "../../../report/kit/stack.js";
import { type Stretch, type Timeline, timelineOf } from "../../../report/kit/timeline.js";
import { fixed } from "../base/format.js";
import { type Cursor, Lens, type Together } from "./lens.js";
import { atOrAfter, nearest, partOf, type Reading, readAt } from "./reading.js";
import type { HeldChart, HeldGroup } from "./unpack.js";

/** Nothing is shown closer than this many ms. */
const CLOSEST_MS = 0.01;

export class Group implements Together {
  readonly lenses: readonly Lens[];
  span: Stretch;
  timeline: Timeline;
  private cursor: Cursor | undefined;

  constructor(
    private readonly held: HeldGroup,
    /** Something of this group has changed. */
    private readonly changed: (group: Group) => void,
  ) {
    this.span = held.span;
    this.timeline = this.lineOf(held.span);
    this.lenses = held.charts.flatMap((chart, i) => {
      const [big, small] = ["wide", "narrow"].map((name) =>
        document.getElementById(`${held.charts[i]!.chart.id}-${name}-t`)?.closest("svg"),
      );
      return big && small ? [new Lens(this, chart, big, small)] : [];
    });
    for (const lens of this.lenses) lens.describe();
  }
  private lineOf(span: Stretch): Timeline {
    const { zone, elapsed, closed } = this.held;
    return timelineOf([], { zone, elapsed, leaveOut: closed, span });
  }
  get isWhole(): boolean {
    const { span } = this.held;
    return this.span[0] === span[0] && this.span[1] === span[1];
  }

  /** From `from` to `to`, as far as there is anything; everything where left out. */
  show(from = this.held.span[0], to = this.held.span[1]): void {
    const all = this.held.span;
    const length = Math.min(all[1] - all[0], Math.max(CLOSEST_MS, to - from));
    const begin = Math.min(all[1] - length, Math.max(all[0], Math.min(from, to)));
    this.span = begin === all[0] && length === all[1] - all[0] ? all : [begin, begin + length];
    this.timeline = this.lineOf(this.span);
    this.cursor = undefined;
    this.draw();
    this.changed(this);
  }
  pan(by: number): void {
    const step = by * (this.span[1] - this.span[0]);
    this.show(this.span[0] + step, this.span[1] + step);
  }
  /** `by` times as much time; what lies at the share `at` of the plot stays there. */
  scale(by: number, at = 0.5): void {
    const still = this.timeline.at(at);
    this.show(still - by * (still - this.span[0]), still + by * (this.span[1] - still));
  }
  draw(): void {
    if (this.isWhole) for (const lens of this.lenses) lens.still();
    else {
      const parts = this.lenses.map(({ held }) => partOf(held.chart, this.span));
      const left = { wide: leftOf(parts, wide), narrow: leftOf(parts, narrow) };
      const stack: Stack = { timeline: this.timeline, left, detail: 1, cut: true };
      for (const [i, lens] of this.lenses.entries()) lens.draw(parts[i]!, stack);
    }
    for (const lens of this.lenses) lens.describe();
  }
  get left(): Stack["left"] {
    return this.held.left;
  }

  /**
   * The cursor at a share of the plot, one pixel wide (`width`, a share too): on the values there, or on the nearest of `chart`.
   * Undefined: nowhere.
   */
  point(place: number | undefined, width: number, { chart, stretch }: HeldChart): void {
    if (place === undefined) this.cursor = undefined;
    else {
      const [from, to] = [this.timeline.at(place - width / 2), this.timeline.at(place + width / 2)];
      const some = stretch > 0 || chart.x[atOrAfter(chart.x, from)]! <= to;
      const one = some ? Number.NaN : nearest(chart.x, this.timeline.at(place));
      this.cursor = some ? { from, to } : { from: one, to: one };
    }
    for (const lens of this.lenses) lens.tell(this.cursor);
    this.changed(this);
  }
  /** To the next value of a chart that lies a pixel or more away. */
  step(by: number, width: number, held: HeldChart): void {
    const { x } = held.chart;
    const now = this.cursor ? this.timeline.place((this.cursor.from + this.cursor.to) / 2) : by > 0 ? 0 : 1;
    const beside = this.timeline.at(now + by * width);
    const index = by > 0 ? atOrAfter(x, beside) : atOrAfter(x, beside + 1e-6) - 1;
    const place = this.timeline.place(x[Math.min(x.length - 1, Math.max(0, index))]!);
    this.point(Math.min(1, Math.max(0, place)), width, held);
  }

  read(held: HeldChart): Reading | undefined {
    return this.cursor && readAt(held, this.cursor.from, this.cursor.to);
  }
  /** One moment, or from where to where. */
  timeText(from: number, to: number, days: boolean): string {
    if (this.held.elapsed) return from === to ? `${fixed(from / 1000, 2)} s` : `${fixed(from / 1000, 2)} to ${fixed(to / 1000, 2)} s`;
    const clock = clockOf(this.held.zone);
    const length = this.span[1] - this.span[0];
    const written = (ms: number) => {
      const iso = new Date(clock.local(ms)).toISOString().replace("T", " ");
      return iso.slice(0, days ? 10 : length < 120_000 ? 23 : 19);
    };
    const [first, last] = [written(from), written(to)];
    const zone = days ? "" : ` ${this.held.zone}`;
    return first === last
      ? first + zone
      : `${first} to ${last.slice(0, 10) === first.slice(0, 10) && !days ? last.slice(11) : last}${zone}`;
  }
  get words(): string {
    return this.timeText(
      this.span[0],
      this.span[1],
      this.held.charts.every(({ days }) => days),
    );
  }
}
