/** tickforge validate bus beside a system that runs: its topics are looked at, and not one byte of them changes. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf } from "../../../src/analysis/bus_score.js";
import type { BusValidation } from "../../../src/analysis/bus_validation.js";
import { topic } from "../../../src/bus/frame.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { redisServer, startRedis, whyNoRedis } from "../../bus/kit/redis_server.js";
import { built, requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

const trades = topic({ name: "trades", columns: { price: { dtype: "f64" } }, rows: 4, slots: 8, backpressure: "block" });
const quotes = topic({ ...trades, name: "quotes", slots: 2, backpressure: "evict" });
const folder = temporaryFolder();

beforeAll(requireBuilt);

describe("rings that somebody uses", () => {
  const place = join(folder, "live");
  const bytes = () =>
    readdirSync(place).map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(place, name)))
        .digest("hex"),
    ]);
  let bus: SharedBus;
  beforeAll(() => {
    bus = new SharedBus({ folder: place });
    const [publisher, reader] = [bus.publisher(trades), bus.subscribe(trades)];
    bus.subscribe(trades);
    const late = bus.subscribe(quotes);
    const quoted = bus.publisher(quotes);
    for (let i = 0; i < 6; i++) {
      publisher.publish({ price: new Float64Array(2).fill(i) });
      quoted.publish({ price: Float64Array.of(i) });
    }
    reader.poll(() => {});
    late.poll(() => {});
  });
  afterAll(() => bus.close());

  it("are measured by probes that leave nothing behind, and looked at", async () => {
    const before = bytes();
    const { code, stdout } = await tickforge(["validate", "bus", "--folder", place, "--quick", "--json"]);
    const found = JSON.parse(stdout) as BusValidation & { score: number; advice: { about: string }[] };
    expect([code, faultsOf(found)]).toEqual([0, []]);
    expect(bytes()).toEqual(before);
    expect(
      found.topics.map(({ topic: name, published, subscribers, lag, inUse }) => ({ name, published, subscribers, lag, inUse })),
    ).toEqual([
      { name: "quotes", published: 6, subscribers: 1, lag: 0, inUse: true },
      { name: "trades", published: 12, subscribers: 2, lag: 6, inUse: true },
    ]);
    expect(found.topics.map(({ rowsPerSecond, lost, fullMeanwhile }) => [rowsPerSecond, lost > 0, fullMeanwhile])).toEqual([
      [0, true, 0],
      [0, false, 0],
    ]);
    const about = found.advice.map((one) => one.about).join();
    expect(about).toContain("topic 'quotes'");
    expect(about).toContain("topic 'trades'");
    expect(found.topologies.map(({ topology, checks, pairs }) => [topology, checks.length, pairs.length])).toEqual([["running", 2, 1]]);
    expect(found.silences.map(({ how, rows }) => [how, rows.expected - rows.got])).toEqual([
      ["killed", 0],
      ["stopped", 0],
    ]);
    expect(found.score).toBeGreaterThan(0);
  });

  it("are there, and no topologies beside them", async () => {
    mkdirSync(join(folder, "empty"), { mode: 0o700 });
    for (const [args, status, says] of [
      [["--folder", join(folder, "nowhere")], 1, /there is no such folder/],
      [["--folder", join(folder, "empty")], 1, /there is no topic in .*empty/],
      [["--folder", place, "single"], 2, /a bus that runs: it has no topologies to choose/],
      [["--folder", place, "--redis"], 2, /no servers are started for it/],
      [["--folder", place, "--namespace", "live"], 2, /one or the other/],
    ] as const) {
      const { code, stdout, stderr } = await tickforge(["validate", "bus", ...args]);
      expect([args, code, stdout]).toEqual([args, status, ""]);
      expect(stderr).toMatch(says);
    }
  });
});

it.skipIf(!redisServer)(
  `a server that somebody uses keeps every key as it was${redisServer ? "" : `: skipped, ${whyNoRedis}`}`,
  async () => {
    const server = await startRedis();
    try {
      const bus = new RedisBus({ url: server.socket, namespace: "theirs" });
      const publisher = bus.publisher(trades);
      for (let i = 0; i < 5; i++) publisher.publish({ price: new Float64Array(4).fill(i) });
      await bus.close();
      const all =
        "local r={} for _,k in ipairs(redis.call('KEYS','*')) do r[#r+1]=k..redis.sha1hex(redis.call('DUMP',k)) end table.sort(r) return r";
      const before = server.cli("eval", all, "0");
      const { runValidation } =
        await built<typeof import("../../../src/cli/validate_bus/validate_run.js")>("cli/validate_bus/validate_run.js");
      const place = { url: server.socket, namespace: "theirs" };
      const running = [{ name: "theirs", place, topics: ["trades", "nothing"] }];
      const found = await runValidation({ topologies: [], redis: false, quick: true, running });
      expect(server.cli("eval", all, "0")).toBe(before);
      expect(faultsOf(found)).toEqual([expect.stringMatching(/^topic 'nothing' on theirs: the server knows no topic of this name/)]);
      expect(found.topics[0]).toMatchObject({ topic: "trades", published: 20, rowsPerSecond: 0, subscribers: 0, fault: "" });
      expect(found.servers).toMatchObject([{ bus: "theirs", policy: "noeviction", memoryMost: 0, appendOnly: false }]);
      expect(found.topologies[0]!.base!.trips).toBeGreaterThan(30);
      expect(found.silences).toHaveLength(2);
    } finally {
      await server.stop();
    }
  },
);
