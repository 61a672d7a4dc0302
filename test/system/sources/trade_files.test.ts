import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { readTrades } from "../../../src/files/read/trades.js";
import { tradeArrays } from "../../../src/market/trade_columns.js";
import { marketData } from "../../../src/system/table/market_data.js";
import { binance, tape, temporaryFolder } from "../../support/cli.js";
import { expectSame, howOf, runSource, settingsOf, type Written, ways } from "./run_source.js";

const folder = temporaryFolder();
const rows = tape(3000);
const csv = join(folder, "trades.csv");
writeFileSync(csv, binance(rows));
const alone = { instruments: ["BTC"] };

/** As the reader of `tickforge replay` gives them. */
async function asRead(path: string): Promise<Written> {
  const columns = tradeArrays(100_000);
  let count = 0;
  await readTrades(path, { claim: () => ({ columns }), commit: (rows) => void (count = rows) });
  const trades = Object.fromEntries(
    Object.entries(columns).map(([name, view]) => [name, Array.from((view as Float64Array).subarray(0, count))]),
  );
  return { trades, prices: { time: trades.time!, price: trades.price!, instrument: trades.instrument! } };
}

describe("files of trades", () => {
  it("give what their reader gives, however it is split, paced, and wherever it is killed and goes on", async () => {
    const want = await asRead(csv);
    expect(want.trades!.time!.length).toBe(rows.length);
    expectSame(await runSource({ source: "file", file: csv, speed: 0 }, alone), want);
    const span = Number(BigInt(want.trades!.time!.at(-1)!) - BigInt(want.trades!.time![0]!)) / 1e9;
    await fc.assert(
      fc.asyncProperty(ways, async ({ speed, ...how }) => {
        const paced = { source: "file", file: csv, speed: (speed * span) / 600 };
        expectSame(await runSource(paced, { ...howOf(how), ...alone, rows: Math.max(8, how.rows) }), want);
      }),
      { numRuns: 8 },
    );
  });

  it("that were cut since are told where it goes on", async () => {
    const path = join(folder, "cut.csv");
    writeFileSync(path, binance(rows.slice(0, 50)));
    const settings = settingsOf({ source: "file", file: path, speed: 0 }, ["BTC"]);
    const state = new Float64Array(marketData.stateBytes(settings) / 8).fill(60, 0, 1);
    const bus = new MemoryBus();
    const gives = Object.fromEntries(Object.entries(marketData.gives(settings)).map(([port, { topic }]) => [port, bus.publisher(topic)]));
    const engine = await marketData.begin({ ...settings, state: state.buffer, gives, takes: {}, log: () => {}, health: () => [] });
    const play = async () => {
      while (engine.turn!(0) !== Infinity) await new Promise(setImmediate);
    };
    await expect(play()).rejects.toMatchObject({ code: "E_FILE_TRUNCATED", file: path });
  });

  it("are merged by time, their instruments those of the system by name; others are refused or left out", async () => {
    const many = join(folder, "many");
    mkdirSync(many);
    const line = (at: number, symbol: string, price: number) => `${1_700_000_000_000 + at},${symbol},${price},1,buy\n`;
    const head = "timestamp,symbol,price,amount,side\n";
    writeFileSync(join(many, "a.csv"), head + line(0, "ETH", 10) + line(20, "BTC", 100) + line(40, "ETH", 11));
    writeFileSync(join(many, "b.csv"), head + line(10, "BTC", 101) + line(30, "XRP", 1));
    const given = { source: "file", folder: many, speed: 0 };
    const two = { instruments: ["BTC", "ETH"] };
    await expect(runSource(given, two)).rejects.toMatchObject({ code: "E_INSTRUMENTS", message: expect.stringContaining("'XRP'") });
    const { trades, prices } = await runSource({ ...given, unknown: "ignore" }, two);
    expect(trades!.price).toEqual([10, 101, 100, 11]);
    expect(trades!.instrument).toEqual([1, 0, 0, 1]);
    expect(prices!.price).toEqual(trades!.price);
  });

  it("must say which instrument they are of where the system has several", async () => {
    const several = { instruments: ["ETH", "BTC"] };
    const given = { source: "file", file: csv, speed: 0 };
    await expect(runSource(given, several)).rejects.toMatchObject({ code: "E_OPTION_MISSING", option: "instrument" });
    await expect(runSource({ ...given, instrument: "XRP" }, several)).rejects.toThrow(/'XRP'/);
    const { trades } = await runSource({ ...given, instrument: "BTC" }, several);
    expect(new Set(trades!.instrument)).toEqual(new Set([1]));
  });

  it("end with the error of their reader, by name and line", async () => {
    const path = join(folder, "bad.csv");
    writeFileSync(path, binance(rows.slice(0, 20)).replace(/\n[^\n]*\n$/, "\n1,x,y,z,0,true\n"));
    await expect(runSource({ source: "file", file: path, speed: 0 }, alone)).rejects.toMatchObject({ file: path, line: 20 });
    const { trades } = await runSource({ source: "file", file: path, speed: 0, onBad: "skip" }, alone);
    expect(trades!.time!.length).toBe(19);
    await expect(runSource({ source: "file", file: join(folder, "none.csv") }, alone)).rejects.toMatchObject({ code: "E_FILE_MISSING" });
  });
});
