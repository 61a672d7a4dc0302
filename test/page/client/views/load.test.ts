/** Shares of time, latencies of the last seconds, and the places of a drawing. */
import { expect, it } from "vitest";
import { balance, busBalance, costOf, latencyUs, threadsOf } from "../../../../src/page/client/views/load.js";
import { arrowsOf, layoutOf } from "../../../../src/page/client/views/wiring_layout.js";
import type { EngineLine, Status, TopicLine } from "../../../../src/page/series/wire.js";

const engine = (name: string, runner: string, calls: number, timedMs: number, of = name): EngineLine => ({
  ...{ name, engine: of, state: "running", place: "thread", runner, pid: 1, takenPerSecond: 0, givenPerSecond: 0, lag: 0, p99Us: 1 },
  ...{ latencies: [], work: { calls, timed: calls / 8, timedMs }, restarts: 0, memoryBytes: 0, refused: 0, lost: 0, stale: [] },
});
const topic = (name: string, giver: string, ...takers: string[]): TopicLine => ({
  ...{ name, bus: "main", giver, takers, rows: 0, rowsPerSecond: 0, full: 0, backpressure: "block", missed: 0 },
});
const status = (seconds: number, engines: readonly EngineLine[], topics: readonly TopicLine[] = []): Status => ({
  ...{ state: "running", seconds, engines, topics, buses: [] },
});

it("takes the timed calls for all of them, since the status before", () => {
  const before = status(10, [engine("a", "one", 800, 100), engine("b", "two", 80, 10), engine("c", "two", 0, 0)]);
  const now = status(20, [engine("a", "one", 1600, 200), engine("b", "two", 160, 30), engine("c", "two", 0, 0)]);
  // 100 calls were timed and took 100 ms: 800 calls are 0.8 of 10 s times 0.1.
  expect(costOf(now, before, "a")).toEqual({ callMs: 1, busy: 0.08 });
  expect(costOf(now, undefined, "a").busy).toBeNaN();
  // A process that began again counts from nothing.
  expect(costOf(before, now, "a").busy).toBeNaN();
  expect(threadsOf(now, before).map(({ runner, busy }) => [runner, busy])).toEqual([
    ["one", 0.08],
    ["two", 0.016],
  ]);
  expect(balance(threadsOf(now, before))).toBe(
    "Together they work 9.6 % of the time of one core; one has the most, 1.7 times what each had were it even.",
  );
});

it("says how evenly rows lie on buses, where there are several", () => {
  const at = (rowsPerSecond: number, bus: string): TopicLine => ({ ...topic(`${bus}${rowsPerSecond}`, "feed"), bus, rowsPerSecond });
  const of = (...topics: TopicLine[]) => ({
    ...status(1, [], topics),
    buses: ["market", "results", "control"].map((name) => ({ name, topics: 1, latencies: [] })),
  });
  expect(busBalance(of(at(700, "market"), at(50, "market"), at(250, "results")))).toBe(
    "Of 1,000 rows/s market has the most, 75 %, which is 2.3 times what each bus had were it even.",
  );
  expect(busBalance(of())).toBe("No row is on a bus in this moment.");
  expect(busBalance({ ...of(at(9, "main")), buses: [{ name: "main", topics: 1, latencies: [] }] })).toBe("");
});

it("takes quantiles of what was counted between two counts", () => {
  expect(latencyUs([5, 10, 1], undefined, 0.5)).toBe(2);
  expect(latencyUs([5, 10, 1], [5, 0, 0], 0.99)).toBe(4);
  expect(latencyUs([5, 10, 1], [5, 10, 1], 0.5)).toBeNaN();
});

it("puts takers to the right of their givers, each in a row of its own, and draws wires that lead back", () => {
  const engines = [engine("feed", "x", 0, 0), engine("risk", "y", 0, 0), engine("desk", "x", 0, 0), engine("gate", "y", 0, 0, "gateway")];
  const topics = [topic("trades", "feed", "risk", "desk"), topic("prices", "feed", "risk"), topic("alarm", "risk", "desk", "gate")];
  const of = status(1, engines, [...topics, topic("back", "desk", "risk")]);
  expect(arrowsOf(of).map(({ from, to, topics }) => [from, to, topics.map(({ name }) => name)])).toContainEqual([
    "feed",
    "risk",
    ["trades", "prices"],
  ]);
  const { boxes, bands, outside, redis, width, height } = layoutOf(of);
  const at = Object.fromEntries(boxes.map((box) => [box.engine.name, box]));
  expect([at.feed!.x < at.risk!.x, at.risk!.x < at.desk!.x, at.desk!.x === at.gate!.x]).toEqual([true, true, true]);
  expect(boxes.reduce((sum, { arrows }) => sum + arrows.length, 0)).toBe(arrowsOf(of).length);
  const rows = boxes.toSorted((a, b) => a.y - b.y);
  for (const [i, { y, height }] of rows.entries()) expect(y + height).toBeLessThan(rows[i + 1]?.y ?? Number.POSITIVE_INFINITY);
  for (const { engine, x, y, width: wide, height: tall } of boxes) {
    const band = bands.find(({ runner }) => runner === engine.runner)!;
    expect(y > band.y && y + tall < band.y + band.height).toBe(true);
    expect(x + wide <= width && y + tall <= height).toBe(true);
  }
  expect([outside! > at.gate!.x + at.gate!.width, redis]).toEqual([true, undefined]);
});
