/** A live engine whose process is killed: what happened meanwhile is told, and comes from REST where the venue still has it. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MappedRecording } from "../../../src/bus/recording/mapped_recording.js";
import { feedStates } from "../../../src/feeds/kit/rows.js";
import { binanceSpot } from "../../../src/feeds/venue_server/binance.js";
import { History } from "../../../src/feeds/venue_server/history.js";
import { simulatedTape } from "../../../src/feeds/venue_server/tape.js";
import { VenueServer } from "../../../src/feeds/venue_server/venue_server.js";
import { requireBuilt } from "../../support/cli.js";
import { membersOf, sickFolder, start, until } from "../supervisor/sick.js";

const folder = sickFolder();
afterAll(() => folder.remove());
beforeAll(requireBuilt);

const instruments = ["BTCUSDT", "ETHUSDT"];
const kills = 2;
const care = { limit: 1000, backoffMs: 0 };

function read(path: string): Record<string, number[]> {
  const recording = new MappedRecording<any>(path);
  const columns: Record<string, number[]> = {};
  for (const { columns: of, rows } of recording)
    for (const [name, view] of Object.entries(of))
      (columns[name] ??= []).push(...Array.from((view as Float64Array).subarray(0, rows), Number));
  recording.close();
  return columns;
}

/** Runs a system on a venue and kills its market again and again; trades and `feed_status` as they were recorded. */
async function killed(name: string, history: History) {
  const tape = simulatedTape({ dialect: binanceSpot, symbols: instruments, trades: 4500, tradesPerSecond: 1000, startMs: Date.now() });
  const server = new VenueServer({ dialect: binanceSpot, tape, speed: 1, history });
  const port = await server.listen();
  const into = join(folder.folder, name);
  const engines = {
    market: {
      ...{ engine: "market_data", place: "process", care },
      options: { source: instruments.map((one) => `binance:${one}`).join(","), url: `ws://127.0.0.1:${port}`, quotes: false },
    },
    tape: { engine: "recorder", options: { folder: into } },
  };
  const { supervisor, engine } = await start(folder.file(engines, { instruments }), { fresh: true });
  const rowsOf = (topic: string) => supervisor.status().topics.find((one) => one.name === topic)!.rows;
  try {
    let over = false;
    const played = server.play().then(() => (over = true));
    for (let kill = 1; kill <= kills; kill++) {
      const enough = rowsOf("trades") + 400;
      await until(() => rowsOf("trades") >= enough || over, "some trades");
      const member = [...membersOf(supervisor).values()].find(({ pid }) => pid !== process.pid)!;
      member.kill();
      await until(() => engine("market").restarts >= kill, "it begins again");
    }
    await played;
    const before = () => rowsOf("trades");
    for (let rows = -1; rows < before(); await new Promise((resolve) => setTimeout(resolve, 1000))) rows = before();
    await supervisor.stop();
  } finally {
    supervisor.kill();
    await server.close();
  }
  const [trades, status] = [read(join(into, "trades.tfr")), read(join(into, "feed_status.tfr"))];
  const told = (state: keyof typeof feedStates, of: number) =>
    status.state!.flatMap((one, row) =>
      one === feedStates[state] && status.instrument![row] === of ? [{ from: status.from![row]!, to: status.to![row]! }] : [],
    );
  const ids = (of: number) => trades.id!.filter((_, row) => trades.instrument![row] === of);
  return { told, ids, server };
}
const idsOf = (ranges: readonly { from: number; to: number }[]) =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

describe("a live engine that was killed", () => {
  it("goes on with the trade after the last that it gave: each is there once, and those between are told and refilled", async () => {
    const { told, ids, server } = await killed("refilled", new History());
    for (const [of, symbol] of instruments.entries()) {
      const found = ids(of);
      expect(found).toEqual(Array.from(found, (_, i) => found[0]! + i));
      expect(found.at(-1)).toBe(server.history.of(symbol).trades.last);
      const refilled = idsOf(told("refilled", of));
      expect(told("refilled", of).length).toBeGreaterThanOrEqual(kills - 1);
      expect(idsOf(told("gap", of))).toEqual(expect.arrayContaining(refilled));
      expect(told("lost", of)).toEqual([]);
    }
  }, 60_000);

  it("where REST has them no more, they are told as lost", async () => {
    const { told, ids } = await killed("lost", new History(60));
    for (const of of instruments.keys()) {
      const found = ids(of);
      const lost = idsOf(told("lost", of));
      expect(lost.length).toBeGreaterThan(0);
      expect([...found, ...lost].sort((a, b) => a - b)).toEqual(
        Array.from({ length: found.length + lost.length }, (_, i) => found[0]! + i),
      );
      expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
    }
  }, 60_000);
});
