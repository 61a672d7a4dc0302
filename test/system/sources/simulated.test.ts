import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crashSeconds } from "../../../src/system/sources/crash.js";
import { expectSame, howOf, runSource, type Written, ways } from "./run_source.js";

/** Ten minutes with a crash in the middle and an episode now and then. */
const short = { speed: 0, seconds: 600, crashAfter: 120, tradesPerSecond: { AAA: 1, BBB: 0.5, CCC: 0.2 }, episodesPerHour: 40 };
describe("the simulated market", () => {
  it("writes the same rows however they are split, paced, and wherever it is killed and goes on", async () => {
    const whole = await runSource(short);
    expect(whole.trades!.time!.length).toBeGreaterThan(1000);
    await fc.assert(
      fc.asyncProperty(ways, async ({ speed, ...how }) => {
        expectSame(await runSource({ ...short, speed }, howOf(how)), whole);
      }),
      { numRuns: 10 },
    );
  });

  it("gives an instrument the same trades whoever is beside it, and others with another seed", async () => {
    const [of, alone, other] = await Promise.all([
      runSource({ ...short, crashMove: 0 }),
      runSource({ ...short, crashMove: 0, tradesPerSecond: { AAA: 1 } }, { instruments: ["AAA"] }),
      runSource({ ...short, crashMove: 0, seed: 2 }),
    ]);
    const prices = (written: Written) => written.trades!.price!.filter((_, row) => written.trades!.instrument![row] === 0);
    expect(prices(of)).toEqual(prices(alone));
    expect(prices(of)).not.toEqual(prices(other));
  });

  it("prints at quotes that stood before, in order of time, with the price beside each trade or each change", async () => {
    const { trades, quotes, prices } = await runSource(short);
    for (const { time } of [trades, quotes, prices] as { time: bigint[] }[])
      expect(time.every((at, row) => row === 0 || time[row - 1]! <= at)).toBe(true);
    expect(prices).toEqual({ time: trades!.time, price: trades!.price, instrument: trades!.instrument });
    const last: number[] = [];
    let row = 0;
    trades!.time!.forEach((time, trade) => {
      for (; quotes!.time![row]! < time; row++) last[Number(quotes!.instrument![row])] = row;
      const stood = last[Number(trades!.instrument![trade])];
      if (stood === undefined) return;
      expect(trades!.price![trade]).toBe(quotes![trades!.side![trade] === 1 ? "ask" : "bid"]![stood]);
    });
    const { prices: changes } = await runSource({ ...short, prices: "changes" });
    const kept = [0, 1, 2].flatMap((id) => {
      const own = prices!.price!.filter((_, i) => prices!.instrument![i] === id);
      return own.filter((price, i) => price !== own[i - 1]);
    });
    expect([0, 1, 2].flatMap((id) => changes!.price!.filter((_, i) => changes!.instrument![i] === id))).toEqual(kept);
    const fewer = await runSource({ ...short, prices: "none", quotes: false });
    expect(Object.keys(fewer)).toEqual(["trades", "labels"]);
    expect(fewer.trades).toEqual(trades);
  });

  it("labels what it made: informed sides in episodes, a crash that falls and comes back in part", async () => {
    const { trades, labels } = await runSource({ ...short, seconds: 1100, crashAfter: 700, tradesPerSecond: 20, episodeSeconds: 60 });
    const start = BigInt(Date.parse("2026-01-05T14:30:00Z")) * 1_000_000n;
    const stretches = labels!.time!.flatMap((from, row) => {
      const [instrument, kind] = [labels!.instrument![row], labels!.kind![row]];
      const end = labels!.time!.findIndex(
        (_, k) => k > row && labels!.instrument![k] === instrument && labels!.kind![k] === kind && labels!.state![k] === 0,
      );
      return labels!.state![row] === 1 && end >= 0
        ? [{ instrument, kind, side: Number(labels!.side![row]), from, to: labels!.time![end]! }]
        : [];
    });
    const within = ({ instrument, from, to }: { instrument: unknown; from: bigint | number; to: bigint | number }) =>
      trades!.time!.flatMap((time, row) => (time >= from && time < to && trades!.instrument![row] === instrument ? [row] : []));
    const episodes = stretches.filter(({ kind }) => kind === 0);
    expect(episodes.length).toBeGreaterThan(5);
    for (const episode of episodes) {
      const rows = within(episode);
      const informed = rows.filter((row) => trades!.side![row] === episode.side).length / rows.length;
      expect(informed).toBeGreaterThan(0.72);
    }
    const crashes = stretches.filter(({ kind }) => kind === 1);
    expect(crashes.map(({ instrument }) => instrument).sort()).toEqual([0, 1, 2]);
    expect(crashes[0]!.from).toBe(start + 700_000_000_000n);
    for (const crash of crashes) {
      expect(crash.to).toBe((crash.from as bigint) + BigInt(crashSeconds) * 1_000_000_000n);
      const prices = within(crash).map((row) => Number(trades!.price![row]));
      const [before, low, after] = [prices[0]!, Math.min(...prices), prices.at(-1)!];
      expect(low / before).toBeLessThan(0.965);
      expect((after - low) / (before - low)).toBeGreaterThan(0.35);
      expect((after - low) / (before - low)).toBeLessThan(0.8);
    }
  });

  it("is refused a start without its zone", async () => {
    await expect(runSource({ start: "2026-01-05 14:30" })).rejects.toMatchObject({ code: "E_OPTION_RANGE", option: "start" });
  });
});
