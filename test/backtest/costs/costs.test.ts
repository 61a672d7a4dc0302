import { describe, expect, it } from "vitest";
import { Borrow } from "../../../src/backtest/costs/borrow.js";
import { costsOf } from "../../../src/backtest/costs/costs.js";
import { feeTables } from "../../../src/backtest/costs/fee_tables.js";
import { Fees, feeTableOf } from "../../../src/backtest/costs/fees.js";
import { Funding } from "../../../src/backtest/costs/funding.js";
import { impactOf } from "../../../src/backtest/costs/impact.js";
import { OrderRate } from "../../../src/backtest/costs/order_rate.js";
import { meetingOf } from "../../../src/backtest/costs/self_trade.js";

const hour = 3_600_000_000_000n;
const midnight = 1_723_075_200_000_000_000n; // 2024-08-08
const fill = (time: bigint, value: number, maker = false) => ({ time, price: 100, size: value / 100, maker });

describe("fees", () => {
  it("by hand: tiers of thirty days before the fill, rebates below 0", () => {
    const fees = new Fees({
      tiers: [
        { volume: 0, maker: 0.001, taker: 0.002 },
        { volume: 1000, maker: -0.0005, taker: 0.001 },
      ],
    });
    expect(fees.of(fill(midnight, 600))).toBeCloseTo(1.2, 12);
    expect(fees.of(fill(midnight + hour, 600))).toBeCloseTo(1.2, 12); // 600 before it
    expect(fees.of(fill(midnight + hour, 600))).toBeCloseTo(0.6, 12); // 1200 before it
    expect(fees.of(fill(midnight + 2n * hour, 600, true))).toBeCloseTo(-0.3, 12);
    // 719 hours after the first fill it still counts, 720 hours after it is gone, with all but the last two of the others.
    expect(fees.of(fill(midnight + 719n * hour, 100))).toBeCloseTo(0.1, 12);
    expect(fees.of(fill(midnight + 722n * hour, 100))).toBeCloseTo(0.2, 12);
  });

  it("what was traded before the run thins out over thirty days", () => {
    const tiers = [
      { volume: 0, maker: 0, taker: 1 },
      { volume: 500, maker: 0, taker: 2 },
    ];
    const fees = new Fees({ tiers, of: "size" }, 1000);
    expect(fees.of({ time: midnight, price: 5, size: 1, maker: false })).toBe(2);
    expect(fees.of({ time: midnight + 359n * hour, price: 5, size: 1, maker: false })).toBe(2);
    expect(fees.of({ time: midnight + 368n * hour, price: 5, size: 1, maker: false })).toBe(1);
  });

  it("tables of venues: as they were published, checked like one's own", () => {
    for (const table of Object.values(feeTables)) expect(feeTableOf(table)).toBe(table);
    expect(feeTables.coinbase_exchange!.tiers.map(({ taker }) => Math.round(1e4 * taker))).toEqual([60, 40, 25, 20, 18, 16, 12, 8, 5]);
    expect(feeTables.binance_usdm!.tiers).toEqual([{ volume: 0, maker: 0.0002, taker: 0.0005 }]);
    expect(feeTables.binance_usdm_vip9!.tiers[0]!.maker).toBe(0);
    expect(() => feeTableOf("binance_usd")).toThrow(/no fee table "binance_usd": did you mean "binance_usdm"/);
    expect(() => feeTableOf("toString")).toThrow(/no fee table/);
    expect(() => feeTableOf({ tiers: [{ volume: 1, maker: 0, taker: 0 }] })).toThrow(/first begins at 0/);
    expect(() => feeTableOf({ maker: Number.NaN, taker: 0 })).toThrow(/tier 0 has NaN/);
    expect(() => new Fees(feeTableOf(), -1)).toThrow(/volumeBefore is -1/);
  });
});

