import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RecordingWriter } from "../../../src/bus/recording/recording_writer.js";
import { marketData } from "../../../src/system/table/market_data.js";
import { temporaryFolder } from "../../support/cli.js";
import { expectSame, howOf, runSource, settingsOf, type Written, ways } from "./run_source.js";

const folder = temporaryFolder();
const instruments = ["AAA", "BBB", "CCC"];
let market: Written;
let columns: Record<string, any>;

/** Records rows of a topic in frames of 50, its symbols in another order and some of them only later. */
function record(path: string, name: string, symbols: readonly string[], later = symbols.length): void {
  const bus = new MemoryBus();
  const declared = topic({ name, columns: columns[name], rows: 50, slots: 4096, backpressure: "block" });
  const [subscription, publisher] = [bus.subscribe(declared), bus.publisher(declared)];
  for (const symbol of symbols.slice(0, later)) publisher.symbols.add(symbol);
  const writer = new RecordingWriter(path, declared, publisher.symbols);
  for (const symbol of symbols.slice(later)) publisher.symbols.add(symbol);
  const rows = Object.fromEntries(
    Object.entries(market[name]!).map(([column, values]) => [column, arrayOf(columns[name][column].dtype, values)]),
  );
  rows.instrument = Uint32Array.from(market[name]!.instrument!, (id) => symbols.indexOf(instruments[Number(id)]!));
  publisher.publish(rows);
  subscription.poll((batch) => void writer.append(batch));
  writer.close();
  bus.close();
}
const arrayOf = (dtype: string, values: any[]): ArrayBufferView =>
  dtype === "i64"
    ? BigInt64Array.from(values)
    : dtype === "f64"
      ? Float64Array.from(values)
      : dtype === "i8"
        ? Int8Array.from(values)
        : Uint8Array.from(values);

beforeAll(async () => {
  const given = { speed: 0, seconds: 200, crashAfter: 60, tradesPerSecond: { AAA: 1, BBB: 0.5, CCC: 0.2 }, episodesPerHour: 60 };
  market = await runSource(given);
  columns = Object.fromEntries(Object.entries(marketData.gives(settingsOf(given))).map(([port, one]) => [port, one.topic.columns]));
  mkdirSync(join(folder, "day"));
  record(join(folder, "day", "a.tfr"), "trades", ["CCC", "AAA", "BBB"], 1);
  record(join(folder, "day", "b.tfr"), "quotes", instruments);
  record(join(folder, "day", "c.tfr"), "labels", instruments);
});

const play = { source: "recording", folder: join(folder, "day"), speed: 0 };

describe("a recording that is played", () => {
  it("gives the rows that were recorded, with prices of its trades, however it is split, paced, killed", async () => {
    expect(await runSource(play)).toEqual(market);
    await fc.assert(
      fc.asyncProperty(ways, async ({ speed, ...how }) => {
        expectSame(await runSource({ ...play, speed, burst: 3, burstFrom: 0.1, burstTo: 0.2 }, howOf(how)), market);
      }),
      { numRuns: 10 },
    );
  });

  it("gives rows of all topics in order of time: none of a turn comes before one of an earlier turn", async () => {
    const turns: { first: bigint; last: bigint }[] = [];
    const onBatch = (_: string, { columns: { time }, rows }: any, turn: number) => {
      turns[turn] ??= { first: time[0], last: time[rows - 1] };
      if (time[0] < turns[turn]!.first) turns[turn]!.first = time[0];
      if (time[rows - 1] > turns[turn]!.last) turns[turn]!.last = time[rows - 1];
    };
    await runSource({ ...play, speed: 500 }, { onBatch });
    const seen = turns.filter((turn) => turn !== undefined);
    expect(seen.length).toBeGreaterThan(50);
    expect(seen.every(({ first }, i) => i === 0 || seen[i - 1]!.last <= first)).toBe(true);
  });

  it("goes on from its beginning with later times where it loops, after a kill too", async () => {
    const { trades } = await runSource({ ...play, loop: true }, { turns: 12, rows: 20, slots: 64 });
    const length = market.trades!.time!.length;
    expect(trades!.time!.length).toBeGreaterThan(2 * length);
    expect(trades!.price!.slice(length, 2 * length)).toEqual(market.trades!.price);
    expect(trades!.time!.every((time, row) => row === 0 || trades!.time![row - 1]! <= time)).toBe(true);
    const later = BigInt(trades!.time![length]!) - BigInt(trades!.time![0]!);
    expect(trades!.time!.slice(length, 2 * length)).toEqual(market.trades!.time!.map((time) => BigInt(time) + later));
    const killed = await runSource({ ...play, loop: true }, { ...howOf({ seed: 5, kills: 2 }), turns: 12, rows: 20, slots: 64 });
    const both = Math.min(killed.trades!.time!.length, trades!.time!.length);
    expect(both).toBeGreaterThan(length);
    expect(killed.trades!.time!.slice(0, both)).toEqual(trades!.time!.slice(0, both));
  });

  it("refuses by name what it cannot play, and leaves out instruments where it is told to", async () => {
    const two = { instruments: ["AAA", "CCC"] };
    const file = join(folder, "day", "a.tfr");
    const refused = { code: "E_INSTRUMENTS", file, message: expect.stringContaining("'BBB'") };
    await expect(runSource({ source: "recording", file, speed: 0 }, two)).rejects.toMatchObject(refused);
    const { trades } = await runSource({ source: "recording", file, speed: 0, unknown: "ignore" }, two);
    const kept = market.trades!.price!.filter((_, row) => market.trades!.instrument![row] !== 1);
    expect(trades!.price).toEqual(kept);
    expect(new Set(trades!.instrument)).toEqual(new Set([0, 1]));
    await expect(runSource({ source: "recording" })).rejects.toMatchObject({ code: "E_OPTION_MISSING", option: "file" });
    await expect(runSource({ source: "recording", folder: "/nowhere" })).rejects.toMatchObject({
      code: "E_FILE_MISSING",
      file: "/nowhere",
    });
    record(join(folder, "day", "z.tfr"), "trades", instruments);
    await expect(runSource(play)).rejects.toMatchObject({ code: "E_SOURCE_TOPIC", message: expect.stringMatching(/a\.tfr and .*z\.tfr/) });
  });
});
