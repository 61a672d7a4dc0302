/** Several lines of one kind in a chart, such as the quantiles of a factor: apart by stroke, and named where they end. */
import { line } from "d3-shape";
import { decimate } from "./decimate.js";
import { type Frame, round } from "./layout.js";
import { acrossDense, lineColumns, relative } from "./marks.js";

const labelHeight = 13;

/** The lines below that of the chart. */
export function familyLines(frame: Frame): string {
  const { of, layout, y, places } = frame;
  const drawn = (of.family?.below ?? []).map(({ y: values }, i) => {
    // Coarser than the line of the chart: there may be nine of them.
    const kept = decimate(places, values, lineColumns(layout, frame.detail) / 6);
    const placed = acrossDense(frame, kept.length);
    const points = kept.map((k): [number, number] => [placed(places[k]!), round(y(values[k]!))]);
    const path = line().defined(([, level]) => Number.isFinite(level))(points) ?? "";
    return `<path class="${i ? "between" : "lowest"}" d="${relative(path)}"/>`;
  });
  return drawn.join("");
}

/** Names of all lines, beside the last value of each, moved apart where lines end together; of more than there is room for, the two outer ones. */
export function familyNames({ of, layout, y, top, bottom }: Frame): string {
  if (!of.family) return "";
  const all = [...of.family.below, { label: of.family.label, y: of.y }];
  const shown = all.length * labelHeight > bottom - top ? [all[0]!, all[all.length - 1]!] : all;
  const ends = shown.map(({ label, y: values }) => ({ label, at: y(values.findLast(Number.isFinite) ?? Number.NaN) }));
  const placed = ends.filter(({ at }) => Number.isFinite(at)).sort((a, b) => a.at - b.at);
  placed.forEach((end, i) => {
    end.at = Math.max(end.at, i ? placed[i - 1]!.at + labelHeight : top);
  });
  placed.toReversed().forEach((end, i, up) => {
    end.at = Math.min(end.at, i ? up[i - 1]!.at - labelHeight : bottom - 2);
  });
  const left = layout.width - layout.right + 4;
  return placed.map(({ label, at }) => `<text class="tick" x="${left}" y="${round(at + 4)}">${label}</text>`).join("");
}
