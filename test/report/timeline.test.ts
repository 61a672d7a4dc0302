/** Time as places across a page: what is left out, and whose clock the labels show. */
import { describe, expect, it } from "vitest";
import { closedStretches, timelineOf } from "../../src/report/timeline.js";
import { toxicityPage } from "../../src/report/toxicity.js";
import { inSessions, simulatedReport } from "./sample.js";

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
    const few = Float64Array.from({ length: 30 }, (_, i) => i * day + (i % 3) * 5 * hour);
    expect(closedStretches(few)).toEqual([]);
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
    expect(/Time axes show[^<]*/.exec(html)?.[0]).toBe("Time axes show the clock of America/New_York; all other times are UTC.");
  });
});
