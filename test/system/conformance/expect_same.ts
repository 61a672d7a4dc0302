/** Bits of all topics, and where they differ the first column that does. */
import { expect } from "vitest";
import type { Results } from "./made.js";

export function expectSame(got: Results, want: Results, why?: string): void {
  expect(Object.keys(got), why).toEqual(Object.keys(want));
  for (const [port, { columns, digest }] of Object.entries(want)) {
    if (got[port]!.digest === digest) continue;
    for (const [name, values] of Object.entries(columns)) expect(got[port]!.columns[name], `${why ?? ""} ${port}.${name}`).toEqual(values);
    expect(got[port]!.digest, `${why ?? ""} ${port}: bits of NaN, or of a zero`).toBe(digest);
  }
}
