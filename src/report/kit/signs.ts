/** Events over a line, such as fills on a price. */
import { decimate } from "./decimate.js";
import { type Frame, round, type Signs } from "./layout.js";

/** A triangle every so many units at most: of more in a column the lowest and the highest are drawn. */
const apart = 5;

export function signMarks({ of, layout, left, timeline, y, detail }: Frame): string {
  const width = layout.width - layout.right - left;
  const drawn = (of.signs ?? []).map(({ kind, x, y: values }) => {
    const kept = decimate(x, values, Math.round((detail * width) / apart));
    const shape = kind === "up" ? "l-4,8h8z" : "l-4,-8h8z";
    const marks = kept.map((i) => `M${round(left + timeline.place(x[i]!) * width)},${round(y(values[i]!))}${shape}`);
    return marks.length > 0 ? `<path class="sign ${kind}s" d="${marks.join("")}"/>` : "";
  });
  return drawn.join("");
}

/** Those of a stretch of time. */
export const signsIn = (signs: readonly Signs[], from: number, to: number): Signs[] =>
  signs.map(({ kind, x, y }) => {
    const inside = (_: number, i: number) => x[i]! >= from && x[i]! <= to;
    return { kind, x: x.filter(inside), y: y.filter(inside) };
  });
