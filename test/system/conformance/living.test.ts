/** Engines that depend on the world outside: every row is taken however rows come, and their topics hold nobody up. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { pricesTopic } from "../../../src/engines/prices.js";
import { RiskEngine, riskTopic } from "../../../src/engines/risk_engine.js";
import { temporaryFolder } from "../../support/cli.js";
import { livingOnes } from "./cases.js";
import { make } from "./made.js";
import { live } from "./world.js";

install();
const folder = temporaryFolder();
let runs = 0;

describe.each(Object.entries(livingOnes))("%s", (engine, one) => {
  it("takes every row once, in batches of any size", async () => {
    for (const life of [{ seed: 1 }, { seed: 2, feeds: 0.2 }, { seed: 3, sinks: 0.05 }]) {
      const into = join(folder, `run ${runs++}`);
      const { board } = await live(make(engine, one, into), into, { ...life, ordered: false });
      expect([board.get("taken"), board.get("refused")]).toEqual([one.inputs.length, 0]);
    }
  });
});

it("monitor: counts the rows of its topics, and goes on where another one was killed", async () => {
  const into = join(folder, `run ${runs++}`);
  const one = livingOnes.monitor!;
  const { results, kills } = await live(make("monitor", one, into), into, { kills: 0.1, seed: 4, ordered: false });
  expect(kills).toBeGreaterThan(0);
  expect(Object.keys(results)).toContain("performance_metric");
});

it("an engine of one series refuses a second instrument by name, and keeps what it had", () => {
  const bus = new MemoryBus();
  const prices = pricesTopic({ rows: 8, slots: 4 });
  const [subscription, publisher] = [bus.subscribe(prices), bus.publisher(prices)];
  const results = riskTopic({ rows: 8, slots: 4 });
  const found = bus.subscribe(results);
  const engine = new RiskEngine({ window: 2, confidence: 0.9, periodsPerYear: 1 }, bus.publisher(results));
  const publish = (...instrument: number[]) =>
    publisher.publish({
      time: BigInt64Array.from(instrument, (_, i) => BigInt(i)),
      price: Float64Array.from(instrument, (_, i) => 100 + i),
      instrument: Uint32Array.from(instrument),
    });
  publish(3, 3, 3);
  subscription.poll((batch) => void engine.take(batch as never));
  publish(3, 1);
  expect(() => subscription.poll((batch) => void engine.take(batch as never))).toThrow(
    /RiskEngine: row 4 .*prices is of instrument 1, after those of instrument 3/,
  );
  let rows = 0;
  found.poll((batch) => {
    rows += batch.rows;
  });
  expect(rows).toBe(3);
});
