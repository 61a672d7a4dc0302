/** Verdicts and recovery of made-up runs: each promise is broken once and seen. */
import { describe, expect, it } from "vitest";
import {
  type Drill,
  type DrillSample,
  type EngineSample,
  heldUpOf,
  latencyCourse,
  quantileBetween,
  quantileOf,
  recoveriesOf,
  recoverySummary,
  verdictsOf,
} from "../../src/analysis/drill.js";

const MB = 2 ** 20;
const bursts = [
  { from: 2, to: 4 },
  { from: 6, to: 8 },
];

/** A look every 0.1 s for 10 s, of one engine, which lags in bursts and 0.5 s after them. */
function samplesOf(change: (sample: DrillSample, i: number) => Partial<DrillSample> = () => ({})): DrillSample[] {
  const latencies = Array(24).fill(0);
  return Array.from({ length: 100 }, (_, i) => {
    const seconds = (i + 0.5) / 10;
    const late = bursts.some(({ from, to }) => seconds >= from && seconds < to + 0.5);
    latencies[late ? 12 : 6] += 10;
    const engine: EngineSample = { lag: late ? 5000 : i % 3, memoryBytes: 40 * MB, latencies: [...latencies] };
    const sample = { seconds, residentBytes: 200 * MB, behindSeconds: late ? 3 : 1, rows: [i * 10], full: [0], engines: [engine] };
    return { ...sample, ...change(sample, i) };
  });
}

function made(change: Partial<Drill> = {}): Drill {
  return {
    ...{ burst: 100, bursts, pace: 20, samples: samplesOf() },
    engines: [{ name: "toxicity", memoryMB: 64, restarts: 0, state: "ended" }],
    topics: [
      {
        ...{ name: "trades", giver: "market_data", backpressure: "block", rows: 1000, full: 3 },
        takers: [{ engine: "toxicity", taken: 990, refused: 10, lost: 0, gaps: 0 }],
      },
      {
        ...{ name: "copy", giver: "copy", backpressure: "evict", rows: 1000, full: 0 },
        takers: [{ engine: "slow", taken: 400, refused: 0, lost: 600, gaps: 2 }],
      },
    ],
    ...change,
  };
}
const keptOf = (drill: Drill) => Object.fromEntries(verdictsOf(drill).map(({ promise, kept }) => [promise, kept]));
const all = { block: true, evict: true, memory: true, resident: true, alive: true, recovery: true };
const withTaker = (topic: number, taker: object) =>
  made({ topics: made().topics.map((one, i) => (i === topic ? { ...one, takers: [{ ...one.takers[0]!, ...taker }] } : one)) });

