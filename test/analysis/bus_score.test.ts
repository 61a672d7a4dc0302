/** Goals, score and recommendations, by hand. */
import { describe, expect, it } from "vitest";
import { adviceOf } from "../../src/analysis/bus_advice.js";
import { goalsOf, latencyGoal, silenceGoal } from "../../src/analysis/bus_goals.js";
import { faultsOf, scoreOf } from "../../src/analysis/bus_score.js";
import type { Balance, Base, BusValidation, Order, Silence, TopicFigures, TopologyResult } from "../../src/analysis/bus_validation.js";

const rows = { expected: 1, got: 1, duplicates: 0, disordered: 0, wrong: 0 };
const base = (p50: number, p99: number): Base => ({ what: "a bare trip", trips: 100, p50, p99 });
const topology = (of: Partial<TopologyResult> = {}, fault = "", p50 = 100, p99 = 1_000): TopologyResult => ({
  ...{ topology: "single", transport: "rings", compared: false, base: base(10, 100) },
  checks: (["publish", "subscribe", "failover"] as const).map((check) => ({
    ...{ check, bus: "main", rows, rowsPerSecond: 1, silenceMs: 1, done: "", fault: check === "failover" ? fault : "" },
  })),
  pairs: [{ pair: "a to b", requests: 1, p50, p99, fault: "" }],
  ...of,
});
const silence = (of: Partial<Silence> = {}): Silence => ({
  ...{ transport: "rings", who: "publisher", how: "stopped", failovers: 3, medianMs: 35, worstMs: 40, waitsMs: 30, usualMs: 2 },
  ...{ needless: 0, rows, fault: "" },
  ...of,
});
const order: Order = { batches: 10, moves: 5, overtook: 2, rows, fault: "" };
const even: Balance = { strategy: "least_loaded", batches: 1, shares: {}, variation: 0.1, fault: "" };
const topic = (of: Partial<TopicFigures>): TopicFigures => ({
  ...{ bus: "main", transport: "rings", topic: "trades", inUse: true, backpressure: "block", slots: 16, published: 100, rowsPerSecond: 10 },
  ...{ rowsABatch: 5, subscribers: 1, lag: 0, lost: 0, full: 0, fullMeanwhile: 0, fault: "" },
  ...of,
});
const found = (of: Partial<BusValidation> = {}): BusValidation => ({
  ...{ topologies: [topology()], silences: [silence()], order: [order], balance: [even], topics: [], servers: [], skipped: [] },
  surroundings: { cores: 2, load: 0.5, memoryFree: 2 ** 30 },
  ...of,
});
const changes = (of: Partial<BusValidation>) => adviceOf(found(of)).map(({ about, change }) => `${about}: ${change}`);

describe("a goal", () => {
  it("is that of a quiet machine, or a multiple of what this one needs, whichever is more", () => {
    const quiet = { p50: 200, p99: 2_000 };
    expect(latencyGoal("rings", undefined)).toEqual(quiet);
    expect(latencyGoal("rings", base(40, 250))).toEqual(quiet);
    expect(latencyGoal("rings", base(60, 1_000))).toEqual({ p50: 300, p99: 8_000 });
    expect(latencyGoal("redis", base(Number.NaN, 3_000))).toEqual({ p50: 1_200, p99: 9_000 });
    expect(silenceGoal({ waitsMs: 30, usualMs: 2 })).toEqual({ median: 42, worst: 50 });
    expect(silenceGoal({ waitsMs: 0, usualMs: 10 })).toEqual({ median: 20, worst: 30 });
    expect(goalsOf(found())).toEqual({
      latency: [{ topology: "single", transport: "rings", ...quiet }],
      silence: [{ transport: "rings", who: "publisher", how: "stopped", median: 42, worst: 50 }],
    });
  });
  it("42 ms is not hidden by one of 50", () => {
    const slow = topology({ transport: "redis", base: base(300, 2_500) }, "", 900, 42_000);
    expect(scoreOf(found({ topologies: [slow] })).parts.latency).toBeCloseTo((1 + 7.5 / 42) / 2, 12);
    expect(changes({ topologies: [slow] })).toEqual([expect.stringMatching(/^latency on redis: Keep engines of one machine on rings/)]);
  });
});

