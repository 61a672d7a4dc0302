/** Real files: their facts are known from outside. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { requireBuilt, tickforge } from "../../support/cli.js";

const market = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");

beforeAll(requireBuilt);

interface Real {
  path: string;
  args?: string[];
  format: RegExp;
  trades: number;
  /** As the tape chooses them: by the days and typical trades that it has. */
  buckets: number;
  /** Why their volume, the length of bars in seconds where sides come from them, and what is doubtful about the two. */
  by: string;
  bars: number | null;
  doubts: string[];
  classify: string;
  more?: (answer: any) => void;
}

const files: Real[] = [
  {
    path: "binance_2024/hb_spot_btcusdt_20240808_visionlayout.csv.gz",
    format: /^binance spot trades, no header, time in ms/,
    trades: 9757,
    buckets: 100,
    by: "few: 10 to 50 typical trades each",
    bars: null,
    doubts: [],
    classify: "given",
  },
  {
    path: "binance_2024/hb_spot_btcusdt_20240809_visionlayout.csv.gz",
    format: /^binance spot trades, no header, time in ms/,
    trades: 10_147,
    buckets: 100,
    by: "few: 10 to 50 typical trades each",
    bars: null,
    doubts: [],
    classify: "given",
  },
  {
    path: "binance_2024/hb_usdm_btcusdt_20240808_visionlayout.csv.gz",
    format: /^binance USD-M trades, header, time in ms/,
    trades: 21_313,
    buckets: 100,
    by: "few: 10 to 50 typical trades each",
    bars: null,
    doubts: [],
    classify: "given",
  },
  {
    path: "binance_2024/hb_cm_btcusd_perp_20240809_visionlayout.csv.gz",
    format: /^binance COIN-M trades/,
    trades: 2949,
    buckets: 52,
    by: "few: 10 to 50 typical trades each",
    bars: null,
    doubts: [],
    classify: "given",
  },
  {
    path: "mtgox_2013/april_trades.csv.gz",
    args: ["--on-bad", "skip"],
    format: /^mtgox 2013, header, time in ISO 8601/,
    trades: 469_042,
    buckets: 1000,
    by: "file volume / 1,000",
    bars: null,
    doubts: [],
    classify: "given",
    more(answer) {
      expect(answer.rejected).toEqual({ total: 58, reasons: { number: 58 } });
      // The price fell from 80 to 50 in the hours before; VPIN was never higher.
      expect(answer.instruments[0].vpin.maxTime).toMatch(/^2013-04-16T/);
    },
  },
  {
    path: "okcoin_2017/okcoinUSD.csv.gz",
    format: /^bitcoincharts or kraken trades, no header, time in s/,
    trades: 640_153, // 66 at 1e7, where BTC stood at 7,200, are left out
    buckets: 4_916,
    by: "50 typical trades each",
    bars: 5,
    doubts: ["bars_over_one_bucket"],
    classify: "bvc",
    more(answer) {
      expect(answer.instruments[0].vpin.maxTime).toMatch(/^2017-11-15T10:/);
    },
  },
];

describe("real files", () => {
  for (const { path, args = [], format, trades, buckets, by, bars, doubts, classify, more } of files)
    it(path, async (context) => {
      if (!existsSync(join(market, path))) context.skip(`${path} is not there; MARKET_DATA names its folder`);
      const { code, stdout, stderr } = await tickforge(["replay", join(market, path), "--json", ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const answer = JSON.parse(stdout);
      expect(answer).toMatchObject({
        ...{ trades, buckets, options: { classify, barSeconds: bars } },
        instruments: [{ bucketVolumeBy: by, doubtsOfFit: doubts }],
      });
      expect(answer.format).toMatch(format);
      const { vpin, cdf, imbalance } = answer.instruments[0];
      for (const value of [vpin.last, vpin.mean, vpin.max, cdf.last]) expect(value >= 0 && value <= 1).toBe(true);
      expect(Math.abs(imbalance.mean)).toBeLessThanOrEqual(1);
      more?.(answer);
    });

  it("mtgox stops at its first bad amount, and shows it", async (context) => {
    const path = join(market, "mtgox_2013/april_trades.csv.gz");
    if (!existsSync(path)) context.skip("mtgox_2013 is not there; MARKET_DATA names its folder");
    const { code, stderr } = await tickforge(["replay", path]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/line 94571: size is '3e-07\.0', not a number\n {2}94571 \| 2013-04-17 .*\n +\^{7} column 3, d\.amount_int/);
  });
});
