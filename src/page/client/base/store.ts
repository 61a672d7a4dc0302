/** What the page has been told: lines by columns of pixels, alarms, and how the system is. */
import { Frames, layoutOf } from "../../../bus/frame.js";
import type { Alarm } from "../../series/alarm_log.js";
import type { Series } from "../../series/catalog.js";
import { drawn, type FileLine, type Status, type Told, type TopicInfo } from "../../series/wire.js";
import { Rates } from "./rates.js";

/** Columns of pixels of a line, in their order. */
export interface Points {
  readonly x: number[];
  readonly low: number[];
  readonly high: number[];
  /** Stretches without a row so long that the line is broken there; about these moments, in ms. */
  readonly gaps: { readonly at: number; readonly length: number }[];
}
export type Hello = Extract<Told, { kind: "hello" }>;
export const alarmKey = ({ topic, row }: Pick<Alarm, "topic" | "row">): string => `${topic}:${row}`;

/** Words of a frame's header: rows, number of the view that it is for, whether what there is of it is forgotten. */
const WORD = { rows: 4, view: 13, anew: 14 } as const;
const HEADER_WORDS = 16;

export class Store {
  hello: Hello | undefined;
  readonly series: Series[] = [];
  readonly points = new Map<number, Points>();
  readonly alarms = new Map<string, Alarm>();
  revision = 0;
  span: readonly [number, number] | undefined;
  /** The newest moment there is, ms UTC; NaN before any. */
  latest = Number.NaN;
  skipped = 0;
  turnedBy: number | undefined;
  system: Status | undefined;
  readonly rates = new Rates();
  files: readonly FileLine[] | undefined;
  ended = false;
  /** When something new was drawn last, by the page's clock. */
  movedAt = performance.now();
  /** When the server was heard last. */
  heardAt = performance.now();

  /** Of another server than before nothing that was told holds; then it is true. */
  greet(hello: Hello): boolean {
    const before = this.hello?.server;
    if (before !== hello.server) {
      this.alarms.clear();
      this.revision = 0;
      this.span = undefined;
      this.latest = Number.NaN;
      this.ended = false;
    }
    this.hello = hello;
    this.series.length = 0;
    this.points.clear();
    return before !== undefined && before !== hello.server;
  }
  topic(name: string): TopicInfo | undefined {
    return this.hello?.topics.find((one) => one.name === name);
  }

  /** Those that nobody was told of yet. */
  takeAlarms({ alarms, revision, anew }: Extract<Told, { kind: "alarms" }>): Alarm[] {
    if (anew) this.alarms.clear();
    this.revision = revision;
    const fresh = alarms.filter((alarm) => !this.alarms.has(alarmKey(alarm)));
    for (const alarm of alarms) this.alarms.set(alarmKey(alarm), alarm);
    return anew ? [] : fresh;
  }

  /** False where the frame is of an older view. */
  takeFrame(bytes: ArrayBuffer, view: number): boolean {
    const words = new Uint32Array(bytes, 0, HEADER_WORDS);
    if (words[WORD.view] !== view) return false;
    const rows = words[WORD.rows]!;
    if (words[WORD.anew] === 1) this.points.clear();
    const frames = new Frames(layoutOf(drawn(Math.max(1, rows))), bytes, 0, 1);
    const { columns } = frames.slots[0]!;
    this.latest = Number(frames.timeNs(0)) / 1e6;
    let of: Points | undefined;
    for (let i = 0; i < rows; i++) {
      if (i === 0 || columns.series[i] !== columns.series[i - 1]) of = this.from(columns.series[i]!, columns.x[i]!);
      of!.x.push(columns.x[i]!);
      of!.low.push(columns.low[i]!);
      const gap = Number.isNaN(columns.low[i]!) && !Number.isNaN(columns.high[i]!);
      of!.high.push(gap ? Number.NaN : columns.high[i]!);
      if (gap) of!.gaps.push({ at: columns.x[i]!, length: columns.high[i]! });
    }
    if (rows > 0) this.movedAt = performance.now();
    return true;
  }
  /** The line up to `x`: what is told from there on takes the place of what was. */
  private from(series: number, x: number): Points {
    const there = this.points.get(series) ?? { x: [], low: [], high: [], gaps: [] };
    this.points.set(series, there);
    let keep = there.x.length;
    while (keep > 0 && there.x[keep - 1]! >= x) keep--;
    there.x.length = there.low.length = there.high.length = keep;
    while (there.gaps.length > 0 && there.gaps.at(-1)!.at >= x) there.gaps.pop();
    return there;
  }
  /** Forgets what lies to the left of what is shown, but for the last of it. */
  forget(before: number): void {
    for (const { x, low, high, gaps } of this.points.values()) {
      while (gaps.length > 0 && gaps[0]!.at + gaps[0]!.length < before) gaps.shift();
      let gone = 0;
      while (gone + 1 < x.length && x[gone + 1]! < before) gone++;
      if (gone < 512) continue;
      for (const of of [x, low, high]) of.splice(0, gone);
    }
  }
}
