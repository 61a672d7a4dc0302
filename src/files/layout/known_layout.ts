/** Which published layout a table is, by the names and values of its columns. */

import { type Known, looksLike, most } from "../guess/layouts.js";
import { known } from "./known.js";

interface Seen {
  readonly names: readonly string[];
  readonly form: { readonly separator: string; readonly header: boolean; readonly json: boolean };
  readonly sample: readonly (readonly string[])[];
  values(column: number): string[];
}

/** The layout that this is, if any. */
export function recognise({ names, form, sample, values }: Seen): Known | undefined {
  return known.find((k) => {
    if (k.form !== undefined && (k.form === "json") !== form.json) return false;
    if ((k.header !== undefined) !== form.header || (!form.json && (k.separator ?? ",") !== form.separator)) return false;
    if (k.header && !k.header.every((words) => [words].flat().some((name) => placeOf(k, names, name) !== undefined))) return false;
    if (k.header && k.whole && !form.json && k.header.length !== names.length) return false;
    if (k.shape && !hasShape(k.shape, names.length, sample)) return false;
    return k.when?.((column) => values((typeof column === "number" ? column : placeOf(k, names, column)) ?? -1)) ?? true;
  });
}

const hasShape = (shape: NonNullable<Known["shape"]>, columns: number, sample: Seen["sample"]): boolean =>
  shape.length === columns && most(sample, (row) => shape.every((kind, i) => looksLike(kind, row[i]!)));

/** Case counts for what is JSON alone: Binance has p and P. */
export function placeOf(k: Known, names: readonly string[], name: string): number | undefined {
  const fold = (text: string) => (k.form === "json" ? text : text.toLowerCase());
  const at = names.findIndex((n) => fold(n) === fold(name));
  return at < 0 ? undefined : at;
}
