import { expect, it } from "vitest";
import { Pace } from "../../../src/system/sources/pace.js";

/** Seconds of the tape that are given in each 100 ms of a run, where there is always room. */
function given(options: ConstructorParameters<typeof Pace>[0], ms: number) {
  const pace = new Pace(options);
  let at = 0;
  const course: number[] = [];
  for (let now = 0; now <= ms; now += 5) {
    const before = at;
    at = pace.until(now, at);
    const part = Math.floor((now - 5) / 100);
    if (now > 0) course[part] = (course[part] ?? 0) + (at - before) / 1e9;
    pace.wait(now, at + 1);
  }
  return { course: course.map((seconds) => Number(seconds.toFixed(6))), behind: pace.behindSeconds };
}

it("bursts come again as often as they are asked for", () => {
  const { course, behind } = given({ speed: 1, burst: 10, burstFrom: 0.1, burstTo: 0.2, bursts: 2, burstEvery: 0.3 }, 1000);
  const rate = (part: number) => Math.round(10 * course[part]!);
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(rate)).toEqual(
    [1, 9, 2, 1, 9, 2, 1, 1, 1].map((one) => (one === 9 ? expect.closeTo(10, -0.5) : expect.closeTo(one, -0.5))),
  );
  expect(behind).toBe(0);
});

it("one without an end goes on, and one alone comes once", () => {
  expect(given({ speed: 1, burst: 10, burstFrom: 0.1 }, 500).course.at(-1)).toBeCloseTo(1, 6);
  expect(given({ speed: 1, burst: 10, burstFrom: 0.1, burstTo: 0.2 }, 500).course.at(-1)).toBeCloseTo(0.1, 6);
});

it("tells by how much a source without room is behind, with what it makes up for no more", () => {
  const pace = new Pace({ speed: 10 });
  pace.until(0, 0);
  pace.until(500, 0);
  expect(pace.behindSeconds).toBeCloseTo(5 - 0.05, 6);
  pace.until(3000, 0);
  expect(pace.behindSeconds).toBeCloseTo(30 - 0.05, 6);
  // It catches up with one second of run time, and no more.
  const due = pace.until(3005, 0);
  pace.until(3005, due);
  pace.wait(3005, due + 1);
  expect(pace.behindSeconds).toBeCloseTo(20.05, 6);
});
