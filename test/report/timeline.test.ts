/** Time as places across a page: what is left out, and whose clock the labels show. */
import { describe, expect, it } from "vitest";
import { closedBetween } from "../../src/cli/replay/report.js";
import { Sessions } from "../../src/market/sessions.js";
import { clockOf } from "../../src/report/kit/clock.js";
import { closedStretches, timelineOf } from "../../src/report/kit/timeline.js";
import { toxicityPage } from "../../src/report/toxicity/toxicity.js";
import { inSessions, simulatedReport } from "./kit/sample.js";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** Every ten minutes of the sessions that begin at `opens`, each of 6.5 hours. */
const sessions = (opens: readonly number[]) =>
  Float64Array.from(opens.flatMap((open) => Array.from({ length: 40 }, (_, i) => open + 10 * i * minute)));
/** 9:30 in New York on the days around the change of its clocks, 2026-03-08. */
const opens = [5, 6, 9, 10].map((date) => Date.UTC(2026, 2, date, date < 8 ? 14 : 13, 30));

describe("time on a page", () => {
  it("is left out where a market was closed, and nowhere else", () => {
    const times = sessions(opens);
    const closed = closedStretches(times);
    expect(closed.map(([from, to]) => (to - from) / hour)).toEqual([17.5, 64.5, 17.5]);
    const { place, seams } = timelineOf([times], { leaveOut: true });
    expect(seams).toHaveLength(3);
    expect([place(times[0]!), place(times.at(-1)!)]).toEqual([0, expect.closeTo(1, 12)]);
    const widths = opens.map((open) => place(open + 6.5 * hour) - place(open));
    for (const width of widths) expect(width).toBeCloseTo(widths[0]!, 12);
    expect(widths[0]).toBeCloseTo((1 - 3 * 0.012) / 4, 12);
    expect(times.slice(1).every((time, i) => place(time) > place(times[i]!))).toBe(true);
    expect(timelineOf([times]).seams).toEqual([]);
  });

  it("stays whole where one outage is short beside the tape, or trades are few", () => {
    const outage = Float64Array.from({ length: 2000 }, (_, i) => i * 10 * minute + (i > 900 ? 9 * hour : 0));
    expect(closedStretches(outage)).toEqual([]);
    // Round the clock, with long nights: waits of every length up to nine hours.
    let at = 0;
    const night = Float64Array.from({ length: 600 }, (_, i) => (at += i % 60 < 48 ? 9 * minute : 9 * minute * 1.45 ** ((i % 60) - 47)));
    expect(closedStretches(night)).toEqual([]);
    const few = Float64Array.from({ length: 30 }, (_, i) => i * day + (i % 3) * 5 * hour);
    expect(closedStretches(few)).toEqual([]);
  });

  it("is the hour's break and the weekend of a future, where its trading is dense enough to tell", () => {
    // From 18:00 to 17:00 in Chicago winter time, a bucket every three or every twenty minutes.
    const future = (step: number) =>
      Float64Array.from(
        [0, 1, 2, 3, 6, 7].flatMap((date) => Array.from({ length: (23 * 60) / step }, (_, i) => date * day + i * step * minute)),
      );
    const hours = (times: Float64Array) => closedStretches(times).map(([from, to]) => Math.round((to - from) / hour));
    expect(hours(future(3))).toEqual([1, 1, 1, 49, 1]);
    expect(hours(future(20))).toEqual([49]);
  });

  it("of few buckets, is what lies outside the hours that were given", () => {
    // Three buckets a day tell of the weekend by themselves, and of the nights where the hours are known.
    const sparse = Float64Array.from(opens.flatMap((open) => [1, 3, 6].map((at) => open + at * hour)));
    expect(timelineOf([sparse], { leaveOut: true }).seams).toHaveLength(1);
    const ns = (ms: number) => BigInt(ms) * 1_000_000n;
    const closed = closedBetween(BigInt64Array.from(sparse, ns), new Sessions("09:30-16:00@America/New_York"));
    expect(closed).toEqual(opens.slice(1).map((open, i) => ({ startTime: ns(opens[i]! + 6.5 * hour), endTime: ns(open) })));
  });

  it("has labels of the clock that was asked for, on either side of its change", () => {
    const { ticks, zone, dates } = timelineOf([sessions(opens)], { leaveOut: true, zone: "America/New_York" });
    expect([zone, dates]).toEqual(["America/New_York", "2026-03-05 to 2026-03-10"]);
    const openings = ticks(9).filter(({ opening }) => opening);
    expect(openings.map(({ label }) => label)).toEqual(["Thu 5 Mar", "Fri 6 Mar", "Mon 9 Mar", "Tue 10 Mar"]);
    const noon = timelineOf([Float64Array.of(opens[2]!, opens[2]! + 6 * hour)], { zone: "America/New_York" });
    const at = noon.ticks(9).find(({ label }) => label === "12:00")!;
    expect(noon.place(Date.UTC(2026, 2, 9, 16))).toBeCloseTo(at.place, 12);
  });

  it("is said on the page: the zone on each axis, what was left out beside the first", () => {
    const html = toxicityPage(inSessions(simulatedReport()));
    expect(html.match(/America\/New_York, 2026-01-05 to 2026-01-09/g)!.length).toBe(10);
    expect(/Dotted lines[^.]*/.exec(html)?.[0]).toMatch(
      /^Dotted lines, here and below: 4 stretches of 17 h \d+ min or more without a bucket/,
    );
    expect(html).toContain("All times are those of the clock of America/New_York.");
  });

  it("tables show the clock of the axes, and their heads say which", () => {
    const html = toxicityPage(inSessions(simulatedReport())).replaceAll("<wbr>", "");
    expect(html).not.toMatch(/UTC\)<|\d\d UTC/);
    for (const head of ["From (America/New_York)", "Began (America/New_York)", "Hour (America/New_York)", "First trade (America/New_York)"])
      expect(html).toContain(head);
    expect(html).toMatch(/2026-01-05 09:3\d:\d\d to 2026-01-09 1[56]:\d\d:\d\d America\/New_York/);
    // Open from 9:30 to 16:00: no hour of the map lies outside.
    const named = [...html.matchAll(/<tr><th scope="row" class="w">(?:Mon|Tue|Wed|Thu|Fri) (\d\d):00/g)].map(([, at]) => Number(at));
    expect([Math.min(...named), Math.max(...named)]).toEqual([9, 15]);
  });

  it("of a clock that is changed: the hour before and after", () => {
    const { minute, local, instant } = clockOf("America/New_York");
    expect([6, 7].map((at) => minute(BigInt(Date.UTC(2026, 2, 8, at)) * 1_000_000n))).toEqual(["2026-03-08 01:00", "2026-03-08 03:00"]);
    expect(instant(local(Date.UTC(2026, 2, 8, 15, 20)))).toBe(Date.UTC(2026, 2, 8, 15, 20));
    expect(clockOf("Asia/Kolkata").second(0n)).toBe("1970-01-01 05:30:00");
  });
});