describe("the score", () => {
  it("is that of the formula", () => {
    expect(scoreOf(found({ balance: [{ ...even, variation: 0 }] })).score).toBe(100);
    const half = found({
      topologies: [topology(), topology({}, "lost", 400, 4_000)],
      silences: [silence({ medianMs: 84, worstMs: 50 }), silence({ fault: "of 9 rows 1 lost" })],
    });
    // 15 + 15 + 15 * 1/2 + 15 * (3/4 + 0) / 2 + 20 * (1 + 1/2) / 2 + 10 + 10 * 0.9
    expect(scoreOf(half).score).toBeCloseTo(15 + 15 + 7.5 + 5.625 + 15 + 10 + 9, 12);
    expect(scoreOf(found({ order: [{ ...order, fault: "of 9 rows 1 out of order" }] })).parts.order).toBe(0);
    // Without a router: of 80.
    expect(scoreOf(found({ order: [], balance: [], topologies: [topology({}, "lost")] })).score).toBeCloseTo((100 * 65) / 80, 12);
    expect(scoreOf(found({ topologies: [], silences: [], order: [], balance: [] })).score).toBeNaN();
  });
  it("leaves out what is only compared", () => {
    const all = found({ topologies: [topology(), topology({ compared: true }, "lost")] });
    expect(scoreOf(all).parts.failover).toBe(1);
    expect(faultsOf(all)).toEqual([]);
  });
});

describe("what is recommended", () => {
  it("is nothing where every goal is met", () => expect(adviceOf(found())).toEqual([]));

  it.each<[string, Partial<BusValidation>, RegExp]>([
    ["little memory", { surroundings: { cores: 2, load: 0, memoryFree: 2 ** 24 } }, /^memory for rings: .*--shm-size/],
    ["slow rings", { topologies: [topology({}, "", 900)] }, /^latency on rings: Let nothing else run .*pin: \[1\]/],
    [
      "a busy machine",
      { topologies: [topology({ base: base(10, 3_000) }, "", 100, 90_000)] },
      /^latency on rings: The machine is busy or slow by itself/,
    ],
    ["long silence", { silences: [silence({ worstMs: 90 })] }, /^silence, publisher stopped on rings: Have the standby wait for less/],
    ["a server's", { silences: [silence({ who: "server", transport: "redis", worstMs: 90 })] }, /server stopped on redis: .*mode 'both'/],
    [
      "hasty standbys",
      { silences: [silence({ needless: 2, usualMs: 18 })] },
      /wait longer before they take over, as overdueMs of PairPublisher/,
    ],
    ["uneven shares", { balance: [{ ...even, variation: 0.2 }] }, /^balance of least_loaded: .*stay of the Router/],
    ["a full topic", { topics: [topic({ fullMeanwhile: 3 })] }, /^topic 'trades' on main: .*backpressure evict.*evictAfterMs/],
    ["lost rows", { topics: [topic({ lost: 3, backpressure: "evict" })] }, /more slots, or backpressure block/],
    ["a laggard", { topics: [topic({ lag: 9 })] }, /more slots, or give that subscriber/],
    ["small batches", { topics: [topic({ rowsPerSecond: 300_000 })] }, /Batcher\(publisher, write, \{ budgetUs: 200 \}\)/],
    ["a topic left behind", { topics: [topic({ inUse: false })] }, /Start its publisher again/],
    [
      "a server that throws away",
      { servers: [{ bus: "main", version: "7", policy: "allkeys-lru", memoryMost: 100, memoryUsed: 5, evicted: 1, appendOnly: false }] },
      /^server of main: Set maxmemory-policy noeviction/,
    ],
    ["a full server", { topologies: [topology({}, "the server is at maxmemory")] }, /^a check that failed: Raise maxmemory/],
    ["a hole behind a failover", { silences: [silence({ fault: "of 9 rows 1 lost" })] }, /go on behind the last row .*published/],
    ["a defect", { order: [{ ...order, fault: "of 9 rows 1 out of order" }] }, /^a check that failed: Please report it/],
  ])("%s: one sentence with a setting that there is", (_, of, says) => {
    expect(changes(of)).toEqual([expect.stringMatching(says)]);
  });

  it("says once what helps several", () => {
    const slow = (name: string) => topology({ topology: name }, "", 900, 90_000);
    expect(adviceOf(found({ topologies: [slow("single"), slow("dual")] }))).toEqual([
      {
        about: "latency on rings",
        measured:
          "a to b of single: median 0.9 ms, goal 0.2 ms, and 1 more; a to b of single: 99th percentile 90 ms, goal 2 ms, and 1 more",
        change: expect.stringMatching(/^Let nothing else run/),
      },
    ]);
  });
});
