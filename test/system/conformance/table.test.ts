/** An engine of the table that has no case is not proved: the suite says so. */
import { expect, it } from "vitest";
import { engines } from "../../../src/system/table/engines.js";
import { cases, livingOnes } from "./cases.js";

it("every engine of the table has its cases", () => {
  // By its options an engine may be of the world outside or not: its cases are those of the other ways.
  const live = Object.keys(engines).filter((name) => engines[name]!.live === true);
  expect([...Object.keys(cases), ...Object.keys(livingOnes)].sort()).toEqual(Object.keys(engines).sort());
  expect(Object.keys(livingOnes).sort()).toEqual(live.sort());
});
