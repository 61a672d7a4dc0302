/** Volumes and opens beside prices: they tell a split from a crash. */
import type { NumberColumn, TableColumn } from "./raw_table.js";

/** [day, asset]; NaN where there is none. */
export interface Bars {
  volume?: Float64Array;
  open?: Float64Array;
}

const names = { volume: /^(volume|vol)$/i, open: /^open$/i };

/** Those of the columns that are there. */
export function barColumns(columns: readonly TableColumn[]): { volume?: NumberColumn; open?: NumberColumn } {
  const named = (name: RegExp) => columns.find((c): c is NumberColumn => c.kind === "number" && name.test(c.name));
  const [volume, open] = [named(names.volume), named(names.open)];
  return { ...(volume && { volume }), ...(open && { open }) };
}

/** Each that is there, changed alike. */
export const eachBar = <From, To>(
  { volume, open }: { volume?: From; open?: From },
  change: (of: From) => To,
): { volume?: To; open?: To } => ({
  ...(volume !== undefined && { volume: change(volume) }),
  ...(open !== undefined && { open: change(open) }),
});