describe("a promise", () => {
  it("is kept where all is well", () => {
    expect(keptOf(made())).toEqual(all);
    expect(verdictsOf(made())[1]!.happened).toEqual(["600 rows lost in 2 gaps, every one told"]);
  });

  it.each<[string, keyof typeof all, Drill, string]>([
    ["a topic that blocks lost rows", "block", withTaker(0, { taken: 980, lost: 10, gaps: 1 }), "10 rows of 1,000 rows lost"],
    ["a row of a topic that blocks is nowhere", "block", withTaker(0, { taken: 989 }), "1,000 rows published, 999 rows taken or refused"],
    ["a row came twice", "block", withTaker(0, { taken: 991 }), "1,001 rows taken"],
    ["a gap is told too small", "evict", withTaker(1, { lost: 599 }), "1,000 rows published, 999 rows taken, refused or told as lost"],
    ["rows are taken and told as lost", "evict", withTaker(1, { lost: 601 }), "1,001 rows"],
    ["rows are lost in no gap", "evict", withTaker(1, { gaps: 0 }), "lost in no gap"],
    [
      "an engine uses more memory than it may, once",
      "memory",
      made({ samples: samplesOf((of, i) => (i === 50 ? { engines: [{ ...of.engines[0]!, memoryBytes: 65 * MB }] } : {})) }),
      "toxicity: 65 MB, it may use 64 MB",
    ],
    [
      "resident memory grows from burst to burst",
      "resident",
      made({ samples: samplesOf((_, i) => ({ residentBytes: (200 + 2 * i) * MB })) }),
      "more than",
    ],
    [
      "an engine began again",
      "alive",
      made({ engines: [{ ...made().engines[0]!, restarts: 2, why: "it was tired" }] }),
      "toxicity was restarted 2 times: it was tired",
    ],
    ["an engine is held", "alive", made({ engines: [{ ...made().engines[0]!, state: "held" }] }), "toxicity is held"],
    [
      "a lag stays after the last burst",
      "recovery",
      made({ samples: samplesOf((of, i) => (i >= 80 ? { engines: [{ ...of.engines[0]!, lag: 3 }] } : {})) }),
      "toxicity, burst 2: 5,000 rows waited in it, and not 2 rows or fewer again",
    ],
  ])("is broken where %s", (_, promise, drill, told) => {
    expect(keptOf(drill)).toEqual({ ...all, [promise]: false });
    expect(
      verdictsOf(drill)
        .find((one) => one.promise === promise)!
        .happened.join(),
    ).toContain(told);
  });

  it("is neither kept nor broken where nothing was looked at", () => {
    const blind = made({ topics: [], samples: samplesOf().filter(({ seconds }) => seconds > 2 && seconds < 4) });
    expect(keptOf(blind)).toMatchObject({ block: undefined, evict: undefined, recovery: undefined });
  });

  it("of flat memory allows what is filled once", () => {
    const filled = samplesOf((_, i) => ({ residentBytes: (i < 20 ? 100 : 400) * MB }));
    expect(keptOf(made({ samples: filled })).resident).toBe(true);
  });
});

describe("recovery", () => {
  it("runs from the end of a burst to the first of three looks as good as before it", () => {
    const [first, second] = recoveriesOf(made());
    expect(first).toMatchObject({ engine: "toxicity", burst: 0, lagBefore: 2, lagMost: 5000, p99Before: 64, p99Most: 4096 });
    expect(first!.lagSeconds).toBeCloseTo(0.55, 9);
    expect(second!.lagSeconds).toBeCloseTo(0.55, 9);
    // The window of five looks has to pass.
    expect(first!.latencySeconds).toBeCloseTo(1.05 - 0.1, 9);
  });

  it("does not take a moment for the end", () => {
    const dip = samplesOf((of, i) => (i === 41 || i === 42 ? { engines: [{ ...of.engines[0]!, lag: 0 }] } : {}));
    expect(recoveriesOf(made({ samples: dip }))[0]!.lagSeconds).toBeCloseTo(0.55, 9);
  });

  it("is summed up over engines and bursts, those that came too late apart", () => {
    const one = recoveriesOf(made())[0]!;
    const values = [0.1, 0.2, 0.3, Number.NaN].map((lagSeconds) => ({ ...one, lagSeconds }));
    expect(recoverySummary([...values, { ...one, lagBefore: Number.NaN }], "lagSeconds")).toEqual({
      ...{ median: 0.2, p99: 0.3, worst: 0.3, of: 4, late: 1 },
    });
    expect(quantileOf([], 0.5)).toBeNaN();
  });

  it("counts the batches between two looks alone", () => {
    expect(quantileBetween([5, 5, 0], [5, 104, 1], 0.99)).toBe(2);
    expect(quantileBetween([5, 5, 0], [5, 104, 2], 0.99)).toBe(4);
    expect(quantileBetween([5, 5], [5, 5], 0.99)).toBeNaN();
    expect(latencyCourse(samplesOf(), 0).slice(0, 3)).toEqual([Number.NaN, 64, 64]);
  });
});

it("what the market fell behind by is told in its own time and at the pace of a burst", () => {
  expect(heldUpOf(made({ samples: samplesOf(() => ({ behindSeconds: 4000 })) }))).toEqual({
    ...{ marketSeconds: 4000, runSeconds: 2, by: [{ topic: "trades", full: 3 }] },
  });
});