describe("what is held", () => {
  it("funding by hand: longs pay a rate above 0, at its times alone", () => {
    const one = new Funding({ rate: 0.0001 });
    expect(one.next(0, midnight)).toBe(midnight + 8n * hour);
    expect(one.next(0, midnight - 1n)).toBe(midnight);
    expect(one.paid(0, 2, 60_000, midnight, midnight + 8n * hour - 1n)).toBe(0);
    expect(one.paid(0, 2, 60_000, midnight, midnight + 8n * hour)).toBeCloseTo(-12, 9);
    expect(one.paid(0, -2, 60_000, midnight, midnight + 24n * hour)).toBeCloseTo(36, 9);
    const rates = { time: BigInt64Array.of(10n, 20n, 30n), rate: Float64Array.of(0.01, -0.02, 0.04) };
    const two = new Funding([undefined, rates]);
    expect(two.paid(0, 1, 100, 0n, 99n)).toBe(0);
    expect(two.paid(1, 1, 100, 10n, 20n)).toBeCloseTo(2, 12);
    expect(two.paid(1, 1, 100, 0n, 30n)).toBeCloseTo(-3, 12);
    expect([two.next(1, 9n), two.next(1, 10n), two.next(1, 30n), two.next(0, 0n)]).toEqual([10n, 20n, undefined, undefined]);
    expect(() => new Funding({ rate: 0.1, everyHours: 0 })).toThrow(/everyHours is 0/);
    expect(() => new Funding({ ...rates, time: BigInt64Array.of(1n, 1n, 2n) })).toThrow(/time 1 is not after/);
  });

  it("borrowing by hand: a quarter of a year at 8 % on 5,000 sold short", () => {
    const quarter = (365n * 24n * hour) / 4n;
    const borrow = new Borrow({ short: 0.08, long: 0.04 });
    expect(borrow.paid(-50, 100, 0n, quarter)).toBeCloseTo(-100, 9);
    expect(borrow.paid(50, 100, 0n, quarter)).toBeCloseTo(-50, 9);
    expect(borrow.paid(0, 100, 0n, quarter)).toBe(0);
    expect(() => new Borrow({ short: -0.1 })).toThrow(/short is -0.1/);
  });
});

describe("what a venue lets through", () => {
  it("no stretch holds more requests than allowed", () => {
    const rate = new OrderRate({ most: 2, seconds: 10 });
    const admitted: number[] = [];
    for (const s of [0, 1, 2, 9, 10, 10, 11, 20]) {
      const now = BigInt(s) * 1_000_000_000n;
      if (!rate.roomAt(now)) continue;
      rate.count(now);
      admitted.push(s);
    }
    expect(admitted).toEqual([0, 1, 10, 11, 20]);
    expect(() => new OrderRate({ most: 0, seconds: 1 })).toThrow(/most is 0/);
  });

  it("own orders that would meet: by the venue's rule", () => {
    const order = { id: 9, side: 1, price: 101, size: 5 } as const;
    const resting = [
      { id: 1, price: 100, size: 2 },
      { id: 2, price: 101, size: 4 },
      { id: 3, price: 102, size: 7 },
    ];
    const of = (rule: Parameters<typeof meetingOf>[0], price = 101, ahead: readonly number[] = []) =>
      meetingOf(
        rule,
        { ...order, price },
        resting.map((own, i) => ({ ...own, before: ahead[i] ?? 0 })),
      );
    const whole = { size: 5, ends: false, cancel: [], cut: [] };
    expect(of("allow")).toEqual(whole);
    expect(of("cancel_newest")).toEqual({ ...whole, size: 0, ends: true });
    expect(of("cancel_oldest")).toEqual({ ...whole, cancel: [1, 2] });
    expect(of("cancel_both")).toEqual({ ...whole, size: 0, ends: true, cancel: [1] });
    expect(of("decrement")).toEqual({ size: 0, ends: false, cancel: [1], cut: [{ id: 2, size: 1 }] });
    expect(of("cancel_oldest", Number.NaN).cancel).toEqual([1, 2, 3]);
    expect(of("cancel_newest", 99)).toEqual(whole);
    // The market has one at a better price than the first, three more before the second.
    expect(of("cancel_newest", 101, [1, 4])).toEqual({ ...whole, size: 1, ends: true });
    expect(of("cancel_oldest", 101, [1, 5]).cancel).toEqual([1]);
    expect(of("decrement", 101, [1, 4])).toEqual({ size: 3, ends: false, cancel: [1], cut: [] });
    expect(of("decrement", 101, [1, 2])).toEqual({ size: 2, ends: false, cancel: [1], cut: [{ id: 2, size: 3 }] });
    expect(of("cancel_newest", 101, [5, 9])).toEqual(whole);
    const sale = { id: 9, side: -1, price: 101, size: 1 } as const;
    expect(meetingOf("cancel_newest", sale, [{ id: 1, price: 102, size: 1 }]).size).toBe(0);
    expect(meetingOf("cancel_newest", sale, [{ id: 1, price: 100, size: 1 }]).size).toBe(1);
  });
});

