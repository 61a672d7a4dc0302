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
}

type Stacked = Pick<TimeChart, "x" | "y" | "form" | "scale" | "domain" | "over" | "family">;

export function stackOf(charts: readonly Stacked[], { detail = 1, ...how }: TimelineOptions & { detail?: number } = {}): Stack {
  const drawn = charts.filter(({ y }) => y.some(Number.isFinite));
  const left = (layout: Layout) => Math.max(layout.left, ...drawn.map((of) => leftOf(of, layout)));
  return {
    timeline: timelineOf(
      charts.map(({ x }) => x),
      how,
    ),
    left: { wide: left(wide), narrow: left(narrow) },
    detail,
  };
}

/** Room for the longest label. */
function leftOf(of: Stacked, layout: Layout): number {
  const longest = Math.max(...tickLabels(vertical(of, [1, 0]), of.scale).map(({ label }) => label.length));
  return Math.ceil(longest * layout.letter) + 10;
}
