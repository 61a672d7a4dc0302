/** Moments were taken from Python 3.11 zoneinfo: datetime(..., tzinfo=ZoneInfo(zone)).astimezone(UTC). */
import { describe, expect, it } from "vitest";
import { firstAtOrAfter, Sessions } from "../../src/market/sessions.js";

const ns = (text: string) => BigInt(Date.parse(text)) * 1_000_000n;
const stretch = (sessions: Sessions, at: string) => {
  const { startTime, endTime, open } = sessions.at(ns(at));
  const text = (time: bigint) => new Date(Number(time / 1_000_000n)).toISOString().slice(0, 16);
  return [text(startTime), text(endTime), open];
};

describe("trading hours", () => {
  const newYork = new Sessions("09:30-16:00@America/New_York");
  it("follow the exchange through daylight saving", () => {
    expect(stretch(newYork, "2024-03-08T15:00Z")).toEqual(["2024-03-08T14:30", "2024-03-08T21:00", true]);
    expect(stretch(newYork, "2024-03-11T15:00Z")).toEqual(["2024-03-11T13:30", "2024-03-11T20:00", true]);
    expect(stretch(newYork, "2024-11-04T15:00Z")).toEqual(["2024-11-04T14:30", "2024-11-04T21:00", true]);
    expect(stretch(newYork, "2024-03-10T02:00Z")).toEqual(["2024-03-09T21:00", "2024-03-10T13:30", false]);
  });

  it("begin with their first moment and end before their last", () => {
    expect(newYork.at(ns("2024-07-01T13:30Z")).open).toBe(true);
    expect(newYork.at(ns("2024-07-01T13:30Z") - 1n).open).toBe(false);
    expect(newYork.at(ns("2024-07-01T20:00Z") - 1n).open).toBe(true);
    expect(newYork.at(ns("2024-07-01T20:00Z")).open).toBe(false);
  });

  it("have breaks", () => {
    const tokyo = new Sessions("09:00-11:30,12:30-15:30@Asia/Tokyo");
    expect(stretch(tokyo, "2024-07-01T01:00Z")).toEqual(["2024-07-01T00:00", "2024-07-01T02:30", true]);
    expect(stretch(tokyo, "2024-07-01T03:00Z")).toEqual(["2024-07-01T02:30", "2024-07-01T03:30", false]);
    expect(stretch(tokyo, "2024-07-01T07:00Z")).toEqual(["2024-07-01T06:30", "2024-07-02T00:00", false]);
  });

  it("go over midnight", () => {
    const chicago = new Sessions("17:00-16:00@America/Chicago");
    expect(stretch(chicago, "2024-07-02T05:30Z")).toEqual(["2024-07-01T22:00", "2024-07-02T21:00", true]);
    expect(stretch(chicago, "2024-07-02T21:30Z")).toEqual(["2024-07-02T21:00", "2024-07-02T22:00", false]);
  });

  it("know hours that a day has twice or not at all", () => {
    const night = new Sessions("01:30-02:30@America/New_York");
    expect(stretch(night, "2024-11-03T06:00Z")).toEqual(["2024-11-03T05:30", "2024-11-03T07:30", true]);
    expect(stretch(night, "2024-03-10T06:45Z")).toEqual(["2024-03-10T06:30", "2024-03-10T07:30", true]);
  });

  it("may be the whole day, and lie before 1970", () => {
    const day = new Sessions("00:00-24:00@UTC");
    expect(stretch(day, "1969-12-31T12:00Z")).toEqual(["1969-12-31T00:00", "1970-01-01T00:00", true]);
    expect(stretch(day, "2024-02-29T00:00Z")).toEqual(["2024-02-29T00:00", "2024-03-01T00:00", true]);
  });

  for (const [text, what] of [
    ["09:30-16:00", /no time zone/],
    ["09:30-16:00@", /no time zone/],
    ["09:30-16:00@America/New_Yrok", /'America\/New_Yrok' is no time zone/],
    ["9.30-16:00@UTC", /'9\.30-16:00' is not HH:MM-HH:MM/],
    ["09:30-25:00@UTC", /is not HH:MM-HH:MM/],
    ["09:61-10:00@UTC", /is not HH:MM-HH:MM/],
    ["09:00-09:00@UTC", /begins when it ends/],
    ["09:00-12:00,11:00-15:00@UTC", /overlap/],
    ["18:00-10:00,09:00-12:00@UTC", /overlap/],
  ] as const)
    it(`refuses ${text}`, () => expect(() => new Sessions(text)).toThrow(what));
});

it("finds the first row of a time", () => {
  const times = BigInt64Array.of(1n, 3n, 3n, 5n);
  expect([0n, 1n, 2n, 3n, 4n, 5n, 6n].map((time) => firstAtOrAfter(times, time, 0, 4))).toEqual([0, 0, 1, 1, 3, 3, 4]);
  expect(firstAtOrAfter(times, 1n, 2, 4)).toBe(2);
});