describe("impact", () => {
  // 2/3 * 1 * 2 % * sqrt(100 / 10,000) * 50 * 100 = 6.666...
  const options = { dailyVolatility: 0.02, dailyVolume: 10_000 };
  const order = { size: 100, there: 40, mid: 50, paid: 0 };
  it("by hand, beside what was paid, of orders larger than what was there", () => {
    expect(impactOf(options, order)).toBeCloseTo(20 / 3, 12);
    expect(impactOf({ ...options, coefficient: 3 }, { ...order, paid: 5 })).toBeCloseTo(15, 12);
    expect(impactOf(options, { ...order, paid: 8 })).toBe(0);
    expect(impactOf(options, { ...order, there: 100 })).toBe(0);
    expect(impactOf(options, { ...order, mid: Number.NaN })).toBe(0);
  });
  it("wrong options are told before a run", () => {
    expect(() => costsOf({ impact: { ...options, dailyVolume: 0 } })).toThrow(/dailyVolume is 0, expected above 0/);
    expect(() => costsOf({ selfTrade: "cancel_newer" as never })).toThrow(/did you mean "cancel_newest"/);
  });
});

describe("costs of a run", () => {
  it.each([
    ["orderRate", { most: 300, seconds: 10 }, /costs\.orderRate is .*, expected an array/],
    ["orderRate", [300], /costs\.orderRate: a limit is 300, expected an object/],
    ["borrow", 0.05, /costs\.borrow is 0\.05, expected an object/],
    ["funding", 0.0001, /costs\.funding is 0\.0001, expected an object/],
    ["impact", 0.02, /costs\.impact is 0\.02, expected an object/],
    ["fees", 0.0004, /fees is 0\.0004, expected an object/],
  ])("%s of another kind is named, and costs nothing by silence", (option, value, says) => {
    expect(() => costsOf({ [option]: value })).toThrow(says);
  });

  it("nothing is charged, refused or said without options", () => {
    const costs = costsOf();
    expect(costs.fee({ ...fill(midnight, 100), instrument: 0 })).toBe(0);
    expect(costs.impact({ instrument: 0, size: 9, there: 0, mid: 1, paid: 0 })).toBe(0);
    expect(costs.carry(0, 5, 100, 0n, midnight)).toEqual({ funding: 0, borrow: 0 });
    expect([costs.admit(0n), costs.nextCarry(0, 0n), costs.remarks]).toEqual([undefined, undefined, []]);
  });

  it("each option is asked for its own part, by instrument", () => {
    const costs = costsOf({
      fees: "kraken_spot",
      orderRate: [
        { most: 1, seconds: 1 },
        { most: 5, seconds: 60 },
      ],
      funding: [{ rate: 0.001 }, undefined],
      borrow: { short: 0.365 },
      impact: [undefined, { dailyVolatility: 0.02, dailyVolume: 10_000 }],
      selfTrade: "cancel_newest",
    });
    expect(costs.fee({ ...fill(midnight, 10_000), instrument: 0 })).toBeCloseTo(40, 9);
    expect(costs.fee({ ...fill(midnight, 10_000, true), instrument: 0 })).toBeCloseTo(20, 9);
    expect(costs.admit(0n)).toBeUndefined();
    expect(costs.admit(5n)).toBe("requests: at most 1 in 1 s");
    expect(costs.carry(0, -10, 100, midnight, midnight + 24n * hour)).toEqual({ funding: 3, borrow: -1 });
    expect(costs.carry(1, -10, 100, midnight, midnight + 24n * hour)).toEqual({ funding: 0, borrow: -1 });
    expect([costs.nextCarry(0, midnight), costs.nextCarry(1, midnight)]).toEqual([midnight + 8n * hour, undefined]);
    const taken = { size: 100, there: 0, mid: 50, paid: 0 };
    expect([costs.impact({ ...taken, instrument: 0 }), costs.impact({ ...taken, instrument: 1 }) > 6]).toEqual([0, true]);
    expect(costs.meet({ id: 2, side: 1, price: 5, size: 1 }, [{ id: 1, price: 5, size: 1 }]).size).toBe(0);
    expect(costs.remarks).toHaveLength(4);
  });
});
