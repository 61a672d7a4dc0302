import type { ScaleContinuousNumeric } from "d3-scale";
import type { Timeline } from "./timeline.js";

/** Every chart is drawn twice, for a page and for a phone; the style sheet shows the one that fits. */
export interface Layout {
  name: "wide" | "narrow";
  width: number;
  height: number;
  /** Width of a letter in user units, a little generous: text is placed by it. */
  letter: number;
  /** Room on the left that every chart takes, so that their times stand under each other. */
  left: number;
  xTicks: number;
  right: number;
}
export const wide: Layout = { name: "wide", width: 960, height: 230, letter: 8.4, left: 62, xTicks: 9, right: 30 };
export const narrow: Layout = { name: "narrow", width: 360, height: 210, letter: 7.7, left: 46, xTicks: 5, right: 20 };

/** A stretch of time behind the data, in epoch ms. */
export interface Shade {
  from: number;
  to: number;
  label: string;
}

/** Events at a time and a height: those up are drawn as triangles that stand, those down as ones that hang. */
export interface Signs {
  readonly kind: "up" | "down";
  /** Epoch ms, ascending. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface TimeChart {
  id: string;
  title: string;
  /** What the picture shows, for those who do not see it. */
  description: string;
  /** Quantity and unit of the vertical axis. */
  axis: string;
  /** Epoch ms, ascending. */
  x: Float64Array;
  /** NaN where there is no value: the line breaks. */
  y: Float64Array;
  form: "line" | "bars";
  /** A logarithmic axis begins at the smallest value above zero; smaller values lie on its floor. */
  scale?: "linear" | "log";
  domain?: readonly [number, number];
  /** Drawn with half the points: for what moves slowly, on a page with many charts. */
  coarse?: true;
  /** A value belongs to its moment: joined by straight lines, however few they are. Else few values are steps, each lasting until the next. */
  straight?: true;
  alarms?: readonly Shade[];
  truth?: readonly Shade[];
  threshold?: { value: number; label: string };
  /** A second line over the first with its name, and which values of the first are marked. */
  over?: { label: string; y: Float64Array; marked: readonly number[] };
  /** The line is the ground for the one over it. */
  faint?: true;
  /** Further lines, the lowest first, and the name at the end of each; the line of `y` is above them. */
  family?: { below: readonly { label: string; y: Float64Array }[]; label: string };
  /** What happened beside the line, over it. */
  signs?: readonly Signs[];
  /** Values are the lowest and the highest of stretches of time, one after the other: no median can be taken, none is a step. */
  extremes?: true;
}

export type Vertical = ScaleContinuousNumeric<number, number>;
/** A chart laid out: where its plot lies and how values become positions. */
export interface Frame {
  of: TimeChart;
  layout: Layout;
  left: number;
  top: number;
  bottom: number;
  timeline: Timeline;
  x: (ms: number) => number;
  y: Vertical;
  /** Share of the columns of pixels that are drawn. */
  detail: number;
  /** Of the values of `of`, as shares of the width. */
  places: Float64Array;
}

export const round = (value: number): number => Math.round(value * 10) / 10;
