/** What the charts of a page share, so that one moment lies at one place in all of them. */
import { type Layout, narrow, type TimeChart, wide } from "./layout.js";
import { type Timeline, type TimelineOptions, timelineOf } from "./timeline.js";
import { tickLabels, vertical } from "./vertical.js";

export interface Stack {
  timeline: Timeline;
  /** Where the plots begin. */
  left: Readonly<Record<Layout["name"], number>>;
  /** Share of the columns of pixels that lines are drawn with. */
  detail: number;
  /** Charts have values before and behind the timeline too. */
  cut?: true;
}

/** All but its description, which comes with the words of its page. */
export type Stacked = Omit<TimeChart, "description">;

/** Where a page keeps what its charts are made of, for a script to draw them closer. */
export interface Kept {
  readonly stacks: { readonly charts: readonly Stacked[]; readonly stack: Stack; readonly prefix: string }[];
  /** Before the ids of charts, where a page has several of one kind. */
  readonly prefix: string;
}

export interface StackOptions extends TimelineOptions {
  detail?: number;
  kept?: Kept | undefined;
}

export function stackOf(charts: readonly Stacked[], { detail = 1, kept, ...how }: StackOptions = {}): Stack {
  const drawn = charts.filter(({ y }) => y.some(Number.isFinite));
  const timeline = timelineOf(
    charts.map(({ x }) => x),
    how,
  );
  const stack = { timeline, left: { wide: leftOf(drawn, wide), narrow: leftOf(drawn, narrow) }, detail };
  kept?.stacks.push({ charts: drawn, stack, prefix: kept.prefix });
  return stack;
}

/** Room for the longest label of all charts. */
export function leftOf(charts: readonly Stacked[], layout: Layout): number {
  const labels = charts.flatMap((of) => tickLabels(vertical(of, [1, 0]), of.scale).map(({ label }) => label.length));
  return labels.reduce((most, length) => Math.max(most, Math.ceil(length * layout.letter) + 10), layout.left);
}
