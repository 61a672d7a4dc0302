/** Six servers, three of them replicas: topics lie on all of them, and one that dies is replaced. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { freePort, redisServer, type Server, startRedis, whyNoRedis } from "../kit/redis_server.js";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(!redisServer)(redisServer ? "redis cluster" : `skipped: ${whyNoRedis}`, () => {
  const nodes: { server: Server; port: number }[] = [];
  const addresses = () => nodes.map(({ port }) => `127.0.0.1:${port}`);
  beforeAll(async () => {
    for (let i = 0; i < 6; i++) {
      const [port, busPort] = [await freePort(), await freePort()];
      const args = [
        "--port",
        String(port),
        "--cluster-enabled",
        "yes",
        "--cluster-port",
        String(busPort),
        "--cluster-node-timeout",
        "600",
        "--bind",
        "127.0.0.1",
      ];
      nodes.push({ server: await startRedis(args), port });
    }
    execFileSync("redis-cli", ["--cluster", "create", ...addresses(), "--cluster-replicas", "1", "--cluster-yes"], { stdio: "ignore" });
    while (!nodes.every(({ server }) => server.cli("cluster", "info").includes("cluster_state:ok"))) await pause(20);
  }, 60_000);
  afterAll(() => Promise.all(nodes.map(({ server }) => server.stop())));

  it("topics of three shards, each with its publisher and subscriber; a master is killed in the middle and nothing is lost", async () => {
    const [here, there] = [new RedisBus({ cluster: addresses() }), new RedisBus({ cluster: addresses() })];
    await here.answers(5000);
    const topics = [..."abcdef"].map((name) =>
      topic({ name: `t.${name}`, columns: { id: { dtype: "f64" } }, rows: 4, slots: 64, backpressure: "block" }),
    );
    const got = topics.map(() => ({ ids: [] as number[], lost: 0 }));
    for (const [i, of] of topics.entries()) {
      const subscription = there.subscribe(of);
      await subscription.ready;
      void (async () => {
        for await (const { columns, rows, lost } of subscription) {
          got[i]!.ids.push(...columns.id.subarray(0, rows));
          got[i]!.lost += lost;
        }
      })().catch(() => {});
    }
    const publishers = topics.map((of) => here.publisher(of));
    const total = 1500;
    const say = async (from: number, to: number) => {
      for (let id = from; id < to; id++)
        for (const publisher of publishers)
          while (publisher.publish({ id: Float64Array.of(id) }) === 0) await publisher.room().catch(() => pause(50));
    };
    await say(0, 200);
    const keys = nodes.map(({ server }) => Number(server.cli("dbsize")));
    expect(keys.filter((count) => count > 0).length).toBeGreaterThan(2);
    const master = nodes.find(({ server }) => server.cli("role").startsWith("master") && Number(server.cli("dbsize")) > 0)!;
    master.server.process.kill("SIGKILL");
    await say(200, total);
    for (const publisher of publishers) await publisher.close();
    while (got.some(({ ids }) => ids.length < total)) await pause(20);
    for (const { ids, lost } of got) {
      expect(lost).toBe(0);
      expect(ids).toEqual(Array.from({ length: total }, (_, i) => i));
    }
    await Promise.allSettled([here.close(), there.close()]);
  }, 60_000);
});
