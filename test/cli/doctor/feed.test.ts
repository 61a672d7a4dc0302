/** doctor feed on logs as they come from disk: packed, with holes, with sides the wrong way round. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RecordingWriter } from "../../../src/bus/recording/recording_writer.js";
import { liveColumns } from "../../../src/feeds/kit/rows.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

const folder = temporaryFolder();
const data = process.env.MARKET_DATA ?? "../shared/data";
const recorded = join(data, "binance_2024/hb_usdm_btcusdt_20240808.gz");

const trade = (id: number, price: number, sold: boolean, ms: number) =>
  `${ms + 5}000000 {"stream":"x@trade","data":{"e":"trade","E":${ms},"s":"XUSDT","t":${id},"p":"${price}","q":"1","T":${ms},"m":${sold},"M":true}}`;
const quote = (bid: number, ask: number, ms: number) => `${ms}000000 {"u":1,"s":"XUSDT","b":"${bid}","B":"1","a":"${ask}","A":"1"}`;
/** 200 trades, of which 20 are missing and one comes twice; at the ask and at the bid in turn. */
function log(inverted: boolean): string {
  const lines: string[] = [];
  for (let i = 0; i < 200; i++) {
    const ms = 1_723_161_253_000 + 100 * i;
    if (i >= 50 && i < 70) continue;
    lines.push(quote(99, 101, ms));
    lines.push(trade(1000 + i, i % 2 ? 101 : 99, (i % 2 === 0) !== inverted, ms + 50));
    if (i === 100) lines.push(lines.at(-1)!);
  }
  return `# a log\n${lines.join("\n")}\n{"e":"trade","s":"XUSDT"}\nbroken{\n`;
}
const write = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(requireBuilt);

describe("doctor feed", () => {
  it("tells what is missing, double and refused, how clocks stand, and that sides are right", async () => {
    const { code, stdout, stderr } = await tickforge(["doctor", "feed", write("right.log.gz", gzipSync(log(false)))]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/362 messages of Binance spot, 1 symbol/);
    expect(stdout).toMatch(/without rows: 1 message, id: missing: \{"e":"trade","s":"XUSDT"\}/);
    expect(stdout).toMatch(/^XUSDT +180 +20 +1 +0 +180 +0 +- +5\.0 +100\.0% as quotes say$/m);
    expect(stdout).toMatch(/XUSDT: 20 trades missing in 1 gap: 1050 to 1069$/m);
    expect(stdout).toMatch(/sides are those of the aggressors: 180 trades .* clear after 37 trades; confidence over 1 - 1e-12/);
  });
  it("says loudly that sides are inverted, and answers 3", async () => {
    const file = write("inverted.log", log(true));
    const { code, stdout } = await tickforge(["doctor", "feed", file]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/XUSDT: SIDES ARE INVERTED/);
    const json = JSON.parse((await tickforge(["doctor", "feed", file, "--json"])).stdout);
    expect(json).toMatchObject({ schema: 1, command: "doctor feed", venue: "binance", frames: 362 });
    expect(json.symbols[0]).toMatchObject({
      ...{ symbol: "XUSDT", trades: 180, tradeIds: { gaps: 1, missing: 20, duplicates: 1, holes: [["1050", "1069"]] } },
      ...{ skewMs: { median: 5 }, sides: { verdict: "inverted", by: "quotes", share: 0 } },
    });
  });
  it.skipIf(!existsSync(recorded))(
    "finds an inverted flag in the first 500 trades of a recording (skipped where MARKET_DATA has none)",
    async () => {
      const lines = gunzipSync(readFileSync(recorded)).toString().split("\n").slice(0, 3000);
      const turned = lines.map((line) => line.replace(/"m":(true|false)/, (_, m) => `"m":${m === "false"}`));
      for (const [text, verdict] of [
        [lines, "right"],
        [turned, "inverted"],
      ] as const) {
        const json = JSON.parse((await tickforge(["doctor", "feed", write("recorded.log", text.join("\n")), "--json"])).stdout);
        expect(json.symbols[0].trades).toBeGreaterThan(100);
        expect(json.symbols[0].sides).toMatchObject({ verdict, by: "quotes" });
        expect(json.symbols[0].sides.after).toBeLessThanOrEqual(500);
      }
    },
  );
  it("reads a recording of trades too: ids and clocks of a feed, sides by ticks", async () => {
    const bus = new MemoryBus();
    const of = topic({ name: "trades", columns: liveColumns.trades, rows: 256, slots: 4, backpressure: "block", symbols: ["A", "B"] });
    const publisher = bus.publisher(of);
    const subscription = bus.subscribe(of);
    const writer = new RecordingWriter(join(folder, "trades.tfr"), of, publisher.symbols);
    for (let slot = 0; slot < 4; slot++) {
      const { columns } = publisher.claim()!;
      for (let row = 0; row < 250; row++) {
        const i = 250 * slot + row;
        columns.time[row] = 1_723_161_253_000_000_000n + BigInt(i) * 1_000_000n;
        columns.received[row] = columns.time[row]! + 7_000_000n;
        columns.instrument[row] = 1;
        columns.id[row] = BigInt(i < 500 ? i : i + 10);
        // Up and down by turns, and each flagged as if the maker's side were meant.
        columns.price[row] = 100 + (i % 2);
        columns.side[row] = i % 2 ? -1 : 1;
        columns.size[row] = 1;
      }
      publisher.commit(250);
      subscription.poll((batch) => void writer.append(batch as never));
    }
    writer.close();
    const { code, stdout } = await tickforge(["doctor", "feed", join(folder, "trades.tfr")]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/1,000 rows of a recording, topic 'trades', 1 symbol/);
    expect(stdout).toMatch(/^B +1,000 +10 +0 +0 .* 7\.0 +0\.0% as ticks say$/m);
    expect(stdout).toMatch(/B: 10 trades missing in 1 gap: 500 to 509\n.*SIDES ARE INVERTED/s);
    const refused = await tickforge(["doctor", "feed", join(folder, "trades.tfr"), "--venue", "binance"]);
    expect(refused.code).toBe(2);
  });
  it("is refused where there is nothing to read, and by its flags", async () => {
    const nothing = await tickforge(["doctor", "feed", write("none.log", "hello\n")]);
    expect(nothing.code).toBe(3);
    expect(nothing.stderr).toMatch(/E_FEED_LOG|no line of it holds a message/);
    for (const line of [
      ["feed"],
      ["feed", "a", "b"],
      ["feed", "x", "--calibrate"],
      ["--venue", "binance"],
      ["feed", join(folder, "none.log"), "--venue", "nyse"],
    ])
      expect((await tickforge(["doctor", ...line])).code, line.join(" ")).toBe(2);
  });
});
