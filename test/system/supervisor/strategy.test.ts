/** A strategy on paper in a system: orders and answers go round, the system ends all the same, and killed or replayed it does the same. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requireBuilt } from "../../support/cli.js";
import { hashes, membersOf, sickFolder, start, until } from "./sick.js";

const folder = sickFolder();
afterAll(() => folder.remove());
beforeAll(requireBuilt);

const instruments = ["A", "B"];
const care = { limit: 1_000_000, backoffMs: 0 };
const grid = { tick: 0.01, lot: 1 };
const trading = {
  strategy: { options: { strategy: "market_maker", params: { spread: 8, size: 20, wait: 2 }, ...grid }, care },
  execution: { options: { ...grid, entryLatency: 5e6, answerLatency: 5e6, makerFee: -0.0001 }, care },
  analytics: { care },
};
const market = { options: { speed: 0, seconds: 2500, tradesPerSecond: 20 } };
const given = (status: { topics: readonly { name: string; rows: number }[] }) =>
  Object.fromEntries(status.topics.map(({ name, rows }) => [name, rows]));

it("kills of its threads, a restart of all and a replay leave every order and fill as it is", async () => {
  const recordings = join(folder.folder, "recordings");
  mkdirSync(recordings, { recursive: true });
  const path = folder.file(
    {
      market_data: { ...market, care },
      toxicity: { options: { bucketVolume: 200 }, care },
      ...trading,
      recorder: { options: { folder: recordings }, care },
    },
    { instruments },
  );
  let { supervisor } = await start(path, { fresh: true });
  // Nothing keeps the threads in step, so runs differ: some fill few orders. Answered are hundreds in each.
  const answers = () => given(supervisor.status()).order_news ?? 0;
  let before = 0;
  for (const kill of [1, 2, "all", 3, 0, 2]) {
    await until(() => supervisor.state === "ended" || answers() > before + 50, "some answers", 60_000);
    expect(supervisor.state, "the run was over too soon: let it last longer").not.toBe("ended");
    before = answers();
    if (kill === "all") {
      supervisor.kill();
      ({ supervisor } = await start(path));
    } else {
      const members = [...membersOf(supervisor).values()];
      members[(kill as number) % members.length]?.kill();
    }
  }
  await until(() => supervisor.state === "ended", "the end", 120_000);
  const lived = supervisor.status();
  for (const { name, state, lost } of lived.engines) expect({ name, state, lost }).toEqual({ name, state: "ended", lost: 0 });
  const rows = given(lived);
  expect(Math.min(rows.orders!, rows.order_news!)).toBeGreaterThan(300);
  expect(rows.fills!).toBeGreaterThan(10);
  // The same orders of inputs, the same market: the same bits.
  const played = {
    market_data: { options: { source: "recording", folder: recordings, speed: 0 }, gives: {} as Record<string, string> },
    ...trading,
  };
  for (const name of ["orders", "order_news", "fills", "holdings", "profit", "performance"])
    played.market_data.gives[name] = `recorded_${name}`;
  const { supervisor: again } = await start(folder.file(played, { instruments }), { fresh: true });
  await until(() => again.state === "ended", "the end of the replay", 120_000);
  const [one, other] = [hashes(lived), hashes(again.status())];
  for (const name of ["orders", "order_news", "fills", "holdings", "profit", "performance"]) expect(other[name], name).toBe(one[name]);
}, 300_000);

it("orders of portfolio that are filled on paper, and holdings that it takes back, end with their market", async () => {
  const engines = {
    market_data: { options: { speed: 0, seconds: 600 } },
    portfolio: { options: { window: 20, interval: 5, lot: 1 } },
    execution: { options: grid },
  };
  const { supervisor } = await start(folder.file(engines, { instruments }), { fresh: true });
  await until(() => supervisor.state === "ended", "the end", 60_000);
  const rows = given(supervisor.status());
  expect(Math.min(rows.orders!, rows.fills!, rows.holdings!)).toBeGreaterThan(2);
  for (const { name, state } of supervisor.status().engines) expect({ name, state }).toEqual({ name, state: "ended" });
}, 120_000);
