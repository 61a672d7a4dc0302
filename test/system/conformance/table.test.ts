/** An engine of the table that has no case is not proved: the suite says so. */
import { expect, it } from "vitest";
import { engines } from "../../../src/system/table/engines.js";
import { cases, livingOnes } from "./cases.js";

it("every engine of the table has its cases", () => {
  const live = Object.keys(engines).filter((name) => engines[name]!.live);
  expect([...Object.keys(cases), ...Object.keys(livingOnes)].sort()).toEqual(Object.keys(engines).sort());
  expect(Object.keys(livingOnes).sort()).toEqual(live.sort());
});
