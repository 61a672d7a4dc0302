import { describe, expect, it } from "vitest";
import { AggressorAudit, probabilityInverted } from "../../../src/feeds/audit/aggressor_audit.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

/** A tape of which so many flags are right; quotes are told, or only prices. */
function audited({ right, trades, quotes, seed = 1 }: { right: number; trades: number; quotes: boolean; seed?: number }) {
  const random = seeded(seed);
  const audit = new AggressorAudit();
  let middle = 1000;
  for (let i = 0; i < trades; i++) {
    const at = BigInt(i) * 100_000_000n;
    middle += random() < 0.3 ? (random() < 0.5 ? -1 : 1) : 0;
    const side = random() < 0.5 ? 1 : -1;
    if (quotes) audit.quote(at, middle - 0.5, middle + 0.5);
    audit.trade(at + 50_000_000n, middle + 0.5 * side, random() < right ? side : -side);
  }
  return audit.verdict();
}

describe("sides against quotes and ticks", () => {
  it.each([1, 0.95, 0.85])("flags of which a share of %d is right are found right, or inverted, within 500 trades", (share) => {
    for (let seed = 1; seed <= 20; seed++)
      for (const quotes of [true, false]) {
        const right = audited({ right: share, trades: 500, quotes, seed });
        const inverted = audited({ right: 1 - share, trades: 500, quotes, seed });
        expect([right.verdict, inverted.verdict], `${quotes} ${seed}`).toEqual(["right", "inverted"]);
        expect(Math.min(right.confidence, inverted.confidence)).toBeGreaterThan(0.999999);
        expect(Math.max(right.after!, inverted.after!)).toBeLessThanOrEqual(500);
        expect(right.by).toBe(quotes ? "quotes" : "ticks");
      }
  });
  it("flags without meaning stay open", () => {
    const verdicts = Array.from({ length: 200 }, (_, seed) => audited({ right: 0.5, trades: 500, quotes: true, seed: seed + 1 }).verdict);
    expect(new Set(verdicts)).toEqual(new Set(["open"]));
  });
  it("no trade, no quote, unknown sides and crossed quotes say nothing", () => {
    expect(new AggressorAudit().verdict()).toMatchObject({ by: "nothing", verdict: "open", votes: 0 });
    const audit = new AggressorAudit();
    for (let i = 0; i < 1000; i++) {
      audit.quote(BigInt(i) * 1_000_000_000n, 2, 1);
      audit.trade(BigInt(i) * 1_000_000_000n + 500_000_000n, 1 + (i % 2), 0);
    }
    expect(audit.verdict()).toMatchObject({ by: "nothing", verdict: "open" });
  });
  it("a quote that a trade made, and that came before it, does not count", () => {
    const audit = new AggressorAudit();
    for (let i = 0; i < 100; i++) {
      const at = BigInt(i) * 1_000_000_000n;
      audit.quote(at, 99, 100);
      // The buyer takes the ask, which moves: told 1 ms before the trade.
      audit.quote(at + 500_000_000n, 100, 101);
      audit.trade(at + 501_000_000n, 100, 1);
    }
    expect(audit.verdict()).toMatchObject({ by: "quotes", verdict: "right", share: 1, votes: 100 });
  });
  it("the probability is that of Beta(k + 1, n - k + 1) below 1/2", () => {
    // 1/2 by symmetry; 2^-(n+1) where all agree; Beta(3, 2): 5/16.
    expect(probabilityInverted({ agree: 0, votes: 0 })).toBeCloseTo(0.5, 15);
    expect(probabilityInverted({ agree: 50, votes: 100 })).toBeCloseTo(0.5, 12);
    expect(probabilityInverted({ agree: 10, votes: 10 })).toBeCloseTo(2 ** -11, 15);
    expect(probabilityInverted({ agree: 2, votes: 3 })).toBeCloseTo(5 / 16, 15);
    expect(probabilityInverted({ agree: 1, votes: 3 })).toBeCloseTo(11 / 16, 15);
    expect(probabilityInverted({ agree: 0, votes: 20_000 })).toBe(1);
    expect(probabilityInverted({ agree: 20_000, votes: 20_000 })).toBe(0);
  });
});
