/** Times and numbers as the reader of a page chose them. */
import { afterEach, describe, expect, it } from "vitest";
import { readAddress, settingsOf, writeAddress } from "../../../../src/page/client/base/address.js";
import { fixed, isoNs, significant, span, toMs, toNs, useNumbers } from "../../../../src/page/client/base/format.js";
import { isZone, offsetText, useZone, zoneAt } from "../../../../src/page/client/base/zone.js";

afterEach(() => {
  useZone("UTC");
  useNumbers("en");
});

describe("a time", () => {
  // The offsets of the time zone database: New York ends summer time on 1 November 2026 at 06:00 UTC, so 01:30 comes twice there.
  it.each([
    ["UTC", "2026-11-01T05:30:00.250Z", "2026-11-01 05:30:00.250", "+00:00"],
    ["America/New_York", "2026-11-01T05:30:00.250Z", "2026-11-01 01:30:00.250", "-04:00"],
    ["America/New_York", "2026-11-01T06:30:00.250Z", "2026-11-01 01:30:00.250", "-05:00"],
    ["Europe/London", "2026-03-29T00:59:59.999Z", "2026-03-29 00:59:59.999", "+00:00"],
    ["Europe/London", "2026-03-29T01:00:00.000Z", "2026-03-29 02:00:00.000", "+01:00"],
    ["Asia/Kolkata", "2026-01-12T20:00:00.001Z", "2026-01-13 01:30:00.001", "+05:30"],
    ["Asia/Tokyo", "1969-12-31T23:59:59.999Z", "1970-01-01 08:59:59.999", "+09:00"],
  ])("in %s of %s is %s, %s", (zone, at, said, offset) => {
    useZone(zone);
    expect([toMs(Date.parse(at)), offsetText(Date.parse(at))]).toEqual([said, offset]);
  });

  it("is exact to the nanosecond, says its zone, and is a dash where no calendar has it", () => {
    useZone("America/New_York");
    const ns = `${BigInt(Date.parse("2026-01-12T14:30:00Z")) * 1_000_000n + 123_456_789n}`;
    expect(toNs(ns)).toBe("2026-01-12 09:30:00.123456789");
    expect(isoNs(ns)).toBe("2026-01-12T09:30:00.123456789-05:00");
    expect(zoneAt(Date.parse("2026-01-12T14:30:00Z"))).toBe("America/New_York, UTC\u221205:00");
    for (const none of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) expect(toMs(none)).toBe("\u2013");
    expect([isZone("local"), isZone("Nowhere/Town"), isZone("")]).toEqual([true, false, false]);
  });
});

it("numbers have the marks that were chosen, and their digits stay", () => {
  const all = (form: string) => {
    useNumbers(form);
    return [fixed(-1_234_567.891, 2), significant(0.000125), span(2500)];
  };
  expect(all("en")).toEqual(["\u22121,234,567.89", "0.000125", "2.5 s"]);
  expect(all("de")).toEqual(["\u22121.234.567,89", "0,000125", "2,5 s"]);
  expect(all("ch")[0]).toBe("\u22121\u2019234\u2019567.89");
  expect(all("plain")[0]).toBe("\u22121234567.89");
});

it("the address has what is not usual, and what it cannot mean is as usual", () => {
  const shown = readAddress("#view=alarms&zone=Asia%2FTokyo&numbers=de");
  expect([shown.zone, shown.numbers]).toEqual(["Asia/Tokyo", "de"]);
  expect(readAddress(writeAddress(shown))).toEqual(shown);
  const usual = readAddress("#view=alarms&zone=Nowhere&numbers=roman");
  expect(writeAddress(usual)).toBe("#view=alarms");
  expect(settingsOf({ zone: 7, numbers: null })).toEqual({ zone: "UTC", numbers: "en" });
});
