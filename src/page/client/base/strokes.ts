/**
 * Lines as columns of pixels: a bar from the lowest to the highest where columns touch, a stroke where they lie apart. Bars on whole pixels
 * are filled many times as fast as a path of as many corners is stroked.
 */
import type { Points } from "./store.js";

export interface Pen {
  readonly colour: string;
  /** Pixels of the screen. */
  readonly width: number;
  /** Pixels that are drawn and left out in turn. */
  readonly dash: readonly number[] | undefined;
}

/** Where lines are drawn. */
interface Plot {
  readonly ctx: CanvasRenderingContext2D;
  readonly bbox: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly scales: Readonly<Record<string, { readonly min?: number | null; readonly max?: number | null }>>;
}

/** Points of a stretch: the first that does not begin before it, and the one behind the last. */
export function within({ x }: Points, from: number, to: number): [first: number, end: number] {
  return [search(x, from, false), search(x, to, true)];
}
function search(x: readonly number[], value: number, above: boolean): number {
  let [from, to] = [0, x.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (x[middle]! < value || (above && x[middle] === value)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Draws what lies within the plot's scales, and the way to one point beyond each end. */
export function strokeLine({ ctx, bbox, scales }: Plot, of: Points, { colour, width, dash }: Pen): void {
  const [x, y] = [scales.x!, scales.y!];
  if (x.min == null || x.max == null || y.min == null || y.max == null) return;
  const [perX, perY] = [bbox.width / (x.max - x.min), bbox.height / (y.max - y.min)];
  const bottom = bbox.top + bbox.height + perY * y.min;
  const thick = Math.max(1, Math.round(width * devicePixelRatio));
  const touching = Math.max(2, thick);
  const [on, period] = dash ? [dash[0]! * devicePixelRatio, (dash[0]! + dash[1]!) * devicePixelRatio] : [1, 0];
  const [first, end] = within(of, x.min, x.max);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = ctx.strokeStyle = colour;
  ctx.lineWidth = width * devicePixelRatio;
  ctx.lineJoin = "bevel";
  ctx.setLineDash(dash ? dash.map((one) => one * devicePixelRatio) : []);
  ctx.beginPath();
  let [last, lastTop, lastBottom] = [Number.NaN, 0, 0];
  for (let i = Math.max(0, first - 1); i < Math.min(of.x.length, end + 1); i++) {
    const [low, high] = [of.low[i]!, of.high[i]!];
    if (Number.isNaN(low)) {
      last = Number.NaN;
      continue;
    }
    const at = bbox.left + (of.x[i]! - x.min) * perX;
    const [lowest, highest] = [bottom - low * perY, bottom - high * perY];
    if (at - last > touching) {
      ctx.moveTo(last, lastTop);
      ctx.lineTo(at, lowest);
      if (high > low) ctx.lineTo(at, highest);
    } else if (Number.isNaN(last) && !(of.low[i + 1]! <= of.high[i + 1]!)) {
      // Between two gaps one value would be a pixel.
      const [half, size] = [2 * thick, 4 * thick];
      ctx.fillRect(Math.round(at) - half, Math.round(highest) - half, size, Math.max(size, lowest - highest));
    } else {
      const top = Math.min(highest, Number.isNaN(last) ? highest : lastBottom);
      const base = Math.max(lowest, Number.isNaN(last) ? lowest : lastTop);
      const left = Number.isNaN(last) ? Math.round(at) : Math.min(Math.round(at), Math.round(last) + thick);
      const [upper, lower] = [Math.round(top - thick / 2), Math.round(base + thick / 2)];
      const wide = Math.round(at) + thick - left;
      if (period === 0 || (of.x[i]! * perX) % period < on) ctx.fillRect(left, upper, wide, Math.max(thick, lower - upper));
      else if (lower - upper > 4 * thick) {
        // Between dashes too, a spike has its ends.
        ctx.fillRect(left, upper, wide, 2 * thick);
        ctx.fillRect(left, lower - 2 * thick, wide, 2 * thick);
      }
    }
    [last, lastTop, lastBottom] = [at, highest, lowest];
  }
  ctx.stroke();
  ctx.restore();
}
